/**
 * Log — the lines that the transport writes, and the same as typed events for those who count. A line has pino's shape, so
 * that a pino logger fits as it is.
 *
 * No line and no event holds what a caller said or keyed, a number, a name, or a prompt: ids, types, counts, codes and places only.
 * What somebody's code threw is therefore never handed to a logger as it is: its message might quote the caller.
 *
 * @module
 */
import { type CallErrorCode, isCallError } from '../errors.ts';
import type { EndReason, ServiceEvent } from '../machines/index.ts';

/** One method a level; the fields first, then one fixed word or two. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Writes warnings and errors to standard error, one JSON object a line: what a server does where nobody has given it a log. */
export const stderrLog: Log = {
  info: () => {},
  warn: (fields, message) => void process.stderr.write(`${JSON.stringify({ level: 'warn', msg: message, ...fields })}\n`),
  error: (fields, message) => void process.stderr.write(`${JSON.stringify({ level: 'error', msg: message, ...fields })}\n`),
};

/** Writes nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * `log`, whose own failures end here: a line that cannot be written leaves no caller without an answer. The first of them is
 * told as a warning of the process.
 */
export const steady = (log: Log): Log => {
  let isTold = false;
  const level = (name: keyof Log): Log['info'] => (fields, message) => {
    try {
      log[name](fields, message);
    } catch (error) {
      if (!isTold) process.emitWarning(`the log of calls cannot be written: ${(error as Error | undefined)?.constructor.name ?? typeof error}`, { code: 'CALLCHART_LOG' });
      isTold = true;
    }
  };
  return { info: level('info'), warn: level('warn'), error: level('error') };
};

/** What may be logged of `error`: of ours the code, the sentence and the facts; of anybody else's its kind and its place. */
export const thrown = (error: unknown): Readonly<Record<string, unknown>> => {
  if (!isCallError(error)) return { thrown: placeOf(error) };
  const { code, message, details, cause } = error;
  return { code, reason: message, details, ...(cause !== undefined && { thrown: placeOf(cause) }) };
};

/** A frame of a stack as V8 writes it. */
const frame = /^ {4}at .*(?:(?:file:|node:|\/|[A-Z]:\\).*:\d+:\d+|<anonymous>|index \d+)\)?$/;

const placeOf = (error: unknown): unknown => {
  if (isCallError(error)) return { code: error.code, reason: error.message };
  if (!(error instanceof Error)) return { kind: typeof error };
  const { stack = '', message, code } = error as Error & { readonly code?: unknown };
  const below = stack.slice(Math.max(0, stack.indexOf(message)) + message.length);
  return { kind: error.constructor.name, ...codeOf(code), stack: below.split('\n').filter((line) => frame.test(line)).slice(0, 8) };
};

/** A code as Node and libraries have it (`ECONNREFUSED`). Anything else that stands in its place might be the caller's. */
export const codeOf = (code: unknown): { readonly code?: string } => (typeof code === 'string' && /^[A-Z][A-Z_]{1,60}$/.test(code) ? { code } : {});

// ---- events ----

/** Of which call something is told. `chain` correlates the requests of a call, where the service sends such an id. */
interface OfCall {
  readonly chain: string | undefined;
  readonly call: string;
  readonly bot: string;
}

