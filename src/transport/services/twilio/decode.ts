/**
 * Decode — the parameters of one request from Twilio into what they tell of a call. Pure.
 *
 * A request to an address of ours is known by its query (`address.ts`); any other by its parameters. The codecs are `wire.ts`; how
 * the parameters come out of an HTTP request is `body.ts`.
 *
 * Twilio reads the answer to a request that asks for a document, and ignores the one to a callback. So nothing but the end of a call
 * is told by a callback: a batch that answered anything else would be lost.
 *
 * @module
 */
import type { Outcome, ServiceEvent } from '../../../machines/index.ts';
import type { Arrival, Decoded, RecordingFile } from '../../service.ts';
import { type Mark, markIn } from './address.ts';
import { callInput, type Told } from './call-input.ts';
import { verbFields } from './own-verb.ts';
import { malformed } from './rules.ts';
import { About, Beginning, Connected, Gathered, hungUp, Mention, Recorded, RecordingChange, take } from './wire.ts';

/** What is known of a request beside its parameters. */
export interface Around {
  /** What the query says. */
  readonly mark: Mark | undefined;
  /** The same on each try of the request, where Twilio sends it. */
  readonly token: string | undefined;
  /** Gets the file of a recording. */
  readonly fetchRecording: (recordingId: string, container: 'wav' | 'mp3', signal: AbortSignal) => ReturnType<RecordingFile['fetch']>;
}

/** What `told` tells. @throws `ERR_EVENT_MALFORMED` with the broken rule and the places, never with a value */
export const decodeParameters = (told: Told, around: Around): Decoded => {
  const kind = kindOf(told, around.mark);
  switch (kind) {
    case 'file':
      return recordingChange(told, around);
    case 'detection':
      return quiet(take(Mention, told).CallSid); // who has answered was told by the first request
    case 'status':
      return statusChange(told);
    case 'beginning':
      return beginning(told);
    case 'wait':
      return waited(told, around);
    case 'nothing':
      return quiet(take(Mention, told).CallSid);
    case 'unknown':
      return { ...quiet(take(About, told).CallSid), unknown: [named('CallStatus', told['CallStatus'])] };
    default:
      return outcome(kind, told, around);
  }
};

/** What a request tells that tells nothing: of which call it is. */
const quiet = (callId: string): Decoded => ({ arrivals: callId === '' ? [] : [{ callId, eventId: 'quiet', events: [] }] });

/** An operation whose end is told, by what is known of it. */
type Operation = Extract<Mark, { readonly op: string }>;

type Kind = Operation | 'file' | 'detection' | 'status' | 'beginning' | 'wait' | 'nothing' | 'unknown';

const kindOf = (told: Told, mark: Mark | undefined): Kind => {
  const has = (name: string): boolean => told[name] !== undefined;
  if (has('RecordingStatus')) return 'file';
  if (mark !== undefined && 'op' in mark) return mark;
  if (mark !== undefined) return mark.of;
  if (markOfError(told) !== undefined) return 'wait';
  if (has('UnstableSpeechResult') || has('StableSpeechResult')) return 'nothing'; // what is heard so far
  if (told['CallbackSource'] === 'call-progress-events') return 'status';
  if (has('RecordingUrl')) return { of: 'record', op: '' };
  if (has('DialCallStatus') || has('ReferCallStatus')) return { of: 'transfer', op: '' };
  if (has('QueueResult') || (has('Result') && has('PaymentConnector'))) return { of: 'raw', op: '' };
  if (has('MachineDetectionDuration') && !has('CallStatus')) return 'detection';
  const status = told['CallStatus'];
  if (status === 'ringing' && told['Direction']?.startsWith('outbound') !== true) return 'beginning';
  if (has('Digits') || has('SpeechResult') || has('msg')) return { of: 'recognize', op: '' };
  if (isOver(status) || status === 'queued' || status === 'initiated' || status === 'ringing') return 'status';
  return status === undefined || status.trim() === '' || status === 'in-progress' ? 'beginning' : 'unknown';
};

/** What a word of Twilio's is shown as where nobody knows it: a word, and nothing that a caller could have said. */
const named = (parameter: string, word: string | undefined): string => (/^[\w-]{1,40}$/.test(word ?? '') ? `${parameter} ${word}` : parameter);

