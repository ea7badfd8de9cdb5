/**
 * Log files — the logs of calls that a command is given: files, or folders with all of them.
 *
 * @module
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { wrong } from './arguments.ts';

/** Whether `path` is the name of a log. */
export const isLogFile = (path: string): boolean => path.endsWith('.jsonl');

/** The files of `paths`, each once; of a folder its logs, by name. @throws `ERR_OPTION_INVALID` where there is none */
export const logFiles = async (paths: readonly string[]): Promise<readonly string[]> => {
  const files = (await Promise.all(paths.map(filesAt))).flat();
  if (files.length === 0) throw wrong('logs', 'say which logs of calls: files, or a folder with `.jsonl` files');
  return [...new Set(files)];
};

const filesAt = async (path: string): Promise<readonly string[]> => {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw wrong('logs', `there is no file or folder ${path}`);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter(isLogFile).sort();
  if (names.length === 0) throw wrong('logs', `the folder ${path} has no logs of calls: they are called \`….jsonl\``);
  return names.map((name) => join(path, name));
};

/** The text of the log `file`. @throws `ERR_OPTION_INVALID` */
export const logTextOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch(() => {
    throw wrong('logs', `the log ${file} cannot be read`);
  });
