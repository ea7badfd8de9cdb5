/**
 * Conduct — a call by TwiML: asks the bot for a document, does its verbs one after the other, tells the bot how a verb ended where that verb
 * says so, and does what the bot answers then. The end of a document is the end of the call.
 *
 * Where the service's documents are silent, and where this emulation has a choice:
 *
 * - A prompt is what stands in one run of `Say`, `Play` and `Pause`, as somebody who listens would have it.
 * - `Pause` and `Redirect` do not answer a call that rings; everything else but `Reject` does.
 * - What the bot orders by REST while the service waits for an answer of its is done instead of that answer.
 * - A caller who is handed on and a caller who comes back look the same to the service, which has `Dial` for both. When the bot has
 *   nothing to say to him afterwards, he counts as transferred.
 * - An error of the bot (a status that is no success, no answer in time, a document that is none) ends the call: there is no fallback URL.
 *
 * @module
 */
import { type Ending, placeIn, speaks } from '../../line-action.ts';
import type { LiveLine } from '../../live-line.ts';
import { toneWav } from '../../tone.ts';
import { type Account, type AccountCall, isOver, newSid, type Order } from './account.ts';
import { type Step, stepsOf } from './actions.ts';
import { type BadLine, deliveries, type Deliveries } from './deliveries.ts';
import { type Element, type Read, readDocument, readTwiml } from './document.ts';
import { callFields, requestOf, timestamp } from './parameters.ts';
import type { Fields } from './signature.ts';

/** What a verb that is not carried out here comes to: what its `action` is told, or that the call goes on behind it. */
export type ForeignEnd = (verb: { readonly name: string; readonly attributes: Readonly<Record<string, string>>; readonly text: string }) => Fields | 'goes on';

/** What calls are conducted with. */
export interface Office {
  readonly account: Account;
  /** Where the service's own API is. */
  readonly apiUrl: string;
  /** How the outside sees the endpoint that a call is announced at. */
  readonly publicly: (url: string) => string;
  /** Where the number has its status callbacks sent; nowhere where that is undefined. */
  readonly statusCallback: (url: string) => string | undefined;
  readonly foreignEnd: ForeignEnd;
  readonly badLine: BadLine;
}

/** Where the next document comes from. */
type Source = { readonly url: string; readonly method: 'GET' | 'POST'; readonly fields: Fields } | { readonly read: Read; readonly url: string };

/** A call while it is conducted. */
interface Call {
  readonly line: LiveLine;
  readonly office: Office;
  readonly record: AccountCall;
  readonly deliveries: Deliveries;
  /** What the bot has ordered since the verb began. */
  ordered: Order | undefined;
  /** Breaks the open verb off. */
  stop: AbortController;
  /** Whether the caller has talked with somebody else since the bot last had a word for him. */
  handedOn: boolean;
  sequence: number;
}

/** Conducts the call on `line` to its end. */
export const conduct = async (line: LiveLine, office: Office): Promise<void> => {
  const record = office.account.calls.get(line.call.id) ?? incoming(line, office.account);
  const call: Call = { line, office, record, deliveries: deliveries(line, badLineOf(line, office)), ordered: undefined, stop: new AbortController(), handedOn: false, sequence: 0 };
  record.order = (order) => {
    call.ordered = order;
    call.stop.abort();
  };
  const since = line.clock.now();
  let source = await first(call);
  while (source !== undefined && line.ended === undefined) source = await perform(source, call);
  delete record.order;
  if (!isOver(record)) record.status = 'completed';
  const seconds = record.status === 'completed' ? Math.ceil((line.clock.now() - since) / 1_000) : 0;
  report(call, 'completed', { CallDuration: String(seconds), Duration: String(Math.ceil(seconds / 60)) });
  await call.deliveries.done();
};

/** What is bad about the line of everybody, and of this call on top. What is late or comes twice in this call is the line's own doing. */
const badLineOf = ({ trouble }: LiveLine, { badLine }: Office): BadLine => ({ ...badLine, twice: badLine.twice === true && trouble.twice !== true, reordered: badLine.reordered === true || trouble.reordered === true });

const incoming = (line: LiveLine, account: Account): AccountCall => {
  const { id, from, to } = line.call;
  const record: AccountCall = { sid: id, from, to, direction: 'inbound', status: 'ringing' };
  account.calls.set(id, record);
  return record;
};

