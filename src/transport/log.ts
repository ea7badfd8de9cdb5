/**
 * Log — the lines that the transport writes. pino's shape, so that a pino logger fits as it is.
 *
 * No line holds what a caller said or keyed, a number, a name, or a prompt: ids, types, counts and codes only.
 *
 * @module
 */

/** One method a level; the fields first, then one fixed word or two. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Writes nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
