/**
 * Lmdb folders — where tests of the store on disk keep their folders, and other processes that use them.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Folders of one test file, gone when it is done. */
export function lmdbFolders(): { readonly newFolder: () => string; readonly inBase: (name: string) => string } {
  let base = '';
  let folders = 0;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'callchart-lmdb-'));
  });
  after(() => rm(base, { recursive: true }));
  return { newFolder: () => join(base, `folder ${(folders += 1)}`), inBase: (name) => join(base, name) };
}

/** Starts `lmdb-child.ts`; what it prints is read line by line. */
export function startChild(...args: readonly string[]): ChildProcess & { readonly lines: AsyncIterableIterator<string> } {
  const file = fileURLToPath(new URL('lmdb-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', '-C', '@callchart/source', file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  return Object.assign(child, { lines: createInterface(child.stdout)[Symbol.asyncIterator]() });
}
