/**
 * Service — what a calling service is to the rest of the house: how its requests are trusted, read and answered.
 *
 * One implementation a service, under `services/<name>/`. Nothing outside that folder knows a wire name.
 *
 * @module
 */
import type { Readable } from 'node:stream';
import type { Batch, Capability } from '../actions/index.ts';
import type { ServiceEvent } from '../machines/index.ts';
import type { RecordingStore } from './recordings.ts';

/** An HTTP request as the rim hands it over. Its body is unread until somebody who may asks for it. */
export interface CallRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as text. Rejects with `ERR_BODY_TOO_LARGE` beyond the limit, `ERR_EVENT_MALFORMED` when it cannot be read. */
  text(): Promise<string>;
  /** The body as bytes, for recordings. Either this or {@link text}, once. */
  stream(): Readable;
}

/** What the rim writes back. */
export interface CallResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One request, understood: which call, which request of it (a retry bears the same id), and what it tells. */
export interface Arrival {
  readonly callId: string;
  /** The same on every retry of the same request. */
  readonly eventId: string;
  /** In the order in which they happened. */
  readonly events: readonly ServiceEvent[];
  /**
   * What the signed hint in the message says, `'forged'` where we did not sign it; absent where there is none, or where it
   * says again what the message says. The message itself decides, and a difference is only logged.
   */
  readonly hint?: ReplyContext | 'forged';
}

/** What goes into an answer besides the batch. */
export interface ReplyContext {
  readonly callId: string;
  readonly bot: string;
}

/** A calling service. */
export interface CallService {
  readonly name: string;
  /** The actions that it can do, and whether it hears free `speech`. */
  readonly capabilities: ReadonlySet<Capability>;
  /** Correlates all log lines of a call, where the service sends such an id; known before anything else of the request is. */
  chainId(request: CallRequest): string | undefined;
  /** Resolves when the request is from the service. Rejects with `ERR_BEARER_REJECTED` or `ERR_KEYS_UNAVAILABLE`. Reads no body. */
  authenticate(request: CallRequest): Promise<void>;
  /** Reads the body and says what it tells. Rejects with `ERR_EVENT_MALFORMED`, `ERR_BODY_TYPE` or `ERR_BODY_TOO_LARGE`. */
  decode(request: CallRequest, recordings: RecordingStore): Promise<Arrival>;
  /** The body that carries `batch`; the empty string where there is nothing to do. Throws `ERR_BATCH_ILLEGAL`. */
  encode(batch: Batch, context: ReplyContext): string;
  /** Content type of a body that is not empty. */
  readonly contentType: string;
  /** How long the service waits for an answer, ms. */
  readonly replyWithinMs: number;
}
