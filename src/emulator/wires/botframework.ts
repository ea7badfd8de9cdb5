/**
 * The wire of the Bot Framework calling service, from the service's side: conversations and results out, workflows in.
 *
 * The outcome of an answer is that of its last action, or of the first that failed; the rest is skipped then. An illegal
 * answer runs nothing and is told so. Whatever ends the call while an action is open ends that action, and its outcome says
 * that the call is terminated; where nothing is open the call itself is told to be.
 *
 * A workflow is held to the rules of `transport/services/botframework/limits.ts`, which is what the service's own reader
 * refuses by; everything else here is written from the wire and not from our decoder.
 *
 * Where the service's documents are silent, this is what the emulator does: a missing `maxSilenceTimeoutInSeconds` is five
 * seconds (the documents' figure; the object model has one), a stop tone without a digit before it is a failure, and a
 * recording is WAV whatever was asked for, and says so.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { type Choice, DtmfKey, type PromptItem, type Recognize, type Record as RecordParams, SayAs } from '../../actions/index.ts';
import { type Profile, checkWorkflow } from '../../transport/services/botframework/limits.ts';
import { rules } from '../../transport/services/botframework/rules.ts';
import { type Ending, type LineAction, placeIn, succeeded } from '../line-action.ts';
import type { LineCall, LineState, LiveLine } from '../live-line.ts';
import type { Message } from '../post.ts';
import { toneWav } from '../tone.ts';
import type { Wire } from './wire.ts';

/** What a bot's answer asks for. */
export type Reply =
  | { readonly kind: 'nothing' }
  | ({ readonly kind: 'actions'; readonly actions: readonly LineAction[] } & ReplyLinks)
  /** Nothing of it runs. `text` says to a person which rule is broken, and where. */
  | ({ readonly kind: 'refused'; readonly rule: string; readonly text: string; readonly operationId: string } & ReplyLinks);

/** What rides along with an answer. Without a callback the outcome is told to nobody. */
export interface ReplyLinks {
  readonly callback?: string;
  /** Comes back with the outcome. */
  readonly appState?: string;
}

/** The words of the Bot Framework. */
export interface BotframeworkWire extends Wire {
  /** A call comes in. */
  incoming(call: LineCall): Message;
  /** The call is over and no operation is open. */
  ended(call: LineCall): Message;
  /** An operation ended. */
  outcome(call: LineCall, action: LineAction, ending: Ending, state: LineState, appState?: string): Message;
  /** An answer broke a rule. */
  refused(call: LineCall, reply: Extract<Reply, { readonly kind: 'refused' }>, state: LineState): Message;
  /** Reads the bot's answer. Never throws. */
  read(body: string): Reply;
}

/** The wire; `extended` takes the four actions that were withdrawn or never offered to bots of our kind as well. */
export const botframeworkWire = ({ profile = 'core' }: { readonly profile?: Profile } = {}): BotframeworkWire => {
  const wire: BotframeworkWire = {
    name: 'botframework',
    modalities: Object.keys(presented),
    identity: (address) => (address === '' ? '4:anonymous' : /^\d{1,8}:/.test(address) ? address : /^\+?\d+$/.test(address) ? `4:${address}` : `8:${address}`),
    incoming: (call) => json(call, conversation(call, 'incoming')),
    ended: (call) => json(call, conversation(call, 'terminated')),
    outcome(call, action, ending, state, appState) {
      const result = resultOf(call, operationOutcome(action, ending), state, appState);
      return action.type === 'record' && ending.end === 'recorded' ? withRecording(call, result, ending.wav ?? toneWav(ending.lengthMs)) : json(call, result);
    },
    refused: (call, { operationId, text, appState }, state) =>
      // The type is misspelt on the wire, and only so.
      json(call, resultOf(call, { type: 'worfklowValidationOutcome', id: operationId, outcome: 'failure', failureReason: text }, state, appState)),
    read: (body) => readWorkflow(body, profile),
    async conduct(line) {
      let telling: Telling | undefined = { message: wire.incoming(line.call), target: line.url };
      while (telling !== undefined) {
        const posted = await line.post(telling.target, telling.message);
        if (posted.got !== 'reply') return line.end('line', posted.got === 'unreachable' ? 'unreachable' : line.rounds === 0 ? 'unavailable' : 'refused');
        // A dead line takes no more actions.
        if (line.ended !== undefined) return;
        telling = await answerTo(wire.read(posted.body), line, wire);
      }
    },
  };
  return wire;
};

