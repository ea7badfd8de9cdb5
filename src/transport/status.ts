/**
 * Status — the HTTP status of each failure, in one table: a new code does not compile until it has one.
 *
 * The status tells the service what to do next: 4xx, do not send that again; 503, do, in a moment; 500, ours to mend.
 *
 * Leaf of transport: imports only the type of the codes.
 *
 * @module
 */
import type { CallErrorCode } from '../errors.ts';

export const statusOf: Readonly<Record<CallErrorCode, number>> = {
  ERR_EVENT_MALFORMED: 400,
  ERR_BEARER_REJECTED: 401,
  ERR_SIGNATURE_REJECTED: 401,
  ERR_HOOK_REFUSED: 403,
  ERR_CALL_UNKNOWN: 404,
  ERR_ROUTE_UNKNOWN: 404,
  ERR_BODY_TOO_LARGE: 413,
  ERR_BODY_TYPE: 415,
  ERR_KEYS_UNAVAILABLE: 503,
  ERR_STORE_UNAVAILABLE: 503,
  ERR_CALL_CONFLICT: 503,
  ERR_DRAINING: 503,
  ERR_CALL_ELSEWHERE: 503,
  ERR_RECORDING_UNAVAILABLE: 503,
  // From here on the service did nothing wrong and can do nothing about it.
  ERR_RECORD_UNKNOWN: 500,
  ERR_BATCH_ILLEGAL: 500,
  ERR_BOT_THREW: 500,
  ERR_HOOK_FAILED: 500,
  ERR_CONTEXT_CALL: 500,
  ERR_CONTEXT_JSON: 500,
  ERR_ACTOR_UNSUPPORTED: 500,
  ERR_BOT_INVALID: 500,
  ERR_CATALOGUE_INVALID: 500,
  ERR_CATALOGUE_ARGUMENT: 500,
  ERR_BOT_LOAD: 500,
  ERR_FLOW_UNEXAMINED: 500,
  ERR_LOG_INVALID: 500,
  ERR_CAPABILITY_MISSING: 500,
  ERR_DATA_SHAPE: 500,
  ERR_DATA_OWNER: 500,
  ERR_DATA_CONFLICT: 500,
  ERR_SECRET_KEY: 500,
  ERR_CHAT_MESSAGE: 500,
  ERR_CHAT_UNDELIVERED: 500,
  ERR_CALL_UNPLACED: 500,
  ERR_TALLY_DAMAGED: 500,
  ERR_TALLY_OTHER: 500,
  ERR_OPTION_INVALID: 500,
  ERR_EXPECTATION: 500,
};

/** Seconds for `Retry-After`: a code has a row exactly when its status is 503. Keys are not fetched more often than that. */
export const retryAfterSeconds: Readonly<Partial<Record<CallErrorCode, number>>> = {
  ERR_KEYS_UNAVAILABLE: 30,
  ERR_STORE_UNAVAILABLE: 1,
  ERR_CALL_CONFLICT: 1,
  ERR_DRAINING: 1,
  ERR_CALL_ELSEWHERE: 1,
  ERR_RECORDING_UNAVAILABLE: 10,
};
