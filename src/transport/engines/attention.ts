/**
 * Attention — when a call that is kept wants to be looked at next though nobody rings about it, or until when it is
 * remembered: the two numbers beside its text, by which a store finds it without reading it.
 *
 * @module
 */
import { overdueAt } from '../outbox.ts';
import { type CallRecord, noLeases, writeRecord } from '../record.ts';
import type { StoredRecord } from './store.ts';

export interface AttentionOptions {
  /** How long a finished call is remembered after it was last heard of, ms: at least 30 s, so that what is told late of it is taken for what it is. Default 1 h. */
  readonly tombstoneMs?: number;
  /** A call of which nothing was heard for this long is over: the service lost it. ms. Default 24 h. */
  readonly silentCallMs?: number;
}

export interface Attention {
  /** `record` as it is stored, at its `revision`. */
  stored(record: CallRecord, revision: number, at: number): StoredRecord;
  /** Whether the service has lost the call. */
  isLost(record: CallRecord, at: number): boolean;
}

/** A call that has something to do is due after so long, ms, so that what a dead process left is found among the calls that are due next. */
const leaseMs = 30_000;

/** Rounded up, so that the store's index of due calls is not rewritten at every event. */
const leaseGrain = 10_000;

/** How far ahead the calls are due of which somebody holds work: also those of a process whose clock is two minutes ahead. ms */
export const leasedWithinMs = leaseMs + leaseGrain + 120_000;

export const defaultSilentCallMs = 86_400_000;
export const defaultTombstoneMs = 3_600_000;

export const attention = ({ tombstoneMs = defaultTombstoneMs, silentCallMs = defaultSilentCallMs }: AttentionOptions): Attention => {
  const next = ({ snapshot: { timers, ended }, heardAt, leasedBy, outbox, endAsked }: CallRecord, at: number): Pick<StoredRecord, 'dueAt' | 'expiresAt'> => {
    let dueAt = leasedBy === noLeases ? Infinity : Math.ceil((at + leaseMs) / leaseGrain) * leaseGrain;
    if (outbox.length > 0) dueAt = Math.min(dueAt, overdueAt(outbox));
    for (const timer of timers) dueAt = Math.min(dueAt, timer.dueAt);
    if (endAsked !== undefined) dueAt = Math.min(dueAt, heardAt); // past, by whose clock ever
    if (ended === null) return { dueAt: Math.min(dueAt, silentAt(heardAt)) };
    return dueAt === Infinity ? { expiresAt: at + tombstoneMs } : { dueAt };
  };

  /** Rounded up (a day to the hour), so that the store's index of due calls is not rewritten at every event. */
  const silentAt = (heardAt: number): number => Math.ceil((heardAt + silentCallMs) / silentGrain) * silentGrain;
  const silentGrain = Math.max(1, Math.floor(silentCallMs / 24));

  return {
    stored: (record, revision, at) => ({ revision, text: writeRecord(record), ...next(record, at) }),
    isLost: ({ snapshot: { ended }, heardAt }, at) => ended === null && at - heardAt >= silentCallMs,
  };
};
