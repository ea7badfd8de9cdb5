/**
 * Wire — the codecs of all that the Bot Framework calling service tells a bot.
 *
 * Three shapes arrive: a {@link Conversation} begins a call, a {@link ConversationResult} says how an operation ended,
 * a {@link Notification} tells a change of the line. Fields that are not named here are ignored, null is the same as
 * absent, and a word that an enumeration does not have is read as `unknown`; a refused value breaks one {@link RuleId},
 * which travels as the message of the io-ts error.
 *
 * The service's own reader takes enumerated words in any case, so ours does; the `type` of an outcome or notification
 * is taken to the letter. `links` are not read: a bot answers in the response and needs none of them.
 *
 * @module
 */
import * as t from 'io-ts';
import { isDigits } from '../../../actions/index.ts';
import { type Codec, fields, maybe, type Must, must as mustBe } from '../codecs.ts';
import type { RuleId } from './rules.ts';

export const callStates = [
  'idle', 'incoming', 'establishing', 'established', 'hold', 'unhold', 'transferring', 'redirecting', 'terminating', 'terminated',
] as const;
export const modalities = ['audio', 'video', 'videoBasedScreenSharing'] as const;

/** Why the choice of a recognition is over. */
export const choiceReasons = [
  'initialSilenceTimeout', 'incorrectDtmf', 'interdigitTimeout', 'speechOptionMatched', 'dtmfOptionMatched', 'callTerminated',
  'temporarySystemFailure',
] as const;
/** Why the collection of digits is over. */
export const digitReasons = [
  'initialSilenceTimeout', 'interdigitTimeout', 'completedStopToneDetected', 'callTerminated', 'temporarySystemFailure',
] as const;
/** Why a recording is over. */
export const recordReasons = [
  'initialSilenceTimeout', 'maxRecordingTimeout', 'completedSilenceDetected', 'completedStopToneDetected', 'callTerminated',
  'temporarySystemFailure',
] as const;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isBlank = (text: string | undefined): boolean => text === undefined || text.trim() === '';

/** `text`, where it says anything. */
export const given = (text: string | undefined): string | undefined => (isBlank(text) ? undefined : text);

const must: Must<RuleId> = mustBe;

/** `codec`, if `broken` finds no rule broken between its fields. */
const whole = <A>(codec: Codec<A>, broken: (value: A) => readonly [rule: RuleId, field: string] | undefined): Codec<A> =>
  new t.Type<A, unknown, unknown>(
    codec.name,
    codec.is,
    (value, context) => {
      const result = codec.validate(value, context);
      const found = result._tag === 'Right' ? broken(result.right) : undefined;
      return found === undefined ? result : t.failure(value, t.appendContext(context, found[1], codec), found[0]);
    },
    t.identity,
  );

const listOf = <A>(missing: RuleId, empty: RuleId, element: Codec<A>): Codec<readonly A[]> => {
  const elements = t.array(element);
  return new t.Type<readonly A[], unknown, unknown>(
    missing,
    elements.is,
    (value, context) => {
      if (!Array.isArray(value)) return t.failure(value, context, missing);
      return value.length === 0 ? t.failure(value, context, empty) : elements.validate(value, context);
    },
    t.identity,
  );
};

/** One of several shapes that `type` tells apart. */
const byType = <A>(codecs: Readonly<Record<string, t.Mixed>>, missing: RuleId, unlisted: RuleId): Codec<A> =>
  new t.Type<A, unknown, unknown>(
    missing,
    (value): value is A => Object.values(codecs).some((codec) => codec.is(value)),
    (value, context) => {
      if (!isRecord(value)) return t.failure(value, context, missing);
      const type = value['type'];
      const codec = typeof type === 'string' && Object.hasOwn(codecs, type) ? codecs[type] : undefined;
      return codec === undefined ? t.failure(type, t.appendContext(context, 'type', t.string), unlisted) : codec.validate(value, context);
    },
    t.identity,
  );

const text = must('T-SHAPE', (value) => (typeof value === 'string' ? value : undefined));
const named = (rule: RuleId) => must(rule, (value) => (typeof value === 'string' && !isBlank(value) ? value : undefined));
const flag = (rule: RuleId) => must(rule, (value) => (typeof value === 'boolean' ? value : undefined));

