/**
 * Given files — the files that a command is given to read, by their names or by the folder that they are in.
 *
 * @module
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { wrong } from './arguments.ts';

/** What a path stands for. */
interface Given {
  readonly isFolder: boolean;
  readonly files: readonly string[];
}

/** The file at `path`; or of the folder there, and of those in it, all files that end by one of `endings`, by name. @throws `ERR_OPTION_INVALID`, of the option `option`, where there is neither */
export const givenAt = async (path: string, endings: readonly string[], option: string): Promise<Given> => {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw wrong(option, `there is no file or folder ${path}`);
  if (!found.isDirectory()) return { isFolder: false, files: [path] };
  const names = (await readdir(path, { recursive: true })).filter((name) => endings.some((ending) => name.endsWith(ending)));
  return { isFolder: true, files: names.sort().map((name) => join(path, name)) };
};

/** The text of `file`. @throws `ERR_OPTION_INVALID`, of the option `option` */
export const textOf = (file: string, option: string): Promise<string> =>
  readFile(file, 'utf8').catch(() => {
    throw wrong(option, `${file} cannot be read`);
  });
