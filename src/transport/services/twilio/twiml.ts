/**
 * TwiML — the elements that Twilio has, the attributes and the children of each: one table, written after its documentation.
 *
 * What a bot is made of stands in it whole. The verbs that a bot may emit by name, such as Pay or Enqueue, are known by name, and
 * may have any attributes and hold anything. Values are held to their kind; where a default says the same, `encode` leaves the
 * attribute out.
 *
 * @module
 */
import type { Element } from './xml.ts';
import type { RuleId } from './rules.ts';

/** What the value of an attribute may be. */
type Kind = (value: string) => boolean;

const text: Kind = () => true;
const whole: Kind = (value) => /^\d+$/.test(value);
const flag: Kind = (value) => /^(?:true|false)$/i.test(value);
const address: Kind = (value) => value.trim() !== '';
const method: Kind = (value) => /^(?:GET|POST)$/i.test(value);
const words = (...known: readonly string[]): Kind => (value) => value.trim() !== '' && value.trim().split(/\s+/).every((word) => known.includes(word));
const keys: Kind = (value) => /^[0-9*#]*$/.test(value);

/** What is known of an element. */
interface Known {
  readonly attributes: Readonly<Record<string, Kind>>;
  /** The elements that may stand in it. */
  readonly children: readonly string[];
  /** Whether it holds text, and whether it means nothing without content. Default none. */
  readonly text?: 'may' | 'must';
  /** Whether everything is left to it. */
  readonly free?: true;
}

const known = (attributes: Readonly<Record<string, Kind>>, children: readonly string[] = [], holds?: 'may' | 'must'): Known => ({ attributes, children, ...(holds !== undefined && { text: holds }) });
const free: Known = { attributes: {}, children: [], free: true };

const speakable = ['break', 'emphasis', 'lang', 'p', 'phoneme', 'prosody', 's', 'say-as', 'sub', 'w'];
const within = (...absent: readonly string[]): readonly string[] => speakable.filter((name) => !absent.includes(name));

const recording = { recordingStatusCallback: address, recordingStatusCallbackMethod: method, recordingStatusCallbackEvent: words('in-progress', 'completed', 'absent'), recordingConfigurationId: text, trim: words('trim-silence', 'do-not-trim') };
const party = { url: address, method, statusCallback: address, statusCallbackMethod: method, statusCallbackEvent: words('initiated', 'ringing', 'answered', 'completed') };
const machine = {
  machineDetection: text, machineDetectionTimeout: whole, machineDetectionSpeechThreshold: whole, machineDetectionSpeechEndThreshold: whole, machineDetectionSilenceTimeout: whole,
  amdStatusCallback: address, amdStatusCallbackMethod: method,
};

const elements: Readonly<Record<string, Known>> = {
  Response: known({}, [
    'Say', 'Play', 'Pause', 'Gather', 'Record', 'Dial', 'Refer', 'Redirect', 'Reject', 'Hangup',
    'Connect', 'Echo', 'Enqueue', 'Leave', 'Pay', 'Prompt', 'Queue', 'Sms', 'Start', 'Stop',
  ]),
  Say: known({ voice: text, language: text, loop: whole }, speakable, 'must'),
  Play: known({ loop: whole, digits: (value) => /^[0-9*#wWA-D]+$/.test(value) }, [], 'may'),
  Pause: known({ length: whole }),
  Gather: known(
    {
      input: words('dtmf', 'speech'), action: address, method, timeout: whole, finishOnKey: keys, numDigits: whole, language: text, hints: text, bargeIn: flag, actionOnEmptyResult: flag,
      speechTimeout: (value) => value === 'auto' || whole(value), maxSpeechTime: whole, speechModel: text, enhanced: flag, profanityFilter: flag,
      partialResultCallback: address, partialResultCallbackMethod: method, debug: flag,
    },
    ['Say', 'Play', 'Pause'],
  ),
  Record: known({ action: address, method, timeout: whole, finishOnKey: keys, maxLength: whole, playBeep: flag, transcribe: flag, transcribeCallback: address, ...recording }),
  Dial: known(
    {
      action: address, method, timeout: whole, timeLimit: whole, hangupOnStar: flag, callerId: text, answerOnBridge: flag, ringTone: text, sequential: flag, events: text, passports: text,
      record: words('do-not-record', 'record-from-answer', 'record-from-ringing', 'record-from-answer-dual', 'record-from-ringing-dual', 'true', 'false'),
      recordingTrack: words('both', 'inbound', 'outbound'), referUrl: address, referMethod: method, ...recording,
    },
    ['Number', 'Sip', 'Client', 'Conference', 'Queue', 'Sim', 'Application', 'WhatsApp'],
    'must',
  ),
  Number: known({ sendDigits: text, byoc: text, ...party, ...machine }, [], 'must'),
  Sip: known({ username: text, password: text, ...party, ...machine }, ['Uri', 'Headers'], 'must'),
  Client: known(party, ['Identity', 'Parameter'], 'must'),
  Identity: known({}, [], 'must'),
  Parameter: known({ name: text, value: text }),
  Refer: known({ action: address, method }, ['Sip', 'ReferSip'], 'must'),
  Redirect: known({ method }, [], 'may'),
  Reject: known({ reason: words('rejected', 'busy') }, ['Parameter']),
  Hangup: known({}),
  Uri: known({ priority: text, weight: text, username: text, password: text }, [], 'must'),
  break: known({ strength: words('none', 'x-weak', 'weak', 'medium', 'strong', 'x-strong'), time: (value) => /^\d+(?:\.\d+)?m?s$/.test(value) }),
  emphasis: known({ level: words('strong', 'moderate', 'reduced', 'none') }, within('p', 's'), 'may'),
  lang: known({ 'xml:lang': text }, speakable, 'may'),
  p: known({}, within('p'), 'may'),
  phoneme: known({ alphabet: words('ipa', 'x-sampa', 'x-amazon-jyutping', 'x-amazon-pinyin', 'x-amazon-pron-kana', 'x-amazon-yomigana'), ph: text }, [], 'may'),
  prosody: known({ volume: text, rate: text, pitch: text }, speakable, 'may'),
  s: known({}, within('p', 's'), 'may'),
  'say-as': known(
    {
      'interpret-as': words('characters', 'spell-out', 'cardinal', 'number', 'ordinal', 'digits', 'fraction', 'unit', 'date', 'time', 'address', 'expletive', 'telephone'),
      format: words('mdy', 'dmy', 'ymd', 'md', 'dm', 'ym', 'my', 'd', 'm', 'y', 'yyyymmdd'),
      role: text,
    },
    [],
    'may',
  ),
  sub: known({ alias: text }, [], 'may'),
  w: known({ role: text }, within('lang', 'p', 's', 'w'), 'may'),
  ...Object.fromEntries(
    ['Connect', 'Echo', 'Enqueue', 'Leave', 'Pay', 'Prompt', 'Queue', 'Sms', 'Start', 'Stop', 'Conference', 'Sim', 'Application', 'WhatsApp', 'Headers', 'ReferSip'].map((name) => [name, free]),
  ),
};

/** A broken rule, and where: as XPath says it, such as `/Response/Gather[1]/@timeout`. */
export interface Violation {
  readonly rule: RuleId;
  readonly path: string;
}

/** The rules that `root` and all within it break, in the order of the document. */
export const violationsIn = (root: Element, path = `/${root.name}`): readonly Violation[] => {
  const row = Object.hasOwn(elements, root.name) ? elements[root.name] : undefined;
  if (row === undefined) return [{ rule: 'X-VERB', path }];
  return row.free === true ? [] : [...attributeViolations(root, row, path), ...contentViolations(root, row, path), ...childViolations(root, row, path)];
};

const attributeViolations = ({ attributes }: Element, row: Known, path: string): readonly Violation[] =>
  Object.entries(attributes).flatMap(([name, value]): readonly Violation[] => {
    if (isNamespace(name)) return [];
    const kind = Object.hasOwn(row.attributes, name) ? row.attributes[name] : undefined;
    if (kind === undefined) return [{ rule: 'X-ATTRIBUTE', path: `${path}/@${name}` }];
    return kind(value) ? [] : [{ rule: 'X-VALUE', path: `${path}/@${name}` }];
  });

/** Where a document names its schema, which says nothing to Twilio. */
const isNamespace = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:') || name.startsWith('xsi:');

const contentViolations = ({ name, attributes, children }: Element, row: Known, path: string): readonly Violation[] => {
  const hasText = children.some((child) => typeof child === 'string' && child.trim() !== '');
  if (hasText && row.text === undefined) return [{ rule: 'X-TEXT', path }];
  const isEmpty = !hasText && children.every((child) => typeof child === 'string');
  const needsContent = row.text === 'must' || (name === 'Play' && attributes['digits'] === undefined);
  return isEmpty && needsContent ? [{ rule: 'X-CONTENT', path }] : [];
};

const childViolations = ({ name, children }: Element, row: Known, path: string): readonly Violation[] => {
  const counts = new Map<string, number>();
  const all = children.filter((child) => typeof child !== 'string');
  return all.flatMap((child, index): readonly Violation[] => {
    const count = (counts.get(child.name) ?? 0) + 1;
    counts.set(child.name, count);
    const at = `${path}/${child.name}[${count}]`;
    if (!Object.hasOwn(elements, child.name)) return [{ rule: 'X-VERB', path: at }];
    if (!row.children.includes(child.name)) return [{ rule: 'X-NESTING', path: at }];
    const late: readonly Violation[] = name === 'Response' && child.name === 'Reject' && index > 0 ? [{ rule: 'X-REJECT', path: at }] : [];
    return [...late, ...violationsIn(child, at)];
  });
};
