/**
 * Attendant — looks after calls that nobody rings about: due timers, work that a dead process left, calls gone silent, and
 * tombstones whose time is over. One timer for the whole process, whatever the number of calls, and one round at a time.
 *
 * No time but the next is kept: a round asks the store for what is due before the one after it.
 *
 * @module
 */
import type { Clock } from '../clock.ts';
import { type Log, thrown } from '../log.ts';
import type { CallStore, DueCall } from './store.ts';

export interface AttendantOptions {
  readonly store: CallStore;
  /** What the keys of the calls that are looked after begin with. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Longest time between two looks at the store, ms: what another process left may be due. */
  readonly roundMs: number;
  /** Does for a call what is due. Rejects where the store cannot be had, which ends the round. */
  readonly visit: (key: string) => Promise<Visited>;
  /** Whether some process has gone since this was last asked, and may have left work in calls that are due within {@link aheadMs}. Asked often in a long round. */
  readonly hasGone: () => Promise<boolean>;
  readonly aheadMs: number;
  /** The keys of calls that are to be visited now, due or not; asked once a round. */
  readonly doubted: () => readonly string[];
}

/** What came of a visit: something was committed; there was nothing to do; nobody here can do it. */
export type Visited = 'committed' | 'nothing' | 'left';

export interface Attendant {
  /** Something is due at `at`, epoch ms. */
  wakeAt(at: number): void;
  /** Resolves when the round under way has ended. */
  close(): Promise<void>;
}

const page = 256;

/** So many calls are visited at a time: a store commits those of several together. */
const together = 16;

/** A call that could not be attended to is left alone for so long, ms: it is due all the time, and there may be many. */
const restMs = 60_000;

/** For so long a call is not given to another attendant, where the store gives each to one alone, ms. */
const claimMs = 1_500;

/** Starts looking after the calls of a store. */
export const attendant = ({ store, prefix, clock, log, roundMs, visit, hasGone, aheadMs, doubted }: AttendantOptions): Attendant => {
  const { now } = clock;
  const resting = new Map<string, number>();
  let disarm = (): void => {};
  let round: Promise<void> | undefined;
  let wakesAt = Infinity;
  let closed = false;
  /** A process that begins looks ahead: what died before is taken up at once. */
  let looksAhead = true;

  /** While a round is under way this is noted only: at its end the next is set. */
  const wakeAt = (asked: number): void => {
    const at = Math.max(asked, now());
    if (closed || at >= wakesAt) return;
    wakesAt = at;
    if (round === undefined) arm();
  };

  const arm = (): void => {
    disarm();
    wakesAt = now() + Math.min(Math.max(wakesAt - now(), 0), roundMs);
    disarm = clock.setTimer(wakesAt, begin, true);
  };

  const begin = (): void => {
    round = Promise.resolve().then(attend).then(() => {
      round = undefined;
      if (!closed) arm();
    });
    clock.working?.(round);
  };

  const attend = async (): Promise<void> => {
    for (const [key, end] of resting) if (end <= now()) resting.delete(key);
    try {
      await seeToDue();
      if (looksAhead) await lookAhead();
      while (!closed && (await store.expire(now(), page)) === page);
    } catch (error) {
      if (!closed) log.error(thrown(error), 'round failed');
      wakesAt = now() + roundMs; // which asks for all that was asked for meanwhile
    }
  };

  /** Does what cannot wait for a long look ahead. */
  const seeToDue = async (): Promise<void> => {
    wakesAt = now() + roundMs;
    await lookAround();
    await visitDue();
    const keys = doubted();
    for (let from = 0; from < keys.length && !closed; from += together) await visitSome(keys.slice(from, from + together));
  };

  const lookAround = async (): Promise<void> => {
    if (await hasGone()) looksAhead = true;
  };

  /** Visits what is due, and wakes for what is due first after it. */
  const visitDue = async (): Promise<void> => {
    const until = now();
    for (let after: DueCall | undefined; !closed; ) {
      const rows = await store.due(until + roundMs, page, after, prefix);
      const due = rows.filter(({ dueAt }) => dueAt <= until);
      const later = rows[due.length];
      if (later !== undefined) wakeAt(later.dueAt);
      for (let from = 0; from < due.length && !closed; from += together) await visitClaimed(keysOf(due.slice(from, from + together)), until);
      if (due.length < page) return;
      after = due.at(-1);
    }
  };

  /** Visits what is due soon: a process that has gone may have left work in it. What falls due meanwhile is done in between. */
  const lookAhead = async (): Promise<void> => {
    const until = now() + aheadMs;
    looksAhead = false;
    try {
      for (let after: DueCall | undefined; !closed; ) {
        const rows = await store.due(until, page, after, prefix);
        for (let from = 0; from < rows.length && !closed; from += together) {
          await visitSome(keysOf(rows.slice(from, from + together)));
          if (wakesAt <= now()) await seeToDue();
        }
        if (rows.length < page) break;
        after = rows.at(-1);
      }
    } catch (error) {
      looksAhead = true;
      throw error;
    }
    if (looksAhead) wakeAt(now()); // somebody has gone since
  };

  /** Visits those of `keys` that the store gives to this process, and gives back what nothing came of: another may have the bot for it. */
  const visitClaimed = async (keys: readonly string[], until: number): Promise<void> => {
    const awake = keys.filter((key) => !resting.has(key));
    const claimed = store.claim === undefined || awake.length === 0 ? awake : await store.claim(awake, until, claimMs);
    const idle = await visitSome(claimed);
    if (store.release !== undefined && idle.length > 0) await store.release(idle);
  };

  /** Visits all at once; gives those of which nothing was committed. */
  const visitSome = async (keys: readonly string[]): Promise<readonly string[]> => {
    const idle: string[] = [];
    const failures: unknown[] = [];
    await Promise.all(keys.map(async (key) => {
      if (resting.has(key)) return;
      try {
        const visited = await visit(key);
        if (visited !== 'committed') idle.push(key);
        if (visited === 'left') resting.set(key, now() + restMs);
      } catch (error) {
        resting.set(key, now() + 2 * roundMs); // one that nothing can be kept of does not end the next round too
        failures.push(error);
      }
    }));
    if (failures.length > 0) throw failures[0];
    await lookAround();
    return idle;
  };

  begin();
  return {
    wakeAt,
    close: async () => {
      closed = true;
      disarm();
      await round;
    },
  };
};

const keysOf = (rows: readonly DueCall[]): readonly string[] => rows.map(({ callId }) => callId);
