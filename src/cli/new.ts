/**
 * `callchart new <folder>` — writes a small project that runs and passes its test.
 *
 * @module
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { plain, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { packageFacts } from './package-facts.ts';
import { projectFiles } from './template.ts';

export const newProject = async (folder: string): Promise<ExitCode> => {
  const at = plain(folder);
  const files = await readdir(at).catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return [];
    throw wrong('folder', `${at} is not a folder that can be written`);
  });
  if (files.some((name) => name !== '.git')) throw wrong('folder', `the folder ${at} is not empty`);
  try {
    await mkdir(at, { recursive: true });
    for (const [path, text] of Object.entries(projectFiles(packageName(basename(resolve(at))), packageFacts()))) await writeFile(join(at, path), text, { flag: 'wx' });
  } catch (cause) {
    throw Object.assign(wrong('folder', `${at} is not a folder that can be written`), { cause });
  }
  process.stdout.write([`wrote a bot, its test and what runs them in ${at}`, 'now:', ...(resolve(at) === process.cwd() ? [] : [`  cd ${/^[\w./-]+$/.test(at) ? at : JSON.stringify(at)}`]), '  npm install', '  npm start', '  npm test', ''].join('\n'));
  return exitCodes.ok;
};

/** A name that npm takes, from the folder's. */
const packageName = (folder: string): string => folder.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '') || 'bot';
