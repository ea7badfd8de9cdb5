/**
 * Clock — the time that calls are served by: that of the machine, or one that somebody moves by hand, as a call that is played
 * from a script does.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** Tells the time, and does things in time. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** How much time has gone by, ms, since whenever: the same whatever the time of day is set to. Default: `now`. */
  elapsed?(): number;
  /** Does `work` at `at`, epoch ms; what it gives calls that off. Nothing is served on for work in the `background`. */
  setTimer(at: number, work: () => void, background?: boolean): () => void;
  /** Told of work that is begun, for a clock that is not moved until it is done. */
  working?(work: Promise<unknown>): void;
  /** Told of a reply that is held back: whoever waits for it waits for time or for a task. */
  holding?(reply: Promise<unknown>): void;
}

/** The machine's own timers, by the time that `now` tells. */
export const machineClock = (now: () => number = Date.now): Clock => ({
  now,
  elapsed: () => performance.now(),
  setTimer: (at, work, background = false) => {
    const timer = setTimeout(work, Math.max(0, at - now()));
    if (background) timer.unref();
    return () => clearTimeout(timer);
  },
});
