/**
 * Send — a command of Azure Communication Services to its REST interface, and what became of it.
 *
 * What is played or asked is sent again only where the service has certainly not taken it: nobody was reached, or it said
 * that it was too busy. A caller who hears nothing asks again; one who hears a prompt twice is told so by nobody.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../../machines/index.ts';
import { within } from '../../patience.ts';
import type { CommandContext, Sent, ServiceCommand } from '../../service.ts';
import type { Asked, OpenedClient, Responded } from './client.ts';
import { type AzureMemory, memoryOf } from './memory.ts';
import { recordedUntil } from './recall.ts';
import { type AzureRequest, contentTypes } from './requests.ts';

/** What sending takes. */
export interface Sending {
  readonly client: OpenedClient;
  /** Before the second try, ms; doubled before each further one. A `Retry-After` of the service goes before. */
  readonly pauseMs: number;
  /** How long one command may take, ms. */
  readonly timeoutMs: number;
}

/** Sends `command`. Never rejects. */
export const sendWith = async (command: ServiceCommand, { callId, memory: remembered, at }: CommandContext, given: AbortSignal, sending: Sending): Promise<Sent> => {
  const request = command.request as unknown as AzureRequest;
  const memory = memoryOf(remembered);
  if (request.does === 'wait') return { kind: 'taken' };
  const missing = missingFor(request, memory);
  if (missing !== undefined) return { kind: 'refused', reason: missing };
  const signal = AbortSignal.any([given, AbortSignal.timeout(sending.timeoutMs)]);
  const asked: Asked = {
    request, context: command.id, key: `${callId} ${command.id}`, signal,
    connection: memory.connection ?? '', caller: memory.caller ?? '', incoming: memory.incoming ?? '', recording: (request.does === 'stopOwnRecording' ? memory.ownRecording : memory.recording?.id) ?? '',
  };
  try {
    if (request.does === 'stopRecording') return await stopped(request.listening, command, { memory, at }, asked, sending);
    return taken(await patiently(asked, sending), command, request, { memory, at });
  } catch (error) {
    return failed(error);
  }
};

/** What we would have to know and do not: the service never told, or another process has it. */
const missingFor = (request: AzureRequest, { incoming, connection, recording, ownRecording }: AzureMemory): string | undefined => {
  if (request.does === 'answer' || request.does === 'reject') return incoming === undefined || incoming === null ? 'no incoming call' : undefined;
  if (connection === undefined) return 'no connection';
  if (request.does === 'stopOwnRecording') return (request.recordingId ?? ownRecording) === undefined ? 'no recording' : undefined;
  return request.does === 'stopRecording' && (recording === undefined || recording === null) ? 'no recording' : undefined;
};

/** What is known of the call, and what time it is by the engine's clock. */
interface Known {
  readonly memory: AzureMemory;
  readonly at: number;
}

const taken = ({ connection, invitation, recording }: Responded, { operation: { operationId } }: ServiceCommand, request: AzureRequest, { memory: { transfer = null }, at }: Known): Sent => {
  if ((request.does === 'startRecording' || request.does === 'startOwnRecording') && recording === undefined) return { kind: 'refused', reason: 'no recording' };
  const memory: AzureMemory = {
    ...(connection !== undefined && { connection }),
    ...(invitation !== undefined && { invitation }),
    ...(request.does === 'startRecording' && recording !== undefined && { recording: { operation: operationId, id: recording, startedAt: at, contentType: contentTypes[request.format] } }),
    ...(request.does === 'startOwnRecording' && { ownRecording: recording }),
    ...(request.does === 'stopRinging' && { invitation: null }),
    ...(request.does === 'remove' && { joined: null }),
    ...(request.does === 'transfer' ? { transfer: operationId } : transfer !== null && { transfer: null }), // whoever is still asked something was not handed on
  };
  const outcome = verbEnded(request, operationId, recording);
  return { kind: 'taken', ...(Object.keys(memory).length > 0 && { memory: { ...memory } }), ...(outcome !== undefined && { outcome }) };
};

