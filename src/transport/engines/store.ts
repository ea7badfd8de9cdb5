/**
 * Store — what an embedded engine does for `deliver`: keep one opaque text a call, with compare-and-set on its revision.
 *
 * Two more numbers ride along so that the engine can find calls without reading them: when a call next wants attention
 * (`dueAt`: a timer, or a task to take up again) and when it may be forgotten (`expiresAt`: the tombstone's end).
 *
 * @module
 */

/** What is kept of one call. */
export interface StoredRecord {
  /** Counts the commits of this call, from 1. */
  readonly revision: number;
  /** Opaque to the store; given back to the byte. */
  readonly text: string;
  /** Epoch ms at which the call wants attention. */
  readonly dueAt?: number;
  /** Epoch ms after which the record may be dropped. */
  readonly expiresAt?: number;
}

/** A call that wants attention. */
export interface DueCall {
  readonly callId: string;
  readonly dueAt: number;
}

/** All methods reject with `ERR_STORE_UNAVAILABLE` when the engine fails. */
export interface CallStore {
  /** Whether what is kept outlives the process: of a store that does not say so it is believed. */
  readonly durable?: boolean;
  load(callId: string): Promise<StoredRecord | undefined>;
  /**
   * Writes `record` only if the stored revision is `expected` (0: no record), and says whether it did. When it resolves
   * to true the record survives the death of the process.
   */
  commit(callId: string, expected: number, record: StoredRecord): Promise<boolean>;
  /** Calls with `dueAt` up to `until`, earliest first, at most `limit`, beginning after the row `after`. */
  due(until: number, limit: number, after?: DueCall): Promise<readonly DueCall[]>;
  /** Drops up to `limit` records whose `expiresAt` is at or before `now`; says how many. */
  expire(now: number, limit: number): Promise<number>;
  close(): Promise<void>;
}
