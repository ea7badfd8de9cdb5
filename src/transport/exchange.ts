/**
 * Exchange — one HTTP request of a calling service, carried to its response. Start reading here.
 *
 *     authenticate   is it from the service?                  or 401, or 503 when its keys can't be had
 *     handshake      does it only want to know that we are here?      then that is the response
 *     decode         what does it tell, of which call?        or 400, 413, 415
 *     fetch          the files that it announces              or 503; the service announces them again
 *     receive        the application's own hooks (`hooks.ts`), around deliver      or 403, or 500 when one fails
 *     deliver        the engine's part, `engines/transact.ts`: state and reply are committed together
 *       load           the call, or the bot that takes a call that begins    or 404
 *       step           the event into the machine: the batch that it asks for
 *       encode         the batch into the service's own format
 *       commit         or again from load, when somebody else was faster
 *     send           hooks again, around the reply             or 500; a retry gets the stored reply
 *
 * Each line takes the value of the one before. Whatever fails becomes a status by one table at the end; the process
 * does not die of a request.
 *
 * @module
 */
import type { Context } from '@opentelemetry/api';
import { type AnyCallError, CallError, isCallError } from '../errors.ts';
import type { Recording } from '../actions/index.ts';
import { maskEvents } from '../machines/index.ts';
import type { Bots } from './bots.ts';
import type { Delivery, Engine, Reply } from './deliver.ts';
import { type Hooks, type Receiving, refuse, within } from './hooks.ts';
import { codeOf, tell, thrown, type Told } from './log.ts';
import type { RecordingStore } from './recordings.ts';
import type { Arrival, CallRequest, CallResponse, CallService, RecordingFile } from './service.ts';
import type { ExchangeSpans } from './spans.ts';
import { retryAfterSeconds, statusOf } from './status.ts';

/** A recording whose bytes are kept. `ref` is what its event said, or will say. */
export interface KeptRecording {
  /** Empty where the file came apart from the event and the service does not tell of which call it is: the event had the same `ref`. */
  readonly callId: string;
  readonly recording: Recording;
}

/** Told of each recording once its bytes are kept. */
export type OnRecording = (kept: KeptRecording) => void | Promise<void>;

/** All that a request is carried through. */
export interface Line extends Told {
  readonly service: CallService;
  readonly bots: Bots;
  readonly engine: Engine;
  readonly recordings: RecordingStore;
  readonly now: () => number;
  readonly hooks?: Hooks | undefined;
  readonly onRecording?: OnRecording | undefined;
  /** Told of work that is begun and that no request waits for. */
  readonly working?: ((work: Promise<void>) => void) | undefined;
  /** Where there is a tracer. */
  readonly spans?: ExchangeSpans | undefined;
}

/** Carries `request` through `line`. Never rejects. */
export const exchange = (request: CallRequest, line: Line): Promise<CallResponse> =>
  line.spans === undefined ? carry(request, line, undefined) : line.spans.exchange(request, line, (traced, trace) => carry(request, traced, trace));

const carry = async (request: CallRequest, line: Line, trace: Context | undefined): Promise<CallResponse> => {
  const { service, recordings, now } = line;
  const incoming: Incoming = { request, began: now(), chain: service.chainId(request), trace };
  let failed: { readonly error: unknown; readonly call: string | undefined; readonly ref?: string } | undefined;
  let response = nothingToDo;
  try {
    await service.authenticate(request);
    const shaken = service.handshake && (await service.handshake(request));
    if (shaken !== undefined) return shaken;
    const { arrivals, unknown = [], files = [], lost = [] } = await service.decode(request, recordings);
    if (unknown.length > 0) tell(line, 'warn', 'event.unknown', { chain: incoming.chain, call: arrivals[0]?.callId, path: request.path, names: unknown });
    for (const { ref, callId, reason } of lost) tell(line, 'warn', 'recording.lost', { chain: incoming.chain, call: callId || undefined, ref, reason });
    for (const file of files) {
      try {
        await fetchFile(file, incoming, line);
      } catch (error) {
        failed ??= { error, call: file.callId || undefined, ref: file.ref }; // the service announces all of them again; no call is worse for it
      }
    }
    for (const arrival of arrivals) {
      try {
        response = await take(arrival, incoming, line);
      } catch (error) {
        failed ??= { error, call: arrival.callId }; // of several calls the others are no worse for it; the service sends all of them again
      }
    }
  } catch (error) {
    failed = { error, call: undefined };
  }
  return failed === undefined ? response : refusal(failed.error, { chain: incoming.chain, call: failed.call, path: request.path, ms: now() - incoming.began, ...(failed.ref !== undefined && { ref: failed.ref }) }, line);
};