/** How a verb of the service's own ended whose response is its end. */
const verbEnded = (request: AzureRequest, operationId: string, recordingId: string | undefined): Outcome | undefined => {
  const endings = { startOwnRecording: 'started', stopOwnRecording: 'stopped', mute: 'muted' } as const;
  if (!Object.hasOwn(endings, request.does)) return undefined;
  return { type: 'raw.ended', ending: endings[request.does as keyof typeof endings], fields: request.does === 'startOwnRecording' && recordingId !== undefined ? { recordingId } : {}, operationId };
};

/** The end of a recording, and how it went. One that cannot be stopped any more has been. */
const stopped = async (listening: string | undefined, { operation: { operationId } }: ServiceCommand, { memory: { recording, listened }, at }: Known, asked: Asked, sending: Sending): Promise<Sent> => {
  const as = listening !== undefined && listened?.context === listening ? listened.as : undefined;
  if (listening !== undefined && as === undefined) await patiently({ ...asked, request: { does: 'cancel' } }, sending).catch(() => {});
  try {
    await patiently(asked, sending);
  } catch (error) {
    if (refusalIn(error)?.status === undefined) throw error;
  }
  const memory = { recording: null } satisfies AzureMemory;
  if (listening === undefined || recording === undefined || recording === null) return { kind: 'taken', memory };
  return { kind: 'taken', memory, outcome: as === 'noinput' ? { type: 'record.noinput', operationId } : as === 'failed' ? { type: 'record.failed', cause: 'system', operationId } : (recordedUntil(recording, as ?? 'maxspeech', at) satisfies Outcome) };
};

/** What is sent once by the client, since the service would do it twice. */
const unrepeatable: ReadonlySet<AzureRequest['does']> = new Set(['play', 'recognize', 'hold', 'unhold']);
const mostTries = 4;

const patiently = async (asked: Asked, { client, pauseMs }: Sending): Promise<Responded> => {
  const { signal, request } = asked;
  for (let tries = 1; ; tries += 1) {
    try {
      return await within(signal, client.ask(asked)); // not every request of the client listens to a signal
    } catch (error) {
      const waitMs = retryAfterMs(error) ?? pauseMs * 2 ** (tries - 1);
      if (!unrepeatable.has(request.does) || !isUntaken(error) || tries === mostTries || signal.aborted) throw error;
      await sleep(waitMs, undefined, { signal }).catch(() => {
        throw error; // what it said last says more than that the time is up
      });
    }
  }
};

/** What the client throws, as far as we look: never its message, which may quote what was sent. */
interface Refusal {
  readonly status?: number;
  readonly code?: string;
  readonly headers?: { get(name: string): string | undefined };
}

const refusalIn = (error: unknown): Refusal | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  const { statusCode, code, response } = error as { readonly statusCode?: unknown; readonly code?: unknown; readonly response?: { readonly headers?: { get(name: string): string | undefined } } };
  return { ...(typeof statusCode === 'number' && { status: statusCode }), ...(typeof code === 'string' && { code }), ...(response?.headers !== undefined && { headers: response.headers }) };
};

/** Nobody was reached, or the service was too busy to begin. */
const isUntaken = (error: unknown): boolean => {
  const { status, code = '' } = refusalIn(error) ?? {};
  return status === 429 || status === 503 || (status === undefined && ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'].includes(code));
};

const retryAfterMs = (error: unknown): number | undefined => {
  const seconds = refusalIn(error)?.headers?.get('retry-after');
  return seconds !== undefined && /^\d+$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
};

/** What a failure means: that the call is over, or that the service would not do this. Its own words are its status and its code. */
export const failed = (error: unknown): Exclude<Sent, { readonly kind: 'taken' }> => {
  const { status, code } = refusalIn(error) ?? {};
  if (status === undefined) return { kind: 'refused', reason: isName(error, 'TimeoutError') ? 'timeout' : code !== undefined && /^E[A-Z_]+$/.test(code) ? code : 'unreachable' };
  const isOver = code === '8522' || code === '8528' || status === 404;
  if (isOver && status !== 405) return { kind: 'gone' };
  return { kind: 'refused', reason: code !== undefined && /^[\w.-]{1,40}$/.test(code) ? `${status}/${code}` : String(status) };
};

const isName = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
