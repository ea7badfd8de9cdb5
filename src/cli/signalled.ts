/**
 * Signalled — that a command which goes on for ever is to end.
 *
 * @module
 */
import { constants } from 'node:os';

/** Resolves at the first SIGINT or SIGTERM. A second one, of either kind, ends the process at once. */
export const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    let isFirst = true;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (!isFirst) process.exit(128 + constants.signals[signal]); // by ourselves: to the first process of a container a signal without a handler does nothing
        isFirst = false;
        resolve();
      });
    }
  });