/** A request that got no reply of a bot. `call` is undefined where the request was not understood that far. */
interface Unanswered {
  readonly chain: string | undefined;
  readonly call: string | undefined;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

/** What happens behind a server of bots, for metrics. Each event but `task.failed` is a line of the log as well, of the same facts. */
export type TransportEvent =
  /** A request got its reply. `kind` is whether it was taken now, had been before, or was of no interest; `bytes` is the length of the reply, 0 where there is nothing to do. */
  | ({ readonly type: 'exchange'; readonly kind: 'taken' | 'repeated' | 'ignored'; readonly status: 200; readonly events: readonly ServiceEvent['type'][]; readonly bytes: number; readonly ms: number } & OfCall)
  /** A request was refused, for a reason that has a code. `ref` is that of the recording whose file it announced, where it was refused for that. */
  | ({ readonly type: 'exchange.refused'; readonly code: CallErrorCode; readonly ref?: string } & Unanswered)
  /** A request met an error that has no code: a defect. */
  | ({ readonly type: 'exchange.failed' } & Unanswered)
  /** A request told something that this version has no word for; `names` are the service's own. */
  | { readonly type: 'event.unknown'; readonly chain: string | undefined; readonly call: string | undefined; readonly path: string; readonly names: readonly string[] }
  /** A request was about a call that is not on record, of a service that goes on asking where it is refused. */
  | { readonly type: 'exchange.ignored'; readonly chain: string | undefined; readonly call: string; readonly path: string; readonly events: readonly ServiceEvent['type'][]; readonly ms: number }
  /** A call that was placed did not come about. */
  | { readonly type: 'call.unanswered'; readonly chain: string | undefined; readonly call: string; readonly reason: string }
  /** The bytes of a recording came, with its event or apart from it, and are kept under `ref`. `call` is undefined where the service does not tell of which call a file is. */
  | { readonly type: 'recording.kept'; readonly chain: string | undefined; readonly call: string | undefined; readonly ref: string; readonly bytes: number }
  /** The service says that there is no file of a recording. `reason` is its own word. */
  | { readonly type: 'recording.lost'; readonly chain: string | undefined; readonly call: string | undefined; readonly ref: string; readonly reason: string }
  /** A command of a call was refused by the service, or could not be sent. `reason` is the service's own code or word. */
  | ({ readonly type: 'command.refused'; readonly command: string; readonly reason: string } & OfCall)
  | ({ readonly type: 'call.begun' } & OfCall)
  | ({ readonly type: 'call.ended'; readonly reason: EndReason; readonly durationMs: number } & OfCall)
  /** A call goes on with another version of its bot. */
  | ({ readonly type: 'call.moved'; readonly from: string; readonly to: string } & OfCall)
  /** The record of a call is none that anybody here can go on with: it is kept aside, and the caller hears the apology. `bot` is empty where not even that is known. */
  | ({ readonly type: 'call.quarantined'; readonly reason: 'version' | 'bot' | 'damaged' } & OfCall)
  /** A step of the bot was given up. */
  | ({ readonly type: 'bot.failed'; readonly code: CallErrorCode; readonly revision: number } & OfCall)
  /** A task failed, and the bot was told so. */
  | ({ readonly type: 'task.failed'; readonly task: string; readonly code?: string } & OfCall)
  /** A `call` hook failed; or, at the moment `recording`, `onRecording` for one that came with its event. Of the others `exchange.refused` tells. */
  | ({ readonly type: 'hook.failed'; readonly moment: 'begun' | 'ended' | 'recording' } & OfCall)
  /** The detail record of a call was not kept. */
  | ({ readonly type: 'detail.lost' } & OfCall);

/** Who is told what happens. */
export interface Told {
  readonly log: Log;
  /** Called for each event, as it happens. What it throws is logged and harms nothing; nobody waits for it. */
  readonly onEvent?: ((event: TransportEvent) => void) | undefined;
}

/** The facts of an event, which are also the fields of its line. */
type FactsOf<T extends TransportEvent['type']> = Omit<Extract<TransportEvent, { readonly type: T }>, 'type'>;

const lineOf: Readonly<Record<TransportEvent['type'], string>> = {
  'exchange': 'exchange', 'exchange.refused': 'exchange refused', 'exchange.failed': 'exchange failed', 'call.begun': 'call begun', 'call.ended': 'call ended', 'call.moved': 'call moved', 'call.quarantined': 'call quarantined',
  'event.unknown': 'event unknown', 'exchange.ignored': 'exchange ignored', 'call.unanswered': 'call unanswered', 'recording.kept': 'recording kept', 'recording.lost': 'recording lost', 'command.refused': 'command refused',
  'bot.failed': 'bot failed', 'task.failed': 'task failed', 'hook.failed': 'hook failed', 'detail.lost': 'detail lost',
};

/** Writes the line of an event and tells the event. `more` is for the line alone. */
export const tell = <T extends TransportEvent['type']>(to: Told, level: keyof Log, type: T, facts: FactsOf<T>, more?: Readonly<Record<string, unknown>>): void => {
  to.log[level](more === undefined ? facts : { ...facts, ...more }, lineOf[type]);
  if (to.onEvent !== undefined) emit(to, type, facts);
};

/** Tells an event whose line is written elsewhere. */
export const emit = <T extends TransportEvent['type']>({ log, onEvent }: Told, type: T, facts: FactsOf<T>): void => {
  if (onEvent === undefined) return;
  const lost = (error: unknown): void => log.error({ ...('chain' in facts && { chain: facts.chain }), ...('call' in facts && { call: facts.call }), event: type, ...thrown(error) }, 'listener failed');
  try {
    const told: unknown = onEvent({ type, ...facts } as unknown as TransportEvent);
    if (told instanceof Promise) told.catch(lost); // an async function fits where nothing is asked back
  } catch (error) {
    lost(error);
  }
};
