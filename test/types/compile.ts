/**
 * Compile — runs `tsc` on a project and reads what it says.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One diagnostic, with everything that belongs to it. */
export interface Diagnostic {
  /** The file's name without its folder. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** What `tsc` says of the project `tsconfig`, a path from the root of the checkout. */
export const compile = (tsconfig: string): readonly Diagnostic[] => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, '-p', join(root, tsconfig), '--pretty', 'false'], { encoding: 'utf8', cwd: root });
  if (status === null || stderr !== '') throw new Error(`tsc did not run: ${stderr}`);
  // A diagnostic begins in the first column; the lines that explain it are indented.
  return stdout.split(/\n(?=\S)/).filter((text) => text.trim() !== '').map((text) => {
    const [, file = '', line = '0'] = /^(.+?)\((\d+),\d+\): error /.exec(text) ?? [];
    return { file: basename(file), line: Number(line), text };
  });
};

/** A project that holds modules by their names, or one of a text, inside the checkout so that they can import `callchart`; and what is in `folders` of it. */
export const withProject = <T>(sources: string | Readonly<Record<string, string>>, use: (tsconfig: string) => T, folders: readonly string[] = []): T => {
  mkdirSync(join(root, '.callchart'), { recursive: true });
  const folder = mkdtempSync(join(root, '.callchart/types-'));
  const files = typeof sources === 'string' ? { 'bot.ts': sources } : sources;
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: [...Object.keys(files), ...folders.map((one) => join('../..', one))], exclude: [] }));
    return use(join('.callchart', basename(folder), 'tsconfig.json'));
  } finally {
    rmSync(folder, { recursive: true });
  }
};