/** What the first document is asked from; nothing where nobody takes a call that was placed. */
async function first(call: Call): Promise<Source | undefined> {
  const { line, office, record } = call;
  const { placed } = record;
  if (placed === undefined) return { url: office.publicly(line.url), method: 'POST', fields: line.call.name === undefined ? {} : { CallerName: line.call.name } };
  report(call, 'initiated');
  record.status = 'ringing';
  report(call, 'ringing');
  const picked = call.ordered === undefined ? await line.rings(placed.timeoutMs, call.stop.signal) : 'over';
  if (picked !== 'answered' || call.ordered !== undefined) {
    const { by, reason } = line.cut() ?? { by: 'line', reason: 'unanswered' };
    record.status = call.ordered !== undefined ? 'canceled' : picked === 'failed' ? 'failed' : picked === 'busy' || by === 'caller' ? 'busy' : 'no-answer';
    line.end(by, reason);
    return undefined;
  }
  const { answeredBy } = line.call;
  line.answer();
  record.status = 'in-progress';
  if (answeredBy !== undefined && placed.detects !== undefined) record.answeredBy = answeredBy;
  report(call, 'answered');
  if ('twiml' in placed.first) return { read: readTwiml(placed.first.twiml), url: office.publicly(line.url) };
  return { ...placed.first, fields: record.answeredBy === undefined ? {} : { AnsweredBy: detectedAs(record.answeredBy, placed.detects === 'DetectMessageEnd') } };
}

const detectedAs = (by: NonNullable<AccountCall['answeredBy']>, atMessageEnd: boolean): string => (by === 'machine' ? (atMessageEnd ? 'machine_end_beep' : 'machine_start') : by);

/** Tells whoever wants to know how the call stands. Of a call that came in that is its end alone. */
function report(call: Call, event: 'initiated' | 'ringing' | 'answered' | 'completed', more: Fields = {}): void {
  const { line, office, record } = call;
  const { placed } = record;
  const sequence = call.sequence;
  if (placed !== undefined) call.sequence += 1;
  const url = placed === undefined ? office.statusCallback(line.url) : placed.statusCallback;
  if (url === undefined || (event !== 'completed' && placed?.statusEvents.includes(event) !== true)) return;
  const status = event === 'initiated' ? 'initiated' : record.status;
  const fields = { ...callFields(office.account, record), CallStatus: status, ...more, Timestamp: timestamp(), CallbackSource: 'call-progress-events', SequenceNumber: String(sequence) };
  call.deliveries.deliver(event, requestOf(office.account, url, 'POST', fields), event === 'completed');
}

/** Gets the document of `source` and does it; where the next one comes from, if there is one. */
async function perform(source: Source, call: Call): Promise<Source | undefined> {
  const read = 'read' in source ? source.read : await fetched(source, call);
  const { line } = call;
  if (call.ordered !== undefined) return ordered(source.url, call);
  if (read === undefined || line.ended !== undefined) return undefined;
  const by = line.cut();
  if (by !== undefined) return void line.end(by.by, by.reason);
  if ('problem' in read) {
    line.note('line', 'error', `${read.code}: ${read.problem}`);
    return void line.end('line', 'application-error');
  }
  line.round();
  return run(read.verbs, source.url, call);
}

async function fetched({ url, method, fields }: Extract<Source, { readonly fields: unknown }>, call: Call): Promise<Read | undefined> {
  const { line, office, record } = call;
  const request = requestOf(office.account, url, method, { ...callFields(office.account, record), ...fields });
  if (office.badLine.answersLost === true && line.trouble.lost !== true) await line.post(line.carry(request.url), request.message);
  const posted = await line.post(line.carry(request.url), request.message);
  if (posted.got === 'reply') return readDocument(posted.body, posted.contentType);
  if (call.ordered === undefined) line.end('line', posted.why === 'late' || posted.why === 'connection' ? 'unreachable' : 'application-error');
  return undefined;
}

/** What the bot has ordered, as the next document. */
async function ordered(base: string, call: Call): Promise<Source | undefined> {
  const { line } = call;
  const order = call.ordered;
  call.ordered = undefined;
  call.stop = new AbortController();
  if (order === undefined || line.ended !== undefined) return undefined;
  if ('hangup' in order) return hangUp(call);
  return 'twiml' in order ? { read: readTwiml(order.twiml), url: base } : { ...order, fields: {} };
}

