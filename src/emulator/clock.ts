/**
 * Clock — the time of a line: real, for a person at the other end, or virtual, for a script.
 *
 * The virtual clock waits for nothing. It moves on by what would have been waited, so a transcript has the same times at
 * every run, and a bot that loops in silence comes to the end of the longest call all the same. Where nothing is done, and only
 * there, time passes for the bot too, if it is in this process (`world.ts`).
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** What came first. */
export type Came<T> = { readonly came: 'act'; readonly act: T } | { readonly came: 'time' } | { readonly came: 'signal' };

/** The time of one call. */
export interface LineClock {
  /** Whether waiting takes time. */
  readonly waits: boolean;
  /** Milliseconds since the call began. */
  now(): number;
  /**
   * Waits for `act`, for `ms` to pass or for `signal`, whichever comes first. The virtual clock waits for `act` as long as
   * it takes. Rejects if `act` does.
   */
  within<T>(ms: number, act?: Promise<T>, signal?: AbortSignal): Promise<Came<T>>;
  /** Nothing is done for `ms`, unless `signal` comes first. */
  silence(ms: number, signal?: AbortSignal): Promise<Came<never>>;
}

/** Time that passes for both sides. */
export interface Passing {
  /** How much has passed, ms. */
  elapsed(): number;
  /** Lets `ms` pass, or until `isEnough`. */
  silence(ms: number, isEnough?: () => boolean): Promise<void>;
}

/** Time that passes at once. */
export const passing = (): Passing => {
  let elapsed = 0;
  return { elapsed: () => elapsed, silence: async (ms) => void (elapsed += ms) };
};

/** A clock with timers. */
export const realClock = (): LineClock => {
  const began = performance.now();
  return {
    waits: true,
    now: () => Math.round(performance.now() - began),
    within: (ms, act, signal) => first(act, signal, ms),
    silence: (ms, signal) => first<never>(undefined, signal, ms),
  };
};

/** A clock that moves by what would have been waited, beside the time of `world`. */
export const virtualClock = ({ elapsed: passed, silence }: Passing = passing()): LineClock => {
  let elapsed = 0;
  return {
    waits: false,
    now: () => elapsed + passed(),
    async within(ms, act, signal) {
      if (act !== undefined || signal?.aborted === true) return first(act, signal);
      elapsed += ms;
      return { came: 'time' };
    },
    async silence(ms, signal) {
      const isBrokenOff = (): boolean => signal?.aborted === true;
      if (!isBrokenOff()) await silence(ms, isBrokenOff);
      return { came: isBrokenOff() ? 'signal' : 'time' };
    },
  };
};

function first<T>(act: Promise<T> | undefined, signal: AbortSignal | undefined, ms?: number): Promise<Came<T>> {
  return new Promise((resolve, reject) => {
    const timer = ms === undefined ? undefined : setTimeout(() => settle({ came: 'time' }), ms);
    const onAbort = () => settle({ came: 'signal' });
    const stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const settle = (came: Came<T>) => {
      stop();
      resolve(came);
    };
    if (signal?.aborted === true) return settle({ came: 'signal' });
    signal?.addEventListener('abort', onAbort, { once: true });
    act?.then(
      (value) => settle({ came: 'act', act: value }),
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}
