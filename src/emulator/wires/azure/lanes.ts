/**
 * Lanes — which media operations of a call wait for which. What everybody hears, and a question in a call of two, run on the
 * main lane one behind the other. What is for one of several has a lane of its own, with room for one.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** A play or a question. */
export interface MediaOperation {
  readonly lane: 'main' | 'side';
  /** Does it and tells how it ended, unless `signal` has aborted by then. */
  run(signal: AbortSignal): Promise<void>;
  /** Tells that it was broken off. */
  cancelled(): void;
}

/** The media operations of one call. */
export interface Lanes {
  /** Whether `lane` has room: the main one always has. */
  hasRoom(lane: MediaOperation['lane']): boolean;
  add(operation: MediaOperation): void;
  /** Breaks off everything that runs or waits, and tells so unless that is done `quietly`. */
  cancel(quietly?: boolean): void;
  isBusy(): boolean;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
}

interface Running {
  readonly operation: MediaOperation;
  readonly stop: AbortController;
}

export const lanes = (): Lanes => {
  const waiting: MediaOperation[] = [];
  const running = new Map<MediaOperation['lane'], Running>();
  const runs = new Set<Promise<void>>();

  const start = (operation: MediaOperation): void => {
    const stop = new AbortController();
    const own: Running = { operation, stop };
    running.set(operation.lane, own);
    const run: Promise<void> = operation.run(stop.signal).finally(() => {
      runs.delete(run);
      if (running.get(operation.lane) === own) running.delete(operation.lane);
      next();
    });
    runs.add(run);
  };

  const next = (): void => {
    if (running.has('main')) return;
    const operation = waiting.shift();
    if (operation !== undefined) start(operation);
  };

  return {
    hasRoom: (lane) => lane === 'main' || !running.has('side'),
    add: (operation) => {
      if (operation.lane === 'side') return start(operation);
      waiting.push(operation);
      next();
    },
    cancel: (quietly = false) => {
      const all = [...running.values()];
      const off = [...all.map(({ operation }) => operation), ...waiting.splice(0)];
      running.clear();
      for (const { stop } of all) stop.abort();
      if (!quietly) for (const operation of off) operation.cancelled();
    },
    isBusy: () => running.size > 0,
    idle: async () => {
      while (runs.size > 0) await Promise.all(runs);
    },
  };
};
