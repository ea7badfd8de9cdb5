/**
 * Written files — what a command leaves in files, and says so on stderr.
 *
 * @module
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../machines/counted.ts';
import { wrong } from './arguments.ts';
import { isBotFile } from './load-bot.ts';

/** A bot is not written over. @throws `ERR_OPTION_INVALID`, of the option `option`, where `file` is that of a bot that was loaded */
export const spareBot = async (file: string, option: string): Promise<void> => {
  if (await isBotFile(file)) throw wrong(option, `${file} is the bot itself, and is not written over`);
};

/** Writes `text` as `file`. @throws `ERR_OPTION_INVALID`, of the option `option` */
export const writeText = async (file: string, text: string, option: string): Promise<void> => {
  await spareBot(file, option);
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

/** Writes `files` into `folder`, which is made where it is not there; each of them is a `what`. What else lies there is left, and told of. @throws `ERR_OPTION_INVALID`, of the option `option` */
export const writeTexts = async (folder: string, files: readonly NamedText[], what: string, option: string): Promise<void> => {
  for (const { name } of files) await spareBot(join(folder, name), option);
  let others: readonly string[];
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of files) await writeFile(join(folder, name), text);
    others = (await readdir(folder, { withFileTypes: true })).filter((one) => one.isFile() && !files.some(({ name }) => name === one.name)).map(({ name }) => name).sort();
  } catch {
    throw wrong(option, `the folder ${folder} cannot be written`);
  }
  process.stderr.write(`wrote ${counted(files.length, what)} into ${folder}\n`);
  if (others.length > 0) process.stderr.write(`${folder}: ${counted(others.length, 'file')} there ${others.length === 1 ? 'is' : 'are'} not of this run: ${others.slice(0, mostNamed).join(', ')}${others.length > mostNamed ? `, and ${others.length - mostNamed} more` : ''}\n`);
};

const mostNamed = 20;
