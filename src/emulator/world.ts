/**
 * World — what there is around the bot of a call that is played from a script: time that passes, the ends of its tasks, and
 * which of its guards hold.
 *
 * Of a bot in this process all of it is in hand. Of one that runs elsewhere there is nothing but time, and that is real.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskResult } from '../machines/index.ts';
import type { AroundTask, Clock, Stepped } from '../transport/index.ts';
import { passing, type Passing } from './clock.ts';
import { type MovableClock, movableClock } from './movable-clock.ts';

/** What a scripted call can do to the world. */
export interface World extends Passing {
  /** `ms` are waited, or until `isEnough`. */
  wait(ms: number, isEnough?: () => boolean): Promise<void>;
  /** The end of `exchange`. At every moment in which the bot does not answer because it waits for itself, `moment` moves it on. */
  during<T>(exchange: Promise<T>, moment: (isOver: () => boolean) => Promise<void>): Promise<T>;
  /** The end of `deed`, of which the bot knows nothing: at every moment of rest `moment` moves the bot on. Nothing after `withinMs`, or if nothing can happen any more. */
  until<T>(deed: Promise<T>, moment: (isOver: () => boolean) => Promise<void>, withinMs: number): Promise<T | undefined>;
  /** Told of work beside the call that time has to wait for. */
  working(work: Promise<unknown>): void;
  /** Time passes until something happens of itself. */
  skip(): Promise<void>;
  /** Paths of the tasks that wait for the script. */
  tasks(): readonly string[];
  /** The task at `path` ends with `result`; resolves when the bot knows. */
  endTask(path: string, result: TaskResult): Promise<void>;
  /** Whether the bot has set a timer. */
  hasTimers(): boolean;
  /** From here on the guard holds, or does not. */
  assume(guard: string, holds: boolean): void;
}

/** The world of a bot in this process, with all that the bot has to be served with. */
export interface LocalWorld extends World {
  readonly clock: Clock;
  readonly aroundTask: AroundTask;
  /** What a guard comes to. */
  readonly oracle: (guard: string, evaluate: () => boolean) => boolean;
  /** Told of every step of the bot. */
  sees(stepped: Stepped): void;
}

/** What a script knows of the bot. */
export interface Scripted {
  /** Paths of tasks that are not run: they wait to be ended. */
  readonly tasks?: ReadonlySet<string>;
  /** The names of guards by their places: one that stands in several is one guard. */
  readonly guards?: ReadonlyMap<string, string>;
}

/** The world of one call. */
export const localWorld = ({ tasks: scripted = new Set(), guards = new Map() }: Scripted = {}): LocalWorld => {
  const clock: MovableClock = movableClock();
  const begun = clock.now();
  const waiting = new Map<string, (result: TaskResult) => void>();
  const assumed = new Map<string, boolean>();
  let timers = 0;

  const skip = async (): Promise<void> => {
    if (!(await clock.skip())) await clock.rest();
  };

  return {
    clock,
    oracle: (guard, evaluate) => assumed.get(guard) ?? evaluate(),
    aroundTask: (_, { path }, signal, run) => {
      if (!scripted.has(path)) {
        const result = run();
        clock.lasting(result, signal);
        return result;
      }
      return new Promise((resolve) => {
        waiting.set(path, resolve);
        signal.addEventListener('abort', () => void (waiting.get(path) === resolve && waiting.delete(path)), { once: true });
      });
    },
    sees: ({ result }) => void (timers = result.timers.length),
    elapsed: () => clock.now() - begun,
    silence: (ms, isEnough) => clock.move(ms, isEnough),
    wait: (ms, isEnough) => clock.move(ms, isEnough),
    during: async (exchange, moment) => {
      let isOver = false;
      const over = (): void => void (isOver = true);
      exchange.then(over, over);
      clock.working(exchange);
      for (;;) {
        await clock.rest();
        if (isOver) return exchange;
        await moment(() => isOver);
      }
    },
    until: async (deed, moment, withinMs) => {
      let isOver = false;
      const over = (): void => void (isOver = true);
      deed.then(over, over);
      const end = clock.now() + withinMs;
      const callOff = Number.isFinite(end) ? clock.setTimer(end, () => {}) : () => {}; // time is not moved past it
      for (let idle = 0; idle < idleMoments && clock.now() < end; idle += 1) {
        await clock.rest();
        if (isOver) break;
        const before = clock.now();
        await moment(() => isOver);
        if (clock.now() !== before || clock.isBusy()) idle = 0;
      }
      callOff();
      await clock.rest();
      return isOver ? deed : undefined;
    },
    working: (work) => clock.working(work),
    skip,
    tasks: () => [...waiting.keys()],
    endTask: async (path, result) => {
      waiting.get(path)?.(result);
      waiting.delete(path);
      await clock.rest();
    },
    hasTimers: () => timers > 0,
    assume: (guard, holds) => void assumed.set(guards.get(guard) ?? guard, holds),
  };
};

/** After so many moments in which nothing has happened, nothing will. */
const idleMoments = 3;

/** The world of a bot that runs elsewhere. Silence takes none of its time; waiting does. */
export const distantWorld = (): World => {
  const { elapsed, silence } = passing();
  return {
    elapsed,
    silence,
    wait: async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      await silence(ms);
    },
    during: (exchange) => exchange,
    until: async (deed, _, withinMs) => {
      const time = new AbortController();
      const late = delay(withinMs, undefined, { signal: time.signal }).catch(() => undefined);
      return Promise.race([deed, late]).finally(() => time.abort());
    },
    working: () => {},
    skip: async () => {},
    tasks: () => [],
    endTask: async () => {},
    hasTimers: () => false,
    assume: () => {},
  };
};
