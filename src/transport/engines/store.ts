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
  /**
   * Calls with `dueAt` up to `until`, earliest first, at most `limit`, beginning after the row `after`, which need not be there; of
   * those alone whose ids begin with `prefix`, as {@link list} has it.
   */
  due(until: number, limit: number, after?: DueCall, prefix?: string): Promise<readonly DueCall[]>;
  /**
   * For whoever is about to do what is due of the calls `callIds`: those of them that are still due by `until` and that nobody
   * else has claimed. They are given to nobody else for `forMs`, unless they are committed or released before. Left out, with
   * {@link release}, where it saves nothing: the commit decides in any case.
   */
  claim?(callIds: readonly string[], until: number, forMs: number): Promise<readonly string[]>;
  /** Gives back calls that were claimed and of which nothing was committed: somebody else may be able to do what is due of them. */
  release?(callIds: readonly string[]): Promise<void>;
  /** Ids that begin with `prefix`, which is of whole characters and at most 100 long, in the store's own order, at most `limit`, beginning after `after`, an id that was given before. */
  list(prefix: string, limit: number, after?: string): Promise<readonly string[]>;
  /** Drops up to `limit` records whose `expiresAt` is at or before `now`; says how many. */
  expire(now: number, limit: number): Promise<number>;
  /** Makes a copy of all in the new folder `folder`, while the store may be in use. Left out where something else does that. */
  backup?(folder: string): Promise<void>;
  close(): Promise<void>;
}
