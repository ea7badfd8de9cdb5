/**
 * Shortly — how long the server of Restate waits for a process that says nothing, where all that is asked of it is done at once:
 * then it gives what it asked to another. A process that is frozen holds a call no longer than that.
 *
 * @module
 */
export const shortly = { inactivityTimeout: 2_000, abortTimeout: 1_000 } as const;
