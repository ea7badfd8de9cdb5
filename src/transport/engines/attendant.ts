/**
 * Attendant — looks after calls that nobody rings about: due timers, tasks to take up again, calls gone silent, and
 * tombstones whose time is over. One timer for the whole process, whatever the number of calls.
 *
 * @module
 */
import type { Clock } from '../clock.ts';
import { type Log, thrown } from '../log.ts';
import type { CallStore, DueCall } from './store.ts';

export interface AttendantOptions {
  readonly store: CallStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Longest time between two looks at the store, ms: what another process left may be due. */
  readonly roundMs: number;
  /** Does for a call what is due; `isStart` when the process has just begun. Says whether it could; never rejects. */
  readonly visit: (key: string, isStart: boolean) => Promise<boolean>;
}

export interface Attendant {
  /** Something is due at `at`, epoch ms. */
  wakeAt(at: number): void;
  /** Resolves when the round under way has ended. */
  close(): Promise<void>;
}

const page = 256;

/** A call that could not be attended to is left alone for so long, ms: it is due all the time, and there may be many. */
const restMs = 60_000;

/** How far a process that begins looks ahead: what died with the one before is taken up at once, and not when its lease is over. */
const startMs = 60_000;

/** Starts looking after the calls of a store. */
export const attendant = ({ store, clock, log, roundMs, visit }: AttendantOptions): Attendant => {
  const { now } = clock;
  const resting = new Map<string, number>();
  let disarm = (): void => {};
  let wakesAt = Infinity;
  let closed = false;

  /** Every time that was asked for and has not come: a wake that was set for another is no reason to be late for it. */
  const asked = new Set<number>();

  const wakeAt = (at: number): void => {
    if (closed) return;
    asked.add(at);
    set(at);
  };

  const set = (at: number): void => {
    if (closed || at >= wakesAt) return;
    const wait = Math.min(Math.max(at - now(), 0), roundMs);
    if (now() + wait >= wakesAt) return;
    disarm();
    wakesAt = now() + wait;
    disarm = clock.setTimer(wakesAt, () => begin(now(), false), true);
  };

  /** Sets the wake for what is due first; a look at the store is taken after `roundMs` at the latest. */
  const wake = (): void => {
    let next = now() + roundMs;
    for (const at of asked) {
      if (at <= now()) asked.delete(at);
      else next = Math.min(next, at);
    }
    set(next);
  };

  const attend = async (until: number, isStart: boolean): Promise<void> => {
    wakesAt = Infinity;
    for (const [key, end] of resting) if (end <= now()) resting.delete(key);
    try {
      let due: readonly DueCall[] = [];
      do {
        due = await store.due(until, page, due.at(-1));
        for (const { callId } of due) if (!closed && !resting.has(callId) && !(await visit(callId, isStart))) resting.set(callId, now() + restMs);
      } while (due.length === page && !closed);
      while (!closed && (await store.expire(now(), page)) === page);
    } catch (error) {
      if (!closed) log.error(thrown(error), 'round failed');
    }
    wake();
  };

  const begin = (until: number, isStart: boolean): void => {
    round = attend(until, isStart);
    clock.working?.(round);
  };

  let round: Promise<void> | undefined;
  begin(now() + startMs, true);
  return {
    wakeAt,
    close: async () => {
      closed = true;
      disarm();
      await round;
    },
  };
};
