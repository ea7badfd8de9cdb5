/**
 * Service — what a calling service is to the rest of the house: how its requests are trusted, read and answered.
 *
 * One implementation a service, under `services/<name>/`. Nothing outside that folder knows a wire name. There are two styles.
 * A *reply* service is told what to do by the response to its own request; a *command* service by requests of ours.
 *
 * @module
 */
import type { Readable } from 'node:stream';
import type { Batch, CallActionType, Capability, Operation, ServiceLimits } from '../actions/index.ts';
import type { CallInput, Outcome, ServiceEvent } from '../machines/index.ts';
import type { RecordingStore } from './recordings.ts';

/** An HTTP request as the rim hands it over. Its body is unread until somebody who may asks for it. */
export interface CallRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** With the question mark; empty where there is none. As it arrived: nothing is decoded or put in order. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /**
   * The body as text; asked again, the same text. Rejects with `ERR_BODY_TOO_LARGE` beyond the limit, `ERR_EVENT_MALFORMED`
   * when it cannot be read.
   */
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

/** What a service has to remember of a call, as JSON: ids that its next commands need. Kept with the call, read by nobody else, never logged. */
export type ServiceMemory = Readonly<Record<string, unknown>>;

/** What one request tells of one call: which call, which request of it (a retry bears the same id), and what it tells. */
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
  /** Added to what the service remembers of the call. */
  readonly memory?: ServiceMemory;
  /** Nothing has happened, and the service asks what to do next: the line has been kept busy until now. */
  readonly asks?: true;
  /** A call that was placed did not come about, and why. Such a call never began for its bot. */
  readonly unanswered?: 'busy' | 'noanswer' | 'failed' | 'cancelled';
}

/** A request, understood. */
export interface Decoded {
  /** One a call that the request tells of. A service whose response is the batch tells of one call at a time. */
  readonly arrivals: readonly Arrival[];
  /** The names of what it told and nobody knows; they are counted, and nothing else. */
  readonly unknown?: readonly string[];
  /** Files that were announced: they are fetched before the service gets its answer. */
  readonly files?: readonly RecordingFile[];
  /** Recordings whose files will never come. */
  readonly lost?: readonly LostRecording[];
}

/** What is told of one call, as far as its memory may change what it means. */
export interface Recalled extends Pick<Arrival, 'events' | 'memory'> {
  /** What is still to be asked of a command service where this ends the call for its bot, and not for others who are on the line. Tolerant, and `sent` is all of it. */
  readonly parting?: readonly ServiceCommand[];
}

/** The file of a recording whose event came before it, or will come after it. */
export interface RecordingFile {
  /** What `Recording.ref` of the event says. */
  readonly ref: string;
  /** Empty where the service does not tell of which call it is. */
  readonly callId: string;
  readonly lengthMs: number;
  /** The bytes. @throws whatever the network throws */
  fetch(signal: AbortSignal): Promise<{ readonly contentType: string; readonly bytes: Readable }>;
}

/** A recording of which the service says that there is no file. */
export interface LostRecording extends Pick<RecordingFile, 'ref' | 'callId'> {
  /** The service's own word. */
  readonly reason: string;
}

/** What goes into an answer besides the batch. */
export interface ReplyContext {
  readonly callId: string;
  readonly bot: string;
}

/** What a document or a command is written from, besides the batch. */
export interface CommandContext extends ReplyContext {
  /** Where the bot listens, such as `/api/twilio`. */
  readonly path: string;
  readonly call: CallInput;
  readonly memory: ServiceMemory;
  /** When the batch was decided on, or the command is sent; epoch ms, by the engine's clock. */
  readonly at: number;
}

/**
 * A request to the service's own API, as data: JSON, and kept with the call in the commit that decided it. Commands of a call
 * are sent one after the other, each when the one before is done.
 */
export interface ServiceCommand {
  /** Told apart from all others of the call: the key under which the service takes it once. */
  readonly id: string;
  /** The operation that fails where the command cannot be sent, or fails. */
  readonly operation: { readonly type: CallActionType; readonly operationId: string };
  /**
   * When it is done. `event`: once the service has told how the operation `id` ended. `response`: with the response, which is the
   * outcome of its operation. `sent`: with the response, and nobody is told.
   */
  readonly done: 'event' | 'response' | 'sent';
  /** For those that an event ends: no event for so long after the response means that the service lost it, and its operation has failed. ms */
  readonly withinMs?: number;
  /** Whatever becomes of it, even nothing in time, the next one is sent. */
  readonly tolerant?: true;
  /** The service's own. */
  readonly request: Readonly<Record<string, unknown>>;
}