// ---- the line ----

/** How a call is over, and what that is for one that was placed and not answered. */
const ends: Readonly<Record<string, Arrival['unanswered']>> = { completed: undefined, busy: 'busy', 'no-answer': 'noanswer', failed: 'failed', canceled: 'cancelled' };

const isOver = (status: string | undefined): boolean => status !== undefined && Object.hasOwn(ends, status);

const statusChange = (told: Told): Decoded => {
  const { CallSid: callId, CallStatus: status, Direction: direction } = take(About, told);
  if (!isOver(status)) return ['queued', 'initiated', 'ringing', 'in-progress', 'answered'].includes(status) ? quiet(callId) : { ...quiet(callId), unknown: [named('CallStatus', status)] };
  const unanswered = direction === 'outbound-api' ? ends[status] : undefined;
  return { arrivals: [{ callId, eventId: 'ended', events: [{ type: 'call.ended' }], ...(unanswered !== undefined && { unanswered }) }] };
};

/** A call begins once, whatever the token of a retry. */
const beginning = (told: Told): Decoded => {
  take(About, told);
  const call = callInput(take(Beginning, told), told);
  return { arrivals: [{ callId: call.id, eventId: 'incoming', events: [{ type: 'call.incoming', call }] }] };
};

/**
 * What the request was about that Twilio got no document for, where this one is to the fallback address and that was ours. What it
 * told is lost; but the call is not, and asks what it is about now. Where the first request was lost, this one begins the call.
 */
const markOfError = ({ ErrorUrl: url }: Told): Mark | undefined => {
  const query = url?.slice(url.indexOf('?')) ?? '';
  return query.startsWith('?') ? markIn(query) : undefined;
};

const waited = (told: Told, { token, mark }: Around): Decoded => {
  const { CallSid: callId, CallStatus: status } = take(About, told);
  if (isOver(status)) return { arrivals: [{ callId, eventId: 'ended', events: [{ type: 'call.ended' }] }] };
  return { arrivals: [{ callId, eventId: token ?? `wait:${mark?.of === 'wait' ? mark.n : JSON.stringify(markOfError(told))}`, events: [], asks: true }] };
};

// ---- operations ----

const outcome = (operation: Operation, told: Told, { token }: Around): Decoded => {
  const { CallSid: callId, CallStatus: status } = take(About, told);
  const { events, unknown } = outcomesOf(operation, told);
  const ended: readonly ServiceEvent[] = isOver(status) ? [{ type: 'call.ended' }] : [];
  return { arrivals: [{ callId, eventId: token ?? `${operation.op}:${operation.of}`, events: [...events, ...ended] }], ...(unknown !== undefined && { unknown }) };
};

interface Ends {
  readonly events: readonly Outcome[];
  readonly unknown?: readonly string[];
}

const outcomesOf = (operation: Operation, told: Told): Ends => {
  switch (operation.of) {
    case 'recognize':
      if (operation.op === '' && told['Digits'] === undefined && told['SpeechResult'] === undefined) throw malformed('G-INPUT', ['Digits', 'SpeechResult']);
      return { events: [gathered(take(Gathered, told), operation)] };
    case 'record':
      return { events: recorded(told, operation) };
    case 'transfer':
    case 'createcall':
      return connected(operation.of, operation, take(Connected, told));
    case 'raw':
      return { events: [verbEnded(told, operation)] };
    default:
      return { events: [{ type: `${operation.of}.done`, operationId: operation.op }] };
  }
};

/** At an address of ours nothing heard is silence; elsewhere it is no result. */
const gathered = ({ Digits: digits, FinishedOnKey: termchar, SpeechResult: phrase, Confidence }: Gathered, { op: operationId }: Operation): Outcome => {
  if (digits !== undefined) return { type: 'recognize.input', input: { kind: 'digits', digits, by: termchar === undefined ? 'interdigit' : 'termchar' }, via: 'dtmf', operationId };
  if (phrase === undefined || phrase.trim() === '') return { type: 'recognize.noinput', operationId };
  const confidence = Number(Confidence ?? NaN);
  return { type: 'recognize.input', input: { kind: 'phrase', phrase, ...(confidence >= 0 && confidence <= 1 && { confidence }) }, via: 'speech', operationId };
};

