/**
 * Decode — a JSON body of Azure Communication Services, or of Event Grid, into what it tells of calls. Pure.
 *
 * The codecs are `wire.ts`; what a result says of an operation is `outcomes.ts`. A body may hold several events, of several calls.
 * The id of an event is new whenever the service repeats it for reasons of its own, so what can be known by something better is:
 * a call that begins, once, and a roster by its number.
 *
 * | a call that | has the id |
 * | --- | --- |
 * | comes in | of its correlation, with a mark of who is called: both legs of a call may be calls of one resource |
 * | was placed | that our callback address says |
 * | is told without our address, as in a file | of its connection |
 *
 * @module
 */
import { hash } from 'node:crypto';
import * as t from 'io-ts';
import type { CallInput, ServiceEvent } from '../../../machines/index.ts';
import type { Arrival } from '../../service.ts';
import { addressOf, rawIdOf } from './address.ts';
import type { Placed, Query } from './callback.ts';
import { type Fields, isFields } from './codecs.ts';
import type { AzureMemory, Listened } from './memory.ts';
import { absence, outcomesOf, steps } from './outcomes.ts';
import { brokenBy } from '../codecs.ts';
import { isRule, malformed, type RuleId } from './rules.ts';
import { type CallbackName, type CallbackOf, callbacks, Envelope, IncomingCall, RecordingFileStatus } from './wire.ts';

/** Where the file of a recording is. */
export interface RecordingPointer {
  readonly ref: string;
  readonly location: string;
  readonly lengthMs: number;
}

/** What a body tells. */
export interface Told {
  /** One a call, in the order of their first events. What tells nobody anything is there as well, without events. */
  readonly arrivals: readonly Arrival[];
  readonly unknown: readonly string[];
  readonly files: readonly RecordingPointer[];
}

/**
 * What `json` tells, which arrived with `query`. Throws `ERR_EVENT_MALFORMED` with the broken rule and the places, never with a value.
 *
 * What Event Grid brings is not signed by the service: with the secret of a subscription nobody can tell of a call that goes on.
 */
export const decodeBody = (json: unknown, query: Query): Told => {
  const events = Array.isArray(json) ? (json as readonly unknown[]) : [json];
  if (events.length === 0) throw malformed('H-EMPTY');
  if (query.callId !== undefined && !isCallId(query.callId)) throw malformed('E-CALL');
  const unknown: string[] = [];
  const files: RecordingPointer[] = [];
  const arrivals = new Map<string, Arrival>();
  events.forEach((event, index) => {
    const place = Array.isArray(json) ? [String(index)] : [];
    const { arrival, unknown: name, files: announced = [] } = told(event, place, query);
    files.push(...announced);
    if (name !== undefined) unknown.push(name);
    if (arrival !== undefined) arrivals.set(arrival.callId, joined(arrivals.get(arrival.callId), arrival));
  });
  return { arrivals: [...arrivals.values()], unknown, files };
};

const isCallId = (text: string): boolean => text.trim() !== '' && text.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(text);

/** What one event tells. */
interface One {
  readonly arrival?: Arrival;
  readonly unknown?: string;
  readonly files?: readonly RecordingPointer[];
}

const prefix = 'Microsoft.Communication.';

const told = (event: unknown, place: readonly string[], query: Query): One => {
  if (!isFields(event)) throw malformed('H-JSON', place.length === 0 ? [] : [place.join('.')]);
  const type = typeOf(event, place);
  if (type.startsWith('Microsoft.EventGrid.')) return {}; // a handshake: read elsewhere
  const name = type.startsWith(prefix) ? type.slice(prefix.length) : '';
  const isCallback = Object.hasOwn(callbacks, name) && query.secret === undefined;
  if (!isCallback && name !== 'IncomingCall' && name !== 'RecordingFileStatusUpdated') return { unknown: type, ...ofCall(event, query) };
  const envelope = take(Envelope.decode({ ...event, type }), place);
  const within = [...place, 'data'];
  if (isCallback) return { arrival: callback(name as CallbackName, take(callbacks[name as CallbackName].decode(envelope.data), within), envelope, query) };
  return name === 'IncomingCall' ? { arrival: incoming(take(IncomingCall.decode(envelope.data), within)) } : { files: announced(envelope, within) };
};

/** Of which call an event is that nobody knows, as far as it says. */
const ofCall = ({ id, data }: Fields, query: Query): Pick<One, 'arrival'> => {
  const callId = query.callId ?? (isFields(data) ? data['callConnectionId'] : undefined);
  return typeof callId === 'string' && isCallId(callId) ? { arrival: { callId, eventId: typeof id === 'string' && id !== '' ? id : 'unknown', events: [] } } : {};
};

/** Event Grid's own schema has an `eventType`, CloudEvents have a `type`. */
const typeOf = (event: Fields, place: readonly string[]): string => {
  const type = event['eventType'] ?? event['type'];
  if (typeof type !== 'string' || !isCallId(type)) throw malformed('E-TYPE', [[...place, 'type'].join('.')]);
  return type;
};

/** The value of a decoding, or the error that names the first broken rule and all places. io-ts' own reporters echo values. */
export const take = <A>(result: t.Validation<A>, place: readonly string[]): A => {
  if (result._tag === 'Right') return result.right;
  const { rule, paths } = brokenBy(result.left, place);
  throw malformed(isRule(rule) ? rule : ('T-SHAPE' satisfies RuleId), paths);
};

