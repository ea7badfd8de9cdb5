/**
 * Failure — what goes wrong, as one plain sentence with its code and as an exit code: 1 where something was found or
 * refused, 2 where the command could not be understood or the bot not be loaded.
 *
 * @module
 */
import { isCallError } from '../errors.ts';
import { mark } from './arguments.ts';

export const exitCodes = { ok: 0, found: 1, unusable: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Tells of `error` on stderr; the exit code that goes with it. The stack is shown with `CALLCHART_DEBUG`. */
export const tell = (error: unknown): ExitCode => {
  process.stderr.write(`callchart: ${sentence(error)}\n`);
  if (process.env['CALLCHART_DEBUG']) process.stderr.write(`${stackOf(error)}\n`);
  return isCallError(error) && error.code === 'ERR_EXPECTATION' ? exitCodes.found : exitCodes.unusable;
};

/** `error` in one sentence. */
export const sentence = (error: unknown): string => {
  if (isCallError(error)) return `${error.message} (${error.code})`;
  if (!(error instanceof Error)) return `something that is no error was thrown (ERR_INTERNAL)`;
  // What the argument parser says of a command line, without our marks in it.
  return error.name === 'CACError' ? `${error.message.replaceAll(mark, '')} (ERR_OPTION_INVALID)` : `${error.message} (ERR_INTERNAL; CALLCHART_DEBUG=1 shows where)`;
};

const stackOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return [error.stack ?? error.message, ...(error.cause === undefined ? [] : [`caused by ${stackOf(error.cause)}`])].join('\n');
};
