/**
 * Commits — how the commits of calls have gone of late: how long they took, and whether the store takes anything.
 *
 * @module
 */
import { type CallError, isCallError } from '../../errors.ts';
import { tryCommit } from './heartbeat.ts';
import type { CallStore } from './store.ts';

export interface Commits {
  /** A commit took `ms`. */
  done(ms: number): void;
  /** One failed with `error`. */
  failed(error: unknown): void;
  /** How long they took of late, ms. */
  tookMs(): number;
  /** Resolves when the store can be read, and takes something again if it did not. @throws `ERR_STORE_UNAVAILABLE` */
  check(at: number): Promise<void>;
}

/** Keeps account of the commits to `store`, of which `key` can be asked for. */
export const commitsTo = (store: CallStore, key: string): Commits => {
  let tookMs = 0;
  /** Why the last one failed: the store takes nothing; undefined once it took something. */
  let refused: CallError | undefined;
  return {
    done: (ms) => {
      tookMs = Math.max(ms, 0.9 * tookMs);
      refused = undefined;
    },
    failed: (error) => {
      if (isRefusal(error)) refused = error;
    },
    tookMs: () => tookMs,
    check: async (at) => {
      await store.load(key);
      if (refused === undefined) return;
      await tryCommit(store, at);
      refused = undefined;
    },
  };
};

/** Whether the same may go well in a while. */
export const mayComeRight = (error: unknown): boolean => isCallError(error) && (error.code === 'ERR_STORE_UNAVAILABLE' || error.code === 'ERR_CALL_CONFLICT');

/** Whether a store could be asked and took nothing. */
const isRefusal = (error: unknown): error is CallError => isCallError(error) && error.code === 'ERR_STORE_UNAVAILABLE' && (error.details.reason === 'full' || error.details.reason === 'write');
