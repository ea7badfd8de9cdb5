/**
 * Movable clock — the time of a bot whose call is on paper: it stands still until it is moved, and then everything that is due
 * on the way happens, one after the other, each when what came before it has come to rest.
 *
 * At rest is what can be counted: nobody works on anything, but for replies that are held back. Work that takes real time (a
 * task that is run) is given real time, up to the moment at which the next thing is due.
 *
 * @module
 */
import type { Clock } from '../transport/index.ts';
import { realClock } from './clock.ts';

/** A clock that is moved by hand. */
export interface MovableClock extends Clock {
  working(work: Promise<unknown>): void;
  holding(reply: Promise<unknown>): void;
  /** Told of work that takes as long as it takes. It is over when it says so, or `signal` does. */
  lasting(work: Promise<unknown>, signal: AbortSignal): void;
  /** Whether somebody works on something that takes as long as it takes. */
  isBusy(): boolean;
  /** Resolves when nobody works on anything that does not wait for time. */
  rest(): Promise<void>;
  /** Moves on by `ms`, or until `isEnough` at a moment of rest. */
  move(ms: number, isEnough?: () => boolean): Promise<void>;
  /** Moves on to what is due next; false where nothing is. If somebody has gone on with something meanwhile, that is enough. */
  skip(): Promise<boolean>;
}

interface Due {
  readonly at: number;
  readonly work: () => void;
}

/** A clock that begins at `begin`, epoch ms. */
export const movableClock = (begin = Date.now()): MovableClock => {
  const timers = new Set<Due>();
  let now = begin;
  let working = 0;
  let holding = 0;
  let lasting = 0;
  let changes = 0;
  let tell = (): void => {};
  let changed = new Promise<void>((resolve) => (tell = resolve));
  const real = realClock();

  const change = (): void => {
    changes += 1;
    tell();
    changed = new Promise((resolve) => (tell = resolve));
  };

  /** Begins to count something in; gives what counts it out, once. */
  const counted = (count: (by: 1 | -1) => void): (() => void) => {
    let isOver = false;
    count(1);
    change();
    return () => {
      if (isOver) return;
      isOver = true;
      count(-1);
      change();
    };
  };

  const next = (): Due | undefined => [...timers].reduce<Due | undefined>((first, one) => (first === undefined || one.at < first.at ? one : first), undefined);

  const happen = (due: Due): void => {
    now = Math.max(now, due.at);
    timers.delete(due);
    due.work();
  };

  const rest = async (): Promise<void> => {
    for (;;) {
      while (working > holding) await changed;
      await turnOfTheLoop();
      if (working <= holding) return;
    }
  };

  /** Gives lasting work the real time that there is up to `until`; whether it came to something. */
  const hasWorked = async (until: number): Promise<boolean> =>
    lasting > 0 && (await real.within(Math.min(until - now, longestWaitMs), changed)).came === 'act';

  return {
    now: () => now,
    setTimer: (at, work) => {
      const due = { at, work };
      timers.add(due);
      return () => void timers.delete(due);
    },
    working: (work) => {
      const done = counted((by) => (working += by));
      work.then(done, done);
    },
    holding: (reply) => {
      const done = counted((by) => (holding += by));
      reply.then(done, done);
    },
    lasting: (work, signal) => {
      const done = counted((by) => (lasting += by));
      signal.addEventListener('abort', done, { once: true });
      work.then(done, done);
    },
    isBusy: () => lasting > 0,
    rest,
    move: async (ms, isEnough = () => false) => {
      const end = now + ms;
      for (;;) {
        await rest();
        if (isEnough()) return;
        if (await hasWorked(Math.min(end, next()?.at ?? end))) continue;
        const due = next();
        if (due !== undefined && due.at <= end) happen(due);
        else return void (now = Math.max(now, end));
      }
    },
    skip: async () => {
      const before = changes;
      await rest();
      if (changes !== before || (await hasWorked(next()?.at ?? Infinity))) return true;
      const due = next();
      if (due !== undefined) happen(due);
      return due !== undefined;
    },
  };
};

/** Longer than this no timer of the machine's is. */
const longestWaitMs = 2_147_483_647;

/** When all that is ready to run has run. */
const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
