/**
 * Log — the lines that the transport writes. pino's shape, so that a pino logger fits as it is.
 *
 * No line holds what a caller said or keyed, a number, a name, or a prompt: ids, types, counts, codes and places only.
 * What somebody's code threw is therefore never handed to a logger as it is: its message might quote the caller.
 *
 * @module
 */
import { isCallError } from '../errors.ts';

/** One method a level; the fields first, then one fixed word or two. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Writes nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** What may be logged of `error`: of ours the code, the sentence and the facts; of anybody else's its kind and its place. */
export const thrown = (error: unknown): Readonly<Record<string, unknown>> => {
  if (!isCallError(error)) return { thrown: placeOf(error) };
  const { code, message, details, cause } = error;
  return { code, reason: message, details, ...(cause !== undefined && { thrown: placeOf(cause) }) };
};

/** A frame of a stack as V8 writes it. */
const frame = /^ {4}at .*(?:(?:file:|node:|\/|[A-Z]:\\).*:\d+:\d+|<anonymous>|index \d+)\)?$/;

const placeOf = (error: unknown): unknown => {
  if (isCallError(error)) return { code: error.code, reason: error.message };
  if (!(error instanceof Error)) return { kind: typeof error };
  const { stack = '', message, code } = error as Error & { readonly code?: unknown };
  const below = stack.slice(Math.max(0, stack.indexOf(message)) + message.length);
  return { kind: error.constructor.name, ...codeOf(code), stack: below.split('\n').filter((line) => frame.test(line)).slice(0, 8) };
};

/** A code as Node and libraries have it (`ECONNREFUSED`). Anything else that stands in its place might be the caller's. */
export const codeOf = (code: unknown): { readonly code?: string } => (typeof code === 'string' && /^[A-Z][A-Z_]{1,60}$/.test(code) ? { code } : {});
