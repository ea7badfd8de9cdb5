/**
 * Written files — what a command leaves in files, and says so on stderr.
 *
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../machines/counted.ts';
import { wrong } from './arguments.ts';

/** Writes `text` as `file`. @throws `ERR_OPTION_INVALID`, of the option `option` */
export const writeText = async (file: string, text: string, option: string): Promise<void> => {
  await writeFile(file, text).catch(() => {
    throw wrong(option, `${file} cannot be written`);
  });
  process.stderr.write(`wrote ${file}\n`);
};

/** A file of a folder. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Writes `files` into `folder`, which is made where it is not there; each of them is a `what`. @throws `ERR_OPTION_INVALID`, of the option `option` */
export const writeTexts = async (folder: string, files: readonly NamedText[], what: string, option: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of files) await writeFile(join(folder, name), text);
  } catch {
    throw wrong(option, `the folder ${folder} cannot be written`);
  }
  process.stderr.write(`wrote ${counted(files.length, what)} into ${folder}\n`);
};