/** How it went with a command. */
export type Sent =
  /** The service took it. `outcome` is that of its operation where the response tells more than that it is done. */
  | { readonly kind: 'taken'; readonly memory?: ServiceMemory; readonly outcome?: Outcome }
  /** The service refused it, or could not be reached. `reason` is its own word or code. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The call is over and the service knows nothing of it any more. */
  | { readonly kind: 'gone' };

/** A call that an application wants placed. */
export interface Placing {
  /** A telephone number (E.164), a SIP URI, or an identity of the service. */
  readonly to: string;
  /** What the callee sees: a number that the service has given to the application. */
  readonly from: string;
  /** The path of the bot that takes the call when it is answered. */
  readonly path: string;
  /** Whether the service listens if a person or a machine has answered: `context.call.answeredBy`. */
  readonly detectMachine?: boolean;
  /** How long it rings, ms. Default 30,000. */
  readonly timeoutMs?: number;
}

/** What all calling services have in common. */
interface AnyService<Name extends string, Can extends Capability> extends ServiceLimits<Name, Can> {
  /** Where a single bot listens. Default `/api/calls`. */
  readonly path?: string;
  /** Methods that are taken. Default: `POST` alone. */
  readonly methods?: readonly string[];
  /** Correlates all log lines of a call, where the service sends such an id; known before anything else of the request is. */
  chainId(request: CallRequest): string | undefined;
  /**
   * Resolves when the request is from the service. Rejects with `ERR_BEARER_REJECTED`, `ERR_SIGNATURE_REJECTED` or
   * `ERR_KEYS_UNAVAILABLE`. Reads no more of the body than a signature covers.
   */
  authenticate(request: CallRequest): Promise<void>;
  /** The answer to a request that is no event of a call: a handshake. Undefined for all others. */
  handshake?(request: CallRequest): Promise<CallResponse | undefined>;
  /** Reads the body and says what it tells. Rejects with `ERR_EVENT_MALFORMED`, `ERR_BODY_TYPE` or `ERR_BODY_TOO_LARGE`. */
  decode(request: CallRequest, recordings: RecordingStore): Promise<Decoded>;
  /**
   * What `told` means for a call of which `memory` is remembered, where that is more than it says by itself: a roster in which
   * somebody is missing, the end of a call that was being recorded. It is told at `at`, by the engine's clock. Asked within the commit that takes it. Pure. Default: what it says.
   */
  recall?(told: Recalled, memory: ServiceMemory, at: number): Recalled;
  /** How long the service waits for an answer, ms. */
  readonly replyWithinMs: number;
  /** After how long without a word the caller hears the bot's filler while the bot waits for itself, ms. Default: shortly before {@link replyWithinMs}. */
  readonly fillAfterMs?: number;
  /** What becomes of events of calls that are not on record. Default `refused`: 404. */
  readonly unknownCalls?: 'refused' | 'ignored';
  /** Sends a command, and tries again by itself where that makes sense. Never rejects. */
  send?(command: ServiceCommand, context: CommandContext, signal: AbortSignal): Promise<Sent>;
  /** Places a call, and says the id that it will have. @throws `ERR_CALL_UNPLACED` */
  place?(placing: Placing, signal: AbortSignal): Promise<string>;
}

/** A service whose HTTP response is the batch: `Name` and `Can` say to the compiler what it is called and what it can do. */
export interface ReplyService<Name extends string = string, Can extends Capability = Capability> extends AnyService<Name, Can> {
  readonly style: 'reply';
  /** The body that carries `batch`. Throws `ERR_BATCH_ILLEGAL`. */
  encode(batch: Batch, context: CommandContext): string;
  /** Content type of a body that is not empty. */
  readonly contentType: string;
  /**
   * What is said where there is nothing to do, if an empty body would end the call: to wait and ask again, or, of a call that
   * is `over`, to hang up. `path` is where the bot listens. Default: an empty body.
   */
  idle?(context: { readonly over: boolean; readonly path: string }): string;
  /** The command that has the line do what the body `reply` says, at any time; absent where a service cannot be told anything unasked. */
  push?(reply: string, last: Operation): ServiceCommand;
}

/** A service that is told what to do by requests of ours. */
export interface CommandService<Name extends string = string, Can extends Capability = Capability> extends AnyService<Name, Can> {
  readonly style: 'command';
  /** The commands that carry `batch`. `busy`: the service still works on an earlier one, which is to be broken off first. Throws `ERR_BATCH_ILLEGAL`. */
  commands(batch: Batch, context: CommandContext & { readonly busy: boolean }): readonly ServiceCommand[];
  send(command: ServiceCommand, context: CommandContext, signal: AbortSignal): Promise<Sent>;
}

/** A calling service. */
export type CallService<Name extends string = string, Can extends Capability = Capability> = ReplyService<Name, Can> | CommandService<Name, Can>;

/** Whether the service can be told something that it has not asked for. */
export const canTell = (service: CallService): boolean => service.style === 'command' || service.push !== undefined;