/** What to tell the bot next, and where. */
interface Telling {
  readonly message: Message;
  readonly target: string;
}

/** Nothing when there is nothing to tell. */
async function answerTo(reply: Reply, line: LiveLine, wire: BotframeworkWire): Promise<Telling | undefined> {
  const { call, url } = line;
  if (reply.kind === 'nothing') {
    const { by, reason } = line.cut() ?? { by: 'line', reason: 'nothing-to-do' };
    line.end(by, reason);
    return by === 'line' && reason === 'nothing-to-do' ? undefined : { message: wire.ended(call), target: url };
  }
  line.round();
  const target = reply.callback === undefined ? undefined : line.carry(reply.callback);
  if (reply.kind === 'refused') {
    line.note('line', 'refused', reply.text);
    const by = line.cut();
    if (by === undefined) return { message: wire.refused(call, reply, line.state), target: target ?? url };
    line.end(by.by, by.reason);
    return { message: wire.ended(call), target: target ?? url };
  }
  const { action, ending } = await perform(reply.actions, line);
  if (target === undefined) return void line.end('line', 'nothing-to-do');
  return { message: wire.outcome(call, action, ending, line.state, reply.appState), target };
}

/** Runs `actions`; the last of them that ran, and how it ended. */
async function perform(actions: readonly LineAction[], line: LiveLine): Promise<{ readonly action: LineAction; readonly ending: Ending }> {
  for (let index = 0; ; index++) {
    const action = actions[index] as LineAction;
    const ending = await line.act(action, placeIn(actions, index));
    if (!succeeded(ending) || line.ended !== undefined || index === actions.length - 1) return { action, ending };
  }
}

type Json = Readonly<Record<string, unknown>>;

/** What is presented of a caller who has more than his voice, or no more. */
const presented = { audio: ['audio'], video: ['audio', 'video'] } as const;

const conversation = ({ id, from, to, name, language, modality = 'audio' }: LineCall, callState: LineState): Json => ({
  id,
  participants: [
    { identity: from, ...(name !== undefined && { displayName: name }), ...(language !== undefined && { languageId: language }), originator: true },
    { identity: to, originator: false },
  ],
  isMultiparty: false,
  presentedModalityTypes: presented[modality as keyof typeof presented],
  callState,
});

const resultOf = ({ id }: LineCall, outcome: Json, callState: LineState, appState: string | undefined): Json => ({
  id,
  operationOutcome: outcome,
  callState,
  ...(appState !== undefined && { appState }),
});

const headers = ({ chainId }: LineCall, contentType: string): Message['headers'] => ({
  'Content-Type': contentType,
  Accept: 'application/json',
  'User-Agent': 'Microsoft-Skype/3.0,(Calling/1.0)',
  'X-Microsoft-Skype-Chain-ID': chainId,
  'X-Microsoft-Skype-Message-ID': randomUUID(),
});

const json = (call: LineCall, body: Json): Message => ({ headers: headers(call, 'application/json; charset=utf-8'), body: JSON.stringify(body) });