/** Does `verbs`, which stand in the document at `base`. */
async function run(verbs: readonly Element[], base: string, call: Call): Promise<Source | undefined> {
  const { line, record } = call;
  const steps = stepsOf(verbs);
  const actions = steps.flatMap(({ action }) => action ?? []);
  for (const [index, step] of steps.entries()) {
    const { verb, action } = step;
    if (verb.name === 'Redirect') return lead(verb, verb.text, base, {}, call);
    if (action?.type === 'reject' && (index > 0 || line.state !== 'incoming')) {
      line.note('line', 'warned', '`Reject` is the first verb of a call or none');
      continue;
    }
    if (line.state === 'incoming' && action?.type !== 'reject' && step.waits === undefined) established(call);
    if (action === undefined) {
      const fields = foreign(verb, call);
      if (fields !== undefined) return lead(verb, verb.attributes['action'] ?? '', base, fields, call);
      continue;
    }
    if (action.type === 'hangup') return hangUp(call);
    if (action.type === 'reject') record.status = action.params.reason === 'busy' ? 'busy' : 'no-answer';
    if (action.type === 'recognize' || action.type === 'record' || (action.type === 'play' && speaks(action))) call.handedOn = false;
    const since = line.clock.now();
    const place = placeIn(actions, actions.indexOf(action));
    const ending = await line.act(action, { ...place, isLast: place.isLast || verb.attributes['action'] !== undefined }, call.stop.signal); // its `action` is what comes next
    if (step.endless === true && ending.end === 'done') await endless(call);
    if (call.ordered !== undefined) return ordered(base, call);
    const told = outcome(step, ending, { seconds: Math.ceil((line.clock.now() - since) / 1_000), base, call });
    if (line.ended !== undefined) return void (told === undefined ? undefined : await tellLast(verb, told, base, call));
    if (told !== undefined) return lead(verb, verb.attributes['action'] ?? '', base, told, call);
  }
  return hangUp(call);
}

function established({ line, record }: Call): void {
  line.answer();
  record.status = 'in-progress';
}

/** It plays on: until the bot orders something else, or the call is over. */
async function endless(call: Call): Promise<void> {
  const { line } = call;
  const stopped = new Promise<true>((resolve) => {
    if (call.stop.signal.aborted) resolve(true);
    call.stop.signal.addEventListener('abort', () => resolve(true), { once: true });
  });
  const came = await line.until(stopped, longestCallMs);
  if (came !== undefined || line.ended !== undefined) return;
  const { by, reason } = line.cut() ?? { by: 'line', reason: 'length' };
  line.end(by, reason);
}

/** Four hours, as the service has it. */
const longestCallMs = 14_400_000;

/** The document is over, or the bot hangs up. */
async function hangUp({ line, handedOn }: Call): Promise<undefined> {
  if (handedOn) return void line.end('transferred');
  await line.act({ type: 'hangup', params: {}, operationId: 'end' }, { isLast: true, isFirstPrompt: false });
}

/** A verb that has ended: how long it took, and in which document of which call. */
interface Ended {
  readonly seconds: number;
  readonly base: string;
  readonly call: Call;
}

/** What the `action` of the verb is told of how it ended; nothing, where the next verb is done instead. */
function outcome(step: Step, ending: Ending, about: Ended): Fields | undefined {
  switch (step.action?.type) {
    case 'recognize':
      return gathered(step.verb, ending);
    case 'record':
      return taped(step.verb, ending, about);
    case 'createcall':
      return dialled(step.verb, ending, about);
    case 'transfer':
      return referred(step.verb, ending);
    default:
      return undefined;
  }
}

function gathered({ attributes }: Element, ending: Ending): Fields | undefined {
  if (ending.end === 'speech') return { SpeechResult: ending.phrase, Confidence: '0.9128386', Language: attributes['language'] ?? 'en-US' };
  const isEmpty = ending.end !== 'digits' || ending.digits === '';
  if (isEmpty && (attributes['actionOnEmptyResult'] !== 'true' || ending.end === 'left')) return undefined;
  const digits = ending.end === 'digits' ? ending.digits : '';
  const finish = ending.end === 'digits' && ending.by === 'termchar' && digits !== '' ? (attributes['finishOnKey'] ?? '#') : '';
  return { Digits: digits, FinishedOnKey: finish, msg: 'Gather End' };
}