/** A request on its way. */
interface Incoming {
  readonly request: CallRequest;
  readonly began: number;
  readonly chain: string | undefined;
  readonly trace: Context | undefined;
}

/** Takes what one request tells of one call. */
const take = async (arrival: Arrival, { request, began, chain, trace }: Incoming, line: Line): Promise<CallResponse> => {
  const { service, bots, engine, recordings, log, now, hooks } = line;
  const { callId, events, hint, unanswered } = arrival;
  let reply = undefined as Reply | undefined;
  let isTaken = false;
  const taken = (bot: string): void => {
    if (isTaken) return;
    isTaken = true;
    tellKept(events, { chain, call: callId, bot }, line);
  };
  try {
    if (hint === 'forged') log.warn({ chain, call: callId }, 'hint is not ours');
    else if (hint !== undefined && hint.callId !== callId) log.warn({ chain, call: callId, hinted: hint.callId }, 'hint names another call');
    const delivery: Delivery = {
      arrival,
      chain,
      path: request.path,
      bot: () => bots.route(request.path, calledNumber(events)),
      deadlineAt: began + service.replyWithinMs,
      trace,
      taken,
    };
    const delivered = (given: Reply): Reply => {
      reply = given;
      if (given.kind === 'taken') taken(given.bot);
      return given;
    };
    reply = hooks?.receive === undefined ? delivered(await engine.deliver(delivery)) : await within('receive', hooks.receive, receiving(request, delivery, line), async () => delivered(await engine.deliver(delivery)), service.replyWithinMs);
    const { kind, body, bot } = reply;
    if (kind !== 'taken') await forgetRecordings(events, recordings);
    if (hooks?.send !== undefined) await within('send', hooks.send, { callId, chain, kind, body }, async () => {}, service.replyWithinMs);
    tell(line, 'info', 'exchange', { chain, call: callId, bot, events: events.map(({ type }) => type), kind, status: 200, bytes: Buffer.byteLength(body), ms: now() - began });
    return answer(body, service);
  } catch (error) {
    if (!isTaken && (reply !== undefined || isUndone(error))) await forgetRecordings(events, recordings);
    if (!isUnknownCall(error) || service.unknownCalls !== 'ignored') throw error;
    if (unanswered === undefined) tell(line, 'info', 'exchange.ignored', { chain, call: callId, path: request.path, events: events.map(({ type }) => type), ms: now() - began });
    else tell(line, 'info', 'call.unanswered', { chain, call: callId, reason: unanswered });
    return answer(service.style === 'reply' ? (service.idle?.({ over: true, path: request.path }) ?? '') : '', service);
  }
};

const answer = (body: string, service: CallService): CallResponse =>
  body === '' || service.style === 'command' ? nothingToDo : { status: 200, headers: { 'content-type': service.contentType }, body };

const isUnknownCall = (error: unknown): boolean => isCallError(error) && error.code === 'ERR_CALL_UNKNOWN';

/** Keeps the file of a recording before the service hears that it was taken over. */
const fetchFile = async (file: RecordingFile, { chain }: Incoming, line: Line): Promise<void> => {
  const { recordings, service } = line;
  const { ref, callId, lengthMs } = file;
  const { contentType, bytes } = await file.fetch(AbortSignal.timeout(service.replyWithinMs)).catch((error: unknown) => {
    throw isCallError(error) ? error : unavailable(ref, error);
  });
  const { bytes: length } = await recordings.save(bytes, ref);
  tell(line, 'info', 'recording.kept', { chain, call: callId || undefined, ref, bytes: length });
  await handOver({ callId, recording: { ref, bytes: length, contentType, lengthMs } }, line);
};