const isKey = (text: string): boolean => text.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(text);

/** Ids become keys of every store, so one that a store cannot hold is refused here. Those of the service are GUIDs. */
const id = (rule: RuleId) => must(rule, (value) => (typeof value === 'string' && !isBlank(value) && isKey(value) ? value : undefined));

/** The id of a thread is an id like any other, but that a call between two may leave it blank. */
const threadId = must('C-THREADID', (value) => (typeof value === 'string' && isKey(value) ? value : undefined));

const word = <W extends string>(rule: RuleId, words: readonly W[]): Codec<W | 'unknown'> => {
  const known = new Map(words.map((entry) => [entry.toLowerCase(), entry]));
  return must<W | 'unknown'>(rule, (value) => (typeof value === 'string' && !isBlank(value) ? (known.get(value.toLowerCase()) ?? 'unknown') : undefined));
};

const appState = must('AS-1024', (value) => (typeof value === 'string' && value.length <= 1024 ? value : undefined));

const Participant = fields(
  { identity: named('P-IDENTITY'), originator: flag('P-ORIGINATOR'), displayName: maybe(text), languageId: maybe(text) },
  'Participant',
);

/** The first notification of a call. */
export const Conversation = whole(
  fields(
    {
      id: id('C-ID'),
      participants: listOf('C-PARTICIPANTS', 'C-NOPARTICIPANT', Participant),
      presentedModalityTypes: listOf('C-MODALITIES', 'C-NOMODALITY', word('C-MODALITIES', modalities)),
      callState: word('C-STATE', callStates),
      isMultiparty: maybe(flag('T-SHAPE')),
      threadId: maybe(threadId),
      threadMessageId: maybe(text),
      subject: maybe(text),
      appState: maybe(appState),
    },
    'Conversation',
  ),
  (call) => (call.isMultiparty === true && isBlank(call.threadId) ? ['C-THREAD', 'threadId'] : undefined),
);
export type Conversation = t.TypeOf<typeof Conversation>;

const base = { id: id('O-ID'), outcome: word('O-OUTCOME', ['success', 'failure']), failureReason: maybe(text) };
const bare = <T extends string>(type: T) => fields({ type: t.literal(type), ...base }, type);

const ChoiceOutcome = fields({ completionReason: word('O-REASON', choiceReasons), choiceName: maybe(text) }, 'ChoiceOutcome');
const DigitsOutcome = fields(
  {
    completionReason: word('O-REASON', digitReasons),
    digits: maybe(must('D-TONE', (value) => (typeof value === 'string' && isDigits(value) ? value : undefined))),
  },
  'CollectDigitsOutcome',
);

const RecognizeOutcome = whole(
  fields(
    { type: t.literal('recognizeOutcome'), ...base, choiceOutcome: maybe(ChoiceOutcome), collectDigitsOutcome: maybe(DigitsOutcome) },
    'RecognizeOutcome',
  ),
  ({ outcome, choiceOutcome, collectDigitsOutcome }) => {
    if (outcome !== 'success') return undefined;
    if ((choiceOutcome === undefined) === (collectDigitsOutcome === undefined)) return ['O-EITHER', 'choiceOutcome'];
    if (choiceOutcome !== undefined && isBlank(choiceOutcome.choiceName)) return ['O-CHOICE', 'choiceOutcome.choiceName'];
    return collectDigitsOutcome !== undefined && isBlank(collectDigitsOutcome.digits) ? ['O-DIGITS', 'collectDigitsOutcome.digits'] : undefined;
  },
);

const RecordOutcome = whole(
  fields(
    {
      type: t.literal('recordOutcome'),
      ...base,
      completionReason: word('O-REASON', recordReasons),
      lengthOfRecordingInSecs: must('O-NOLENGTH', (value) => (typeof value === 'number' && Number.isSafeInteger(Math.round(value * 1000)) ? value : undefined)),
      format: maybe(word('T-SHAPE', ['wma', 'wav', 'mp3'])),
    },
    'RecordOutcome',
  ),
  ({ outcome, lengthOfRecordingInSecs: length }) => {
    if (outcome === 'failure') return length === 0 ? undefined : ['O-LENGTHFAIL', 'lengthOfRecordingInSecs'];
    return length > 0 || (outcome === 'unknown' && length === 0) ? undefined : ['O-LENGTH', 'lengthOfRecordingInSecs'];
  },
);

