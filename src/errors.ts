/**
 * Errors — every way Callchart fails, as one closed list of codes.
 *
 * Match on {@link CallError.code}; the message may change. A message names a place and a rule and never a value:
 * what a caller said or keyed is not in it. What a server answers for each code is one table, `transport/status.ts`.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** Each code with the facts that go with it. A row is the documentation of its code. */
export interface CallErrorDetails {
  /** The body is not a message of this service. `paths` name the offending fields; `rule` is the rule's id. */
  ERR_EVENT_MALFORMED: { readonly paths: readonly string[]; readonly rule: string };
  /** The body is of a content type that this service does not send. */
  ERR_BODY_TYPE: Record<never, never>;
  /** The body is longer than the configured limit. */
  ERR_BODY_TOO_LARGE: { readonly limitBytes: number };
  /** The bearer token is absent or does not verify. */
  ERR_BEARER_REJECTED: { readonly reason: 'missing' | 'malformed' | 'algorithm' | 'key' | 'signature' | 'claim' | 'expired' | 'early' };
  /** The signature of the request is absent or is not that of the service over this address and this body. */
  ERR_SIGNATURE_REJECTED: { readonly reason: 'missing' | 'malformed' | 'mismatch' | 'expired' };
  /** The service's public keys could not be had: theirs or ours to mend, never the caller's. */
  ERR_KEYS_UNAVAILABLE: { readonly reason: 'unreachable' | 'timeout' | 'malformed' };
  /** An outcome arrived for a call that is not on record (never begun, or ended and forgotten). */
  ERR_CALL_UNKNOWN: Record<never, never>;
  /** Other writers kept winning the commit of this call; the service may retry. */
  ERR_CALL_CONFLICT: { readonly attempts: number };
  /** No bot answers on this path or number. */
  ERR_ROUTE_UNKNOWN: Record<never, never>;
  /** The store of calls could not be read or written. */
  ERR_STORE_UNAVAILABLE: { readonly reason: 'open' | 'read' | 'write' | 'locked' | 'full' };
  /** This process is ending and takes no call that begins; another one will. */
  ERR_DRAINING: Record<never, never>;
  /** A stored call cannot be gone on with: it is damaged; or of a bot that is not served; or of a version of its bot, or a format of records, that is not known here. */
  ERR_RECORD_UNKNOWN: { readonly reason: 'version' | 'bot' | 'damaged' };
  /** The call is of a bot, or of a version of one, that this process has not loaded; it is left to another process, which may have. */
  ERR_CALL_ELSEWHERE: { readonly reason: 'version' | 'bot' };
  /** The batch breaks a rule of calls or of the service; raised to the author, never sent. */
  ERR_BATCH_ILLEGAL: { readonly rule: string; readonly state: string; readonly action: string };
  /** Code of the bot's author threw while an event was being handled. The step was abandoned. */
  ERR_BOT_THREW: { readonly state: string };
  /** The bot writes `context.call`, which is the framework's. */
  ERR_CONTEXT_CALL: { readonly state: string };
  /** The bot's context holds what JSON cannot carry. */
  ERR_CONTEXT_JSON: { readonly path: string; readonly state: string };
  /** The bot runs an actor that cannot be restored: a raw promise, callback or observable, or a spawn without an id. */
  ERR_ACTOR_UNSUPPORTED: { readonly actor: string; readonly state: string };
  /** The bot breaks rules of design; each problem is one readable sentence. */
  ERR_BOT_INVALID: { readonly problems: readonly string[] };
  /** A catalogue of messages is broken or not the same in all languages; each problem is one readable sentence. */
  ERR_CATALOGUE_INVALID: { readonly problems: readonly string[] };
  /** What the bot computed for an argument of a message is missing or of the wrong kind. */
  ERR_CATALOGUE_ARGUMENT: { readonly message: string; readonly argument: string };
  /** The bot's file cannot be loaded: it is absent, has a syntax error, or its default export is no bot. */
  ERR_BOT_LOAD: { readonly file: string; readonly reason: 'absent' | 'throws' | 'export' };
  /** A file that was to be checked is no Studio flow, or none that takes or makes calls: nothing of it was examined. `paths` name the places, `rule` is the rule's id. */
  ERR_FLOW_UNEXAMINED: { readonly rule: string; readonly paths: readonly string[] };
  /**
   * A log of a call cannot be used: it is not one, or is damaged, or is of another bot or version. `line` is the first that does not fit, counted from 1;
   * lines are `missing`, `doubled` or in another `order`, or the last is `truncated`.
   */
  ERR_LOG_INVALID: { readonly reason: 'empty' | 'head' | 'format' | 'bot' | 'version' | 'shape' | 'truncated' | 'missing' | 'doubled' | 'order'; readonly line: number };
  /** The bot uses an action that this service cannot do, or takes free speech (`action` is `speech`) where it hears none, or asks for a verb of another service (`raw:` and its name); or it sends chat messages (`chat`), and nobody delivers them. */
  ERR_CAPABILITY_MISSING: { readonly service: string; readonly action: string; readonly state: string };
  /** A hook of the application, or its `onRecording` (`recording`), failed: it threw, ended without calling `next`, called it twice, or did not end in time. `name` is the function's. */
  ERR_HOOK_FAILED: { readonly hook: 'receive' | 'send' | 'call' | 'recording'; readonly name: string; readonly reason: 'threw' | 'skipped' | 'twice' | 'late' };
  /** A `receive` hook refused the request. */
  ERR_HOOK_REFUSED: { readonly name: string };
  /** A kept document does not fit its codec, and `migrate` made nothing of it; or the bot wants to keep what does not fit. */
  ERR_DATA_SHAPE: { readonly data: string };
  /** Data were to be written and it is not known whose they are: the caller's number is withheld. */
  ERR_DATA_OWNER: { readonly data: string };
  /** Other writers kept winning the write of a document. */
  ERR_DATA_CONFLICT: { readonly attempts: number };
  /** A bot asks for a secret, and there is no key to seal it with, or none that can be read; or a secret was sealed by a key that is not known here. */
  ERR_SECRET_KEY: { readonly reason: 'missing' | 'malformed' | 'unknown' };
  /** The bot wants to send a chat message that is none. `problem` names the place in it and the rule. */
  ERR_CHAT_MESSAGE: { readonly problem: string };
  /**
   * A chat message was not delivered: it is not known whom it is for, no token was to be had, the chat service refused it
   * (`status` is its answer, where it was one), could not be reached or did not answer in time, or answered what nobody understands.
   */
  ERR_CHAT_UNDELIVERED: { readonly reason: 'address' | 'token' | 'refused' | 'unreachable' | 'timeout' | 'malformed'; readonly status?: number };
  /** The file of a recording, which the service had announced, could not be had. `reason` is the status of its answer, or a word for why there was none. */
  ERR_RECORDING_UNAVAILABLE: { readonly ref: string; readonly reason: string };
  /** The calling service did not place a call. `reason` is its own code or word, or `unreachable`. */
  ERR_CALL_UNPLACED: { readonly service: string; readonly reason: string };
  /** What was counted of calls cannot be read. */
  ERR_TALLY_DAMAGED: Record<never, never>;
  /** What was counted of calls, or a call's log, is of another bot, of another version of it, or of one with another `chart`. */
  ERR_TALLY_OTHER: { readonly reason: 'bot' | 'version' | 'chart' };
  /** An option is missing or out of range. */
  ERR_OPTION_INVALID: { readonly option: string };
  /** A script, transcript or phone expectation did not hold (the testing phone and the terminal phone). */
  ERR_EXPECTATION: Record<never, never>;
}

export type CallErrorCode = keyof CallErrorDetails;

/** The one error class. `details` carries the facts of its code; `cause` what was caught, if anything was. */
export class CallError<C extends CallErrorCode = CallErrorCode> extends Error {
  override readonly name = 'CallError';
  readonly code: C;
  readonly details: CallErrorDetails[C];

  constructor(code: C, message: string, details: CallErrorDetails[C], options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** The union that narrows `details` when `code` is compared. */
export type AnyCallError = { [C in CallErrorCode]: CallError<C> }[CallErrorCode];

/** Whether `error` is one of ours, whichever copy of the package made it. */
export const isCallError = (error: unknown): error is AnyCallError =>
  error instanceof Error && error.name === 'CallError' && typeof (error as { code?: unknown }).code === 'string';