/** What a recording came to. Of silence there is none, and the next verb is done. */
function taped({ attributes }: Element, ending: Ending, { base, call }: Ended): Fields | undefined {
  const { record, office } = call;
  const { account, apiUrl } = office;
  if (ending.end !== 'recorded') return undefined;
  const sid = newSid('RE');
  account.recordings.set(sid, { sid, callSid: record.sid, lengthMs: ending.lengthMs, wav: ending.wav ?? toneWav(ending.lengthMs) });
  const RecordingUrl = `${apiUrl}/2010-04-01/Accounts/${account.accountSid}/Recordings/${sid}`;
  const RecordingDuration = String(Math.max(1, Math.round(ending.lengthMs / 1_000)));
  const { recordingStatusCallback, recordingStatusCallbackMethod } = attributes;
  const url = recordingStatusCallback === undefined ? undefined : addressed(recordingStatusCallback, base);
  if (url !== undefined) {
    const fields = {
      RecordingSource: 'RecordVerb', RecordingSid: sid, RecordingUrl, RecordingStatus: 'completed', RecordingChannels: '1', ErrorCode: '0', CallSid: record.sid, RecordingStartTime: timestamp(),
      AccountSid: account.accountSid, RecordingDuration, RecordingTrack: 'both',
    };
    call.deliveries.deliver('recording', requestOf(account, url, recordingStatusCallbackMethod === 'GET' ? 'GET' : 'POST', fields), false);
  }
  const digits = ending.by === 'hangup' ? 'hangup' : ending.by === 'termchar' ? (ending.key ?? '#') : undefined;
  return { RecordingUrl, RecordingSid: sid, RecordingDuration, ...(digits !== undefined && { Digits: digits }) };
}

function dialled({ attributes }: Element, ending: Ending, { seconds, call }: Ended): Fields | undefined {
  if (ending.end === 'left' || ending.end === 'interrupted') return undefined;
  const isDone = ending.end === 'done';
  if (isDone) call.handedOn = true;
  const status = isDone ? 'completed' : ending.end === 'busy' ? 'busy' : ending.end === 'noanswer' ? 'no-answer' : 'failed';
  if (attributes['action'] === undefined) return undefined;
  return { DialCallSid: newSid('CA'), DialCallStatus: status, DialBridged: String(isDone), ...(isDone && { DialCallDuration: String(seconds) }) };
}

function referred({ attributes }: Element, ending: Ending): Fields | undefined {
  if (attributes['action'] === undefined || ending.end === 'left' || ending.end === 'interrupted') return undefined;
  if (ending.end === 'done') return { ReferCallStatus: 'completed', ReferSipResponseCode: '202', NotifySipResponseCode: '200' };
  return { ReferCallStatus: 'failed', ReferSipResponseCode: '202', NotifySipResponseCode: ending.end === 'busy' ? '486' : ending.end === 'noanswer' ? '480' : '500' };
}

/** The bot is told the outcome of the last verb of a call that is over; what it answers is heard by nobody. */
async function tellLast(verb: Element, fields: Fields, base: string, call: Call): Promise<void> {
  const { line, office, record } = call;
  record.status = 'completed';
  const address = addressed(verb.attributes['action'] ?? '', base);
  if (address === undefined) return;
  const { url, message } = requestOf(office.account, address, methodOf(verb), { ...callFields(office.account, record), ...fields });
  await line.post(line.carry(url), message);
}

/** What a verb that is not carried out here comes to; nothing, where it is passed over. */
function foreign(verb: Element, { line, office }: Call): Fields | undefined {
  const fields = office.foreignEnd(verb);
  line.note('line', 'warned', fields === 'goes on' ? `\`${verb.name}\` is passed over` : `\`${verb.name}\` ends as wished`);
  return fields === 'goes on' ? undefined : fields;
}

/** Where `verb` leads, which says so by `address` in the document at `base`. */
function lead(verb: Element, address: string, base: string, fields: Fields, { line }: Call): Source | undefined {
  const url = addressed(address, base);
  if (url !== undefined) return { url, method: methodOf(verb), fields };
  line.note('line', 'error', `11100: \`${verb.name}\` leads to what is no URL`);
  return void line.end('line', 'application-error');
}

/** `address` as it stands in the document at `base`, in full. */
const addressed = (address: string, base: string): string | undefined => (URL.canParse(address, base) && /^https?:$/.test(new URL(address, base).protocol) ? new URL(address, base).href : undefined);

const methodOf = ({ attributes }: Element): 'GET' | 'POST' => (attributes['method']?.toUpperCase() === 'GET' ? 'GET' : 'POST');