/** Tells the application. @throws `ERR_HOOK_FAILED` */
const handOver = async (kept: KeptRecording, { onRecording }: Line): Promise<void> => {
  try {
    await onRecording?.(kept);
  } catch (cause) {
    const name = onRecording?.name || 'onRecording';
    throw new CallError('ERR_HOOK_FAILED', `\`${name}\`, which is told of recordings, threw`, { hook: 'recording', name, reason: 'threw' }, { cause });
  }
};

/** Clients put the status of an answer into either; what they say besides may quote an address. */
const unavailable = (ref: string, error: unknown): CallError<'ERR_RECORDING_UNAVAILABLE'> => {
  const { status, statusCode = status, code, name } = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>;
  const reason = typeof statusCode === 'number' ? String(statusCode) : name === 'TimeoutError' || name === 'AbortError' ? 'timeout' : (codeOf(code).code ?? 'unreachable');
  return new CallError('ERR_RECORDING_UNAVAILABLE', `the file of a recording cannot be had: ${reason}`, { ref, reason });
};

/**
 * Tells of the recordings that came along with their events. Whoever is told is not waited for, and what he throws is no failure
 * of the request: it has been taken, and the caller waits for his answer.
 */
const tellKept = (events: Arrival['events'], about: { readonly chain: string | undefined; readonly call: string; readonly bot: string }, line: Line): void => {
  const { chain, call: callId } = about;
  for (const event of events) {
    if (event.type !== 'record.done' || !hasBytes(event.recording)) continue;
    const { recording } = event;
    tell(line, 'info', 'recording.kept', { chain, call: callId, ref: recording.ref, bytes: recording.bytes });
    const telling = handOver({ callId, recording }, line).catch((error: unknown) => tell(line, 'error', 'hook.failed', { ...about, moment: 'recording' }, thrown(error)));
    line.working?.(telling);
  }
};

/** Whether its bytes came with its event: one without them came apart, and is the only one by its name. */
const hasBytes = ({ ref, bytes }: Recording): boolean => ref !== '' && bytes > 0;

const receiving = ({ path, headers }: CallRequest, { arrival: { callId, eventId, events }, chain }: Delivery, { bots: { confidential } }: Line): Receiving => ({ callId, chain, eventId, events: confidential.size > 0 ? maskEvents(events) : events, path, headers, refuse });

const nothingToDo: CallResponse = { status: 200, headers: {}, body: '' };

const calledNumber = (events: Arrival['events']): string | undefined => events.find((event) => event.type === 'call.incoming')?.call.to;

/** A repeated or refused request brought its recording along again; the one that counts is kept already, or will come. */
const forgetRecordings = async (events: Arrival['events'], recordings: RecordingStore): Promise<void> => {
  for (const event of events) if (event.type === 'record.done' && hasBytes(event.recording)) await recordings.remove(event.recording.ref).catch(() => {});
};

/** Whether the request left nothing behind for certain. A write that was not heard of again may have been carried out, and its call then refers to the recording. */
const isUndone = (error: unknown): boolean => isCallError(error) && !(error.code === 'ERR_STORE_UNAVAILABLE' && ['write', 'locked'].includes(error.details.reason));

const refusal = (error: unknown, about: { readonly chain: string | undefined; readonly call: string | undefined; readonly path: string; readonly ms: number; readonly ref?: string }, line: Line): CallResponse => {
  if (!isCallError(error)) {
    const { ref: _, ...met } = about;
    tell(line, 'error', 'exchange.failed', { ...met, status: 500 }, thrown(error));
    return { status: 500, headers: jsonHeaders, body: '{"error":{"code":"ERR_INTERNAL"}}' };
  }
  const status = statusOf[error.code];
  tell(line, status >= 500 ? 'error' : 'warn', 'exchange.refused', { ...about, status, code: error.code }, thrown(error));
  const retryAfter = retryAfterSeconds[error.code];
  return {
    status,
    headers: { ...jsonHeaders, ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }) },
    body: JSON.stringify({ error: { code: error.code, ...publicDetails(error) } }),
  };
};

/** What the sender may know: of its own message the places and the rule; of ours nothing. */
const publicDetails = (error: AnyCallError): object => (error.code === 'ERR_EVENT_MALFORMED' ? { paths: error.details.paths, rule: error.details.rule } : {});

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' };