const contentTypes = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;

/** Without a recording the document was left behind by silence. One of no length holds nothing: the file does not come about. */
const recorded = (told: Told, mark: Operation): readonly Outcome[] => {
  const { op: operationId } = mark;
  if (told['RecordingUrl'] === undefined && told['RecordingSid'] === undefined) return [{ type: 'record.noinput', operationId }];
  const { RecordingSid: ref, RecordingDuration: length, Digits: key } = take(Recorded, { ...told, RecordingSid: told['RecordingSid'] ?? told['RecordingUrl']?.split('/').at(-1) });
  if (length === 0) return key === hungUp ? [] : [{ type: 'record.noinput', operationId }];
  const recording = { ref, bytes: 0, contentType: contentTypes[containerOf(mark)], lengthMs: Math.round(length * 1000) };
  const isCut = 'max' in mark && mark.max !== undefined && length >= mark.max;
  return [{ type: 'record.done', by: key === hungUp ? 'hangup' : key !== undefined ? 'termchar' : isCut ? 'maxspeech' : 'finalsilence', recording, operationId }];
};

const containerOf = (mark: Mark | undefined): 'wav' | 'mp3' => (mark !== undefined && 'as' in mark && mark.as !== undefined ? mark.as : 'wav');

type Connection = 'done' | 'busy' | 'noanswer' | 'failed';

const connections: Readonly<Record<string, Connection>> = { completed: 'done', answered: 'done', busy: 'busy', 'no-answer': 'noanswer', failed: 'failed', canceled: 'failed' };

/** How SIP says that a referral ended (RFC 3261 §21): the notification where there was one, and else whether it was taken at all. */
const referralEnds: readonly (readonly [code: RegExp, end: Connection])[] = [[/^2\d\d$/, 'done'], [/^(?:486|600)$/, 'busy'], [/^(?:408|480|487)$/, 'noanswer']];

/** An end that nobody knows is a failure, and so is none: the verb was passed over. */
const connected = (type: 'transfer' | 'createcall', { op: operationId }: Operation, told: Connected): Ends => {
  const word = told.DialCallStatus ?? told.ReferCallStatus;
  const code = told.NotifySipResponseCode ?? (word === undefined ? told.ReferSipResponseCode : undefined);
  const known = word !== undefined && Object.hasOwn(connections, word) ? connections[word] : undefined;
  const bySip = known === undefined || known === 'failed' ? referralEnds.find(([pattern]) => pattern.test(code ?? ''))?.[1] : undefined;
  const end = bySip ?? known ?? 'failed';
  const reason = /^[\w-]{1,40}$/.exec(word ?? code ?? '')?.[0];
  return {
    events: [{ type: `${type}.${end}`, operationId, ...(end === 'failed' && reason !== undefined && { reason }) }],
    ...(word !== undefined && known === undefined && { unknown: [named(told.DialCallStatus === undefined ? 'ReferCallStatus' : 'DialCallStatus', word)] }),
  };
};

/** An end that is no word is none that a bot could tell apart; without one the verb was passed over. */
const verbEnded = (told: Told, { op: operationId }: Operation): Outcome => {
  const ending = /^[\w-]{1,60}$/.exec(told['Result'] ?? told['QueueResult'] ?? '')?.[0];
  return ending === undefined ? { type: 'raw.failed', operationId } : { type: 'raw.ended', ending, fields: verbFields(told), operationId };
};

// ---- files ----

const recordingChange = (told: Told, { mark, fetchRecording }: Around): Decoded => {
  const { RecordingSid: ref, RecordingStatus: status, CallSid: callId = '', RecordingDuration: length } = take(RecordingChange, told);
  if (status === 'absent' || status === 'failed') return { ...quiet(callId), lost: [{ ref, callId, reason: status }] };
  if (status !== 'completed') return ['in-progress', 'paused', 'stopped', 'processing'].includes(status) ? quiet(callId) : { ...quiet(callId), unknown: [named('RecordingStatus', status)] };
  if (length === undefined) throw malformed('R-DURATION', ['RecordingDuration']);
  return { arrivals: [], files: [{ ref, callId, lengthMs: Math.round(length * 1000), fetch: (signal) => fetchRecording(ref, containerOf(mark), signal) }] };
};
