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

/** A project that holds one module of the text `source`, inside the checkout so that it can import `callchart`. */
export const withProject = <T>(source: string, use: (tsconfig: string) => T): T => {
  mkdirSync(join(root, '.callchart'), { recursive: true });
  const folder = mkdtempSync(join(root, '.callchart/types-'));
  try {
    writeFileSync(join(folder, 'bot.ts'), source);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['bot.ts'], exclude: [] }));
    return use(join('.callchart', basename(folder), 'tsconfig.json'));
  } finally {
    rmSync(folder, { recursive: true });
  }
};