/** Two events of one call in one body: what they tell one after the other, but for its beginning, before which there is nothing. */
const joined = (before: Arrival | undefined, { eventId, events, memory, ...more }: Arrival): Arrival => {
  if (before === undefined) return { eventId, events, ...(memory !== undefined && { memory }), ...more };
  const isLate = eventId === beginning && before.eventId !== beginning;
  return {
    ...before,
    ...more,
    eventId: isLate || before.eventId === beginning ? beginning : `${before.eventId} ${eventId}`,
    events: isLate ? [...events, ...before.events] : [...before.events, ...events],
    ...((before.memory !== undefined || memory !== undefined) && { memory: { ...before.memory, ...memory } }),
  };
};

/** The id of the event that begins a call, however often it is told. */
const beginning = 'incoming';

const digest = (text: string, length: number): string => hash('sha256', text, 'base64url').slice(0, length);

const incoming = (call: IncomingCall): Arrival => {
  const callId = `${call.correlationId}.${digest(call.to.rawId, 6)}`;
  const name = call.callerDisplayName?.trim();
  const input: CallInput = {
    id: callId,
    from: addressOf(call.from.rawId),
    to: addressOf(call.to.rawId),
    ...(name !== undefined && name !== '' && { name }),
    direction: 'inbound',
    headers: headersOf(call.customContext),
  };
  return { callId, eventId: beginning, events: [{ type: 'call.incoming', call: input }], memory: { incoming: call.incomingCallContext, caller: call.from.rawId } satisfies AzureMemory };
};

const headersOf = (context: IncomingCall['customContext']): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [context?.voipHeaders, context?.sipHeaders].flatMap((headers) => Object.entries(headers ?? {}).flatMap(([name, value]) => (typeof value === 'string' ? [[name.toLowerCase(), value] as const] : []))),
  );

const callback = <N extends CallbackName>(name: N, data: CallbackOf<N>, envelope: Envelope, query: Query): Arrival => {
  const callId = query.callId ?? data.callConnectionId;
  const also = noted(name, data);
  const arrival = (eventId: string, events: readonly ServiceEvent[], memory?: AzureMemory): Arrival => ({ callId, eventId, events, ...(memory !== undefined && { memory: { ...memory } }) });
  if (name === 'CreateCallFailed') return { ...arrival('unanswered', []), unanswered: absence(data.resultInformation) };
  if (name === 'ParticipantsUpdated') return arrival(`roster:${(data as CallbackOf<'ParticipantsUpdated'>).sequenceNumber}`, outcomesOf(name, data, undefined), also);
  if (name === 'CallConnected' && query.placed !== undefined) return arrival(beginning, [{ type: 'call.incoming', call: placedCall(callId, query.placed) }], { ...also, caller: rawIdOf(query.placed.to) ?? query.placed.to });
  return arrival(envelope.id, outcomesOf(name, data, query.stop), also);
};

const placedCall = (id: string, { to, from, listens }: Placed): CallInput => ({ id, from, to, direction: 'outbound', ...(listens && { answeredBy: 'unknown' as const }), headers: {} });

/** What is to be remembered of a callback. */
const noted = <N extends CallbackName>(name: N, data: CallbackOf<N>): AzureMemory | undefined => {
  const context = data.operationContext ?? '';
  switch (name) {
    case 'CallConnected':
      return { connection: data.callConnectionId, incoming: null };
    case 'CallTransferFailed':
      return { transferFailed: context };
    case 'ParticipantsUpdated': {
      const { sequenceNumber: sequence, participants } = data as CallbackOf<'ParticipantsUpdated'>;
      return { roster: { sequence, parties: [...new Set(participants.map(({ identifier }) => identifier.rawId))] } };
    }
    case 'AddParticipantSucceeded':
      if (!context.endsWith(steps.rings)) return undefined;
      return { joined: { operation: context.slice(0, -steps.rings.length), party: (data as CallbackOf<'AddParticipantSucceeded'>).participant.rawId, seen: false }, invitation: null };
    case 'AddParticipantFailed':
      return { invitation: null };
    case 'RecognizeCompleted':
    case 'RecognizeFailed':
      return context.endsWith(steps.listens) ? { listened: { context, as: listenedAs(name, data) } } : undefined;
    default:
      return undefined;
  }
};

const listenedAs = (name: 'RecognizeCompleted' | 'RecognizeFailed', { resultInformation }: CallbackOf<CallbackName>): Listened => {
  const subCode = resultInformation?.subCode;
  if (name === 'RecognizeCompleted') return subCode === 8514 ? 'termchar' : 'finalsilence';
  if (subCode === 8510) return 'noinput';
  // There was something to hear, and it is over: a recording takes what nobody understands.
  return subCode !== undefined && [8532, 8534, 8547, 8563, 8570].includes(subCode) ? 'finalsilence' : 'failed';
};

/** The name of a recording in the store: letters, digits, `-` and `_`, which the service's own ids are not. */
export const recordingRef = (recordingId: string): string => digest(recordingId, 43);

/** Where the files of a recording are; usually it is one. */
const announced = ({ subject, data }: Envelope, place: readonly string[]): readonly RecordingPointer[] => {
  const { recordingStorageInfo, recordingDurationMs = 0 } = take(RecordingFileStatus.decode(data), place);
  const recordingId = /\/recordingId\/([^/]+)$/.exec(subject ?? '')?.[1];
  if (recordingId === undefined) throw malformed('F-RECORDING', ['subject']);
  const chunks = recordingStorageInfo.recordingChunks.toSorted((one, other) => (one.index ?? 0) - (other.index ?? 0));
  const ref = recordingRef(recordingId);
  return chunks.map(({ contentLocation }, index) => ({ ref: index === 0 ? ref : `${ref}-${index}`, location: contentLocation, lengthMs: chunks.length === 1 ? Math.max(0, recordingDurationMs) : 0 }));
};
