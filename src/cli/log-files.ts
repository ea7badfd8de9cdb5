/**
 * Log files — the logs of calls that a command is given, and what is said of those that cannot be used.
 *
 * @module
 */
import { type CallErrorDetails, isCallError } from '../errors.ts';
import { type CallLog, readLog } from '../machines/index.ts';
import { wrong } from './arguments.ts';
import { givenAt, textOf } from './given-files.ts';

/** How logs are called. */
export const logEnding = '.jsonl';

/** The files of `paths`, each once; of a folder its logs, by name. @throws `ERR_OPTION_INVALID` where there is none */
export const logFiles = async (paths: readonly string[]): Promise<readonly string[]> => {
  const files = (await Promise.all(paths.map(logsAt))).flat();
  if (files.length === 0) throw wrong('logs', 'say which logs of calls: files, or a folder with `.jsonl` files');
  return [...new Set(files)];
};

const logsAt = async (path: string): Promise<readonly string[]> => {
  const { files } = await givenAt(path, [logEnding], 'logs');
  if (files.length === 0) throw wrong('logs', `the folder ${path} has no logs of calls: they are called \`…${logEnding}\``);
  return files;
};

/** A log, and what was made of it. */
export interface UsedLog<T> {
  readonly file: string;
  readonly log: CallLog;
  readonly result: T;
}

/** A log that cannot be used, with the first line that does not fit. */
export interface RefusedLog extends Readonly<CallErrorDetails['ERR_LOG_INVALID']> {
  readonly file: string;
  /** The rule, in words. */
  readonly what: string;
}

/** Whether the log cannot be used. */
export const isRefused = (one: UsedLog<unknown> | RefusedLog): one is RefusedLog => !('log' in one);

/** What `use` makes of the log `file`. @throws `ERR_OPTION_INVALID` where it cannot be read */
export const usedLog = async <T>(file: string, use: (log: CallLog) => T): Promise<UsedLog<T> | RefusedLog> => {
  const written = await textOf(file, 'logs');
  try {
    const log = readLog(written);
    return { file, log, result: use(log) };
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_LOG_INVALID') throw error;
    return { file, ...error.details, what: error.message.replace(/^line \d+: /, '') };
  }
};

/** As JSON has it. */
export const refusalTold = ({ file, reason, line, what }: RefusedLog): object => ({ log: file, code: 'ERR_LOG_INVALID', reason, line, what });

/** As people read it. */
export const refusalText = ({ file, line, what }: RefusedLog): string => `${file}:${line}: ${what} (ERR_LOG_INVALID)`;