function withRecording(call: LineCall, result: Json, audio: Uint8Array): Message {
  const boundary = randomUUID();
  const part = (name: string, type: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(`${part('conversationResult', 'application/json; charset=utf-8')}${JSON.stringify(result)}\r\n${part('recordedAudio', 'audio/wav')}`),
    audio,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { headers: headers(call, `multipart/form-data; boundary="${boundary}"`), body };
}

const outcomeTypes = {
  answer: 'answerOutcome',
  reject: 'rejectOutcome',
  hangup: 'hangupOutcome',
  play: 'playPromptOutcome',
  recognize: 'recognizeOutcome',
  record: 'recordOutcome',
  transfer: 'transferOutcome',
} as const;

/** The type of the outcome of `action`. Holding and joining are not offered, and never asked for. */
const outcomeType = (action: LineAction): string => (action.type === 'other' ? `${action.name}Outcome` : action.type in outcomeTypes ? outcomeTypes[action.type as keyof typeof outcomeTypes] : `${action.type}Outcome`);

function operationOutcome(action: LineAction, ending: Ending): Json {
  const success = succeeded(ending);
  const base = {
    // Of a prompt that cannot be played it tells under the id of the action that has the prompt.
    type: ending.end === 'unplayed' ? outcomeTypes.play : outcomeType(action),
    id: action.operationId,
    outcome: success ? 'success' : 'failure',
    failureReason: success ? '' : failureReason(ending),
  };
  if (ending.end === 'unplayed') return base;
  switch (action.type) {
    case 'recognize':
      return { ...base, ...(action.params.choices === undefined ? { collectDigitsOutcome: digitsOutcome(ending) } : { choiceOutcome: choiceOutcome(ending) }) };
    case 'record':
      return {
        ...base,
        completionReason: recordReason(ending),
        lengthOfRecordingInSecs: ending.end === 'recorded' ? ending.lengthMs / 1000 : 0,
        ...(success && { format: 'wav' }),
      };
    case 'other':
      return action.name === 'placeCall' ? { ...base, ...(success && { acceptedModalityTypes: ['audio'] }) } : base;
    default:
      return base;
  }
}

function failureReason(ending: Ending): string {
  switch (ending.end) {
    case 'failed':
      return ending.reason;
    case 'silence':
      return 'InitialSilenceTimeout';
    case 'wrong':
      return ending.by === 'key' ? 'IncorrectDtmf' : 'InterdigitTimeout';
    case 'unplayed':
      return 'PromptNotPlayed';
    case 'busy':
    case 'noanswer':
      return ending.end;
    case 'left':
      return 'CallTerminated';
    default:
      return 'NoInput';
  }
}

/** Reasons that choices, digits and recordings have in common. */
function commonReason(ending: Ending): string {
  if (ending.end === 'silence') return 'initialSilenceTimeout';
  if (ending.end === 'left') return 'callTerminated';
  return ending.end === 'failed' && ending.cause === 'system' ? 'temporarySystemFailure' : 'unknown';
}

function choiceOutcome(ending: Ending): Json {
  if (ending.end === 'choice') return { completionReason: ending.via === 'dtmf' ? 'dtmfOptionMatched' : 'speechOptionMatched', choiceName: ending.name };
  return { completionReason: ending.end === 'wrong' ? (ending.by === 'key' ? 'incorrectDtmf' : 'interdigitTimeout') : commonReason(ending) };
}

function digitsOutcome(ending: Ending): Json {
  // With a greatest number alone there is no reason for "enough digits": it shows as a pause.
  if (ending.end === 'digits') return { completionReason: ending.by === 'termchar' ? 'completedStopToneDetected' : 'interdigitTimeout', digits: ending.digits };
  return { completionReason: commonReason(ending) };
}

const recordReasons = {
  finalsilence: 'completedSilenceDetected', termchar: 'completedStopToneDetected', maxspeech: 'maxRecordingTimeout', hangup: 'callTerminated',
} as const;
const recordReason = (ending: Ending): string => (ending.end === 'recorded' ? recordReasons[ending.by] : commonReason(ending));

function readWorkflow(body: string, profile: Profile): Reply {
  if (body.trim() === '') return { kind: 'nothing' };
  const workflow = parse(body);
  const given = isFields(workflow) ? workflow : {};
  const callback = isFields(given['links']) ? given['links']['callback'] : undefined;
  const links = {
    ...(typeof callback === 'string' && URL.canParse(callback) && /^https:\/\//i.test(callback) && { callback }),
    ...(typeof given['appState'] === 'string' && given['appState'].length <= 1024 && { appState: given['appState'] }),
  };
  const [violation] = checkWorkflow(workflow, profile);
  const actions = Array.isArray(given['actions']) ? (given['actions'] as readonly unknown[]) : [];
  if (violation === undefined) return { kind: 'actions', actions: (actions as readonly Json[]).map(lineAction), ...links };
  const { rule, path, actionIndex } = violation;
  return { kind: 'refused', rule, text: `${rules[rule]} (${rule}${path === '' ? '' : ` at ${path}`})`, operationId: operationIdOf(actions, actionIndex), ...links };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The id of the action at fault, or of the first that has one, so that the bot knows which of its answers is meant. */
function operationIdOf(actions: readonly unknown[], atFault: number | undefined): string {
  const ids = [actions[atFault ?? 0], ...actions].map((action) => (isFields(action) ? action['operationId'] : undefined));
  return ids.find((id): id is string => typeof id === 'string' && id.trim() !== '') ?? randomUUID();
}

/** From here on the workflow is legal, so that what is there has the type it should have. */
function lineAction(action: Json): LineAction {
  const operationId = text(action['operationId']);
  switch (action['action']) {
    case 'answer':
      return { type: 'answer', params: { modalities: ['audio'] }, operationId };
    case 'reject':
      return { type: 'reject', params: { reason: 'declined' }, operationId };
    case 'hangup':
      return { type: 'hangup', params: {}, operationId };
    case 'playPrompt':
      return { type: 'play', params: { prompts: prompts(action) }, operationId };
    case 'recognize':
      return { type: 'recognize', params: recognize(action), operationId };
    case 'record':
      return { type: 'record', params: record(action), operationId };
    case 'transfer':
      return { type: 'transfer', params: { to: text((action['target'] as Json)['identity']) }, operationId };
    default:
      return { type: 'other', name: text(action['action']), answers: action['action'] !== 'videoSubscription', operationId };
  }
}

const text = (value: unknown): string => String(value);
const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const milliseconds = (value: unknown, orElse: number): number => (isAbsent(value) ? orElse : Number(value)) * 1000;
const list = (value: unknown): readonly unknown[] | undefined => (Array.isArray(value) ? value : undefined);

const prompts = (play: unknown): readonly PromptItem[] => (isFields(play) ? (list(play['prompts']) ?? []) : []).map((prompt) => promptItem(prompt as Json));

function promptItem(prompt: Json): PromptItem {
  const { value, fileUri, silenceLengthInMilliseconds: silenceMs, culture, emphasize, sayAs } = prompt;
  if (typeof value === 'string' && value !== '') {
    const readAs = Object.keys(SayAs.keys).find((word) => word.toLowerCase() === text(sayAs).toLowerCase()) as SayAs | undefined;
    return {
      text: value,
      ...(typeof culture === 'string' && { culture }),
      ...(typeof emphasize === 'boolean' && { emphasis: emphasize }),
      ...(readAs !== undefined && { sayAs: readAs }),
    };
  }
  return typeof fileUri === 'string' && fileUri !== '' ? { audio: fileUri } : { silenceMs: Number(silenceMs) };
}

function recognize(action: Json): Recognize {
  const { choices, collectDigits, bargeInAllowed, culture } = action;
  return {
    prompts: prompts(action['playPrompt']),
    bargein: bargeInAllowed !== false,
    timeoutMs: milliseconds(action['initialSilenceTimeoutInSeconds'], 5),
    interdigitMs: milliseconds(action['interdigitTimeoutInSeconds'], 1),
    ...(typeof culture === 'string' && { culture }),
    ...(isFields(collectDigits) ? { digits: digits(collectDigits) } : { choices: (list(choices) ?? []).map((choice) => lineChoice(choice as Json)) }),
  };
}

const lineChoice = ({ name, speechVariation, dtmfVariation: key }: Json): Choice => ({
  name: text(name),
  phrases: (list(speechVariation) ?? []).map(text),
  ...(DtmfKey.is(key) && { key }),
});

const stopTones = (tones: unknown) => {
  const termchars = list(tones)?.filter(DtmfKey.is);
  return termchars === undefined ? {} : { termchars };
};

const digits = ({ maxNumberOfDtmfs: max, stopTones: tones }: Json) => ({ ...(typeof max === 'number' && { max }), ...stopTones(tones) });

const record = (action: Json): RecordParams => ({
  prompts: prompts(action['playPrompt']),
  beep: action['playBeep'] !== false,
  format: (isAbsent(action['recordingFormat']) ? 'wma' : text(action['recordingFormat']).toLowerCase()) as RecordParams['format'],
  timeoutMs: milliseconds(action['initialSilenceTimeoutInSeconds'], 5),
  finalSilenceMs: milliseconds(action['maxSilenceTimeoutInSeconds'], 5),
  maxMs: milliseconds(action['maxDurationInSeconds'], 180),
  ...stopTones(action['stopTones']),
});