const PlaceCallOutcome = whole(
  fields(
    {
      type: t.literal('placeCallOutcome'),
      ...base,
      acceptedModalityTypes: maybe(must('O-MODALITIES', (value) => (Array.isArray(value) ? (value as readonly unknown[]) : undefined))),
    },
    'PlaceCallOutcome',
  ),
  ({ outcome, acceptedModalityTypes: accepted }) => (outcome === 'success' && !accepted?.length ? ['O-MODALITIES', 'acceptedModalityTypes'] : undefined),
);

/** The codec of each outcome by its type. The last one is misspelt on the wire, and only so. */
export const outcomes = {
  answerOutcome: bare('answerOutcome'),
  rejectOutcome: bare('rejectOutcome'),
  hangupOutcome: bare('hangupOutcome'),
  playPromptOutcome: bare('playPromptOutcome'),
  recognizeOutcome: RecognizeOutcome,
  recordOutcome: RecordOutcome,
  transferOutcome: bare('transferOutcome'),
  placeCallOutcome: PlaceCallOutcome,
  videoSubscriptionOutcome: bare('videoSubscriptionOutcome'),
  answerAppHostedMediaOutcome: bare('answerAppHostedMediaOutcome'),
  worfklowValidationOutcome: bare('worfklowValidationOutcome'),
} as const;
export type OperationOutcome = { [K in keyof typeof outcomes]: t.TypeOf<(typeof outcomes)[K]> }[keyof typeof outcomes];
export type RecordOutcome = t.TypeOf<typeof RecordOutcome>;
export type RecognizeOutcome = t.TypeOf<typeof RecognizeOutcome>;

/** How an operation ended. */
export const ConversationResult = fields(
  {
    id: id('C-ID'),
    operationOutcome: byType<OperationOutcome>(outcomes, 'O-MISSING', 'O-TYPE'),
    callState: word('C-STATE', callStates),
    appState: maybe(appState),
  },
  'ConversationResult',
);
export type ConversationResult = t.TypeOf<typeof ConversationResult>;

const RosterStream = fields({ identity: named('P-IDENTITY'), mediaType: word('N-MEDIA', modalities), mediaStreamDirection: named('N-DIRECTION') }, 'RosterStream');

/** The codec of each notification by its type. */
export const notifications = {
  callStateChange: fields({ type: t.literal('callStateChange'), id: id('C-ID'), currentState: word('N-STATE', callStates), appState: maybe(appState) }, 'CallStateChange'),
  rosterUpdate: fields(
    { type: t.literal('rosterUpdate'), id: id('C-ID'), participants: listOf('N-PARTICIPANTS', 'N-PARTICIPANTS', RosterStream), appState: maybe(appState) },
    'RosterUpdate',
  ),
} as const;

/** A change of the line, sent only where a workflow gave a notification link. */
export type Notification = { [K in keyof typeof notifications]: t.TypeOf<(typeof notifications)[K]> }[keyof typeof notifications];
export const Notification = byType<Notification>(notifications, 'T-SHAPE', 'N-TYPE');

/** Which of the three shapes a body is meant to be; it may still break the rules of that shape. */
export type Shape = 'conversation' | 'conversationResult' | 'notification';

/** Tells the shape of a body by the fields that only one shape has. What has none of them is a result without its outcome. */
export function shapeOf(body: Readonly<Record<string, unknown>>): Shape {
  const has = (field: string) => body[field] !== undefined && body[field] !== null;
  if (has('operationOutcome')) return 'conversationResult';
  // First, since a change of state once carried the fields of a conversation as well.
  if (typeof body['type'] === 'string' && Object.hasOwn(notifications, body['type'])) return 'notification';
  if (has('presentedModalityTypes')) return 'conversation';
  if (has('type')) return 'notification';
  return has('participants') || has('isMultiparty') || has('threadId') || body['callState'] === 'incoming' ? 'conversation' : 'conversationResult';
}
