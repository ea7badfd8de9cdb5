/**
 * Lmdb backup — a copy of a folder of calls that is in use, without the room of what has gone.
 *
 * LMDB copies what one reader sees, which is one moment of all calls, on a thread of its own; writers go on meanwhile, and the
 * file they write to grows by what they change, since no page that the reader may come to is written over. The copy is made
 * beside its place and moved there once it is on disk and was found whole: what has the name of a backup is one.
 *
 * @module
 */
import { mkdtemp, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { isCallError } from '../../errors.ts';
import { describe, isFull, unavailable } from './lmdb-failure.ts';
import { checkFile } from './lmdb-file.ts';
import { makeFolder } from './lmdb-folder.ts';

/** Copies `root`, which is the store in `folder`, to the folder `to`. @throws `ERR_STORE_UNAVAILABLE` */
export async function backup(root: RootDatabase<Buffer, Buffer>, folder: string, to: string): Promise<void> {
  const place = resolve(to);
  const parent = dirname(place);
  let unfinished: string | undefined;
  try {
    await requireRoom(place);
    await makeFolder(parent, 0o777);
    unfinished = await mkdtemp(join(parent, `${basename(place)}.unfinished-`));
    await root.backup(unfinished, true);
    await toDisk(join(unfinished, 'data.mdb'));
    await checkFile(join(unfinished, 'data.mdb'), Infinity);
    await rmdir(place).catch(absent);
    await rename(unfinished, place);
    if (process.platform !== 'win32') await toDisk(parent); // where a folder cannot be opened as a file
  } catch (error) {
    if (unfinished !== undefined) await rm(unfinished, { recursive: true, force: true });
    if (isCallError(error) && unfinished === undefined) throw error;
    const what = `the store of calls in ${folder} cannot be copied to ${to}`;
    if (await isFull(error, parent)) throw unavailable(`${what}: its disk is full`, 'full', error);
    throw unavailable(`${what}: ${describe(error)}`, isCallError(error) ? 'read' : 'write', error);
  }
}

/** @throws `ERR_STORE_UNAVAILABLE` where there is something at `place` that the copy would take the room of */
async function requireRoom(place: string): Promise<void> {
  const found = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') return ['a file'];
    throw error;
  });
  if (found.length > 0) throw unavailable(`there is something in ${place} already: give a folder that is not there yet for the copy`, 'open');
}

const absent = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};

async function toDisk(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
