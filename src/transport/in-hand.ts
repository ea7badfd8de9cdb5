/**
 * In hand — the requests that a process is answering: those that are on their way to the engine, and those that are with it.
 *
 * @module
 */

/** The requests in hand. */
export interface RequestsInHand {
  /** How many there are. */
  readonly count: number;
  /** Counts a request for as long as `answering` goes on. */
  answer<T>(answering: Promise<T>): Promise<T>;
  /** Counts one of them as being with the engine for as long as `delivering` goes on. */
  deliver<T>(delivering: Promise<T>): Promise<T>;
  /** Resolves when all of them are with the engine, or after `withinMs`. */
  delivered(withinMs: number): Promise<void>;
  /** Resolves when there are none, or after `withinMs`. */
  answered(withinMs: number): Promise<void>;
}

/** Nothing is in hand. */
export const requestsInHand = (): RequestsInHand => {
  let answering = 0;
  let delivering = 0;
  const waiting = new Set<() => void>();
  const changed = (): void => waiting.forEach((look) => look());

  const until = (isSo: () => boolean, withinMs: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (isSo()) leave();
      };
      const leave = (): void => {
        clearTimeout(timer);
        waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(leave, withinMs);
      waiting.add(look);
      look();
    });

  return {
    get count() {
      return answering;
    },
    answer: (work) => {
      answering += 1;
      return work.finally(() => {
        answering -= 1;
        changed();
      });
    },
    deliver: (work) => {
      delivering += 1;
      changed();
      return work.finally(() => {
        delivering -= 1;
        changed();
      });
    },
    delivered: (withinMs) => until(() => answering <= delivering, withinMs),
    answered: (withinMs) => until(() => answering === 0, withinMs),
  };
};
