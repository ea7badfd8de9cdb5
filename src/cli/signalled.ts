/**
 * Signalled — that a command which goes on for ever is to end.
 *
 * @module
 */

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once. */
export const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
