/**
 * Lmdb folder — opens the folder of a store on disk, makes it if it is not there, and refuses one that is something else.
 *
 * A folder holds LMDB's `data.mdb` and `lock.mdb`. All processes that use it say the same `durability`, since the two write the
 * file differently.
 *
 * @module
 */
import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Database, RootDatabase, RootDatabaseOptions } from 'lmdb';
import { isCallError } from '../../errors.ts';
import { describe, isFull, unavailable } from './lmdb-failure.ts';
import { checkFile } from './lmdb-file.ts';

/** What a commit that resolved survives. */
export type Durability = 'flushed' | 'process';

/** A database of the folder; its keys and values are bytes. */
export type Bytes = Database<Buffer, Buffer>;

/** A folder that is open. */
export interface Folder {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly records: Bytes;
  /** The same database, each value with its version before it: so is one read that is shorter than a version, which `records` cannot. */
  readonly recordsAsStored: Bytes;
  readonly dues: Bytes;
  readonly expiries: Bytes;
  readonly names: Bytes;
  /** The version of the record that was read last. */
  lastVersion(): number;
}

/** Counts the changes of the layout (`lmdb.ts`) that an earlier version cannot read. A folder of a later one is refused; there is no earlier one. */
const format = 1;

/** Opens the folder, or rejects with `ERR_STORE_UNAVAILABLE`, reason `open` or `full`, and a message that says what to do. */
export async function openFolder(folder: string, durability: Durability): Promise<Folder> {
  const { open, getLastVersion } = await import('lmdb').catch((cause: unknown) => {
    throw unavailable('the npm package lmdb cannot be loaded: install it, or say CALLCHART_STORE=memory', 'open', cause);
  });
  let root: RootDatabase<Buffer, Buffer> | undefined;
  try {
    await makeFolder(folder);
    if (process.platform === 'linux' && isRemote((await statfs(folder)).type)) throw unavailable('it is on another machine, where LMDB keeps no order among processes: give a folder on a local disk', 'open');
    await checkFile(join(folder, 'data.mdb'));
    await requireRoomForLock(folder);
    root = open<Buffer, Buffer>(environment(folder, durability));
    checkMeta(root.openDB<string, string>('meta', { encoding: 'string' }), durability);
    const bytes = { encoding: 'binary', keyEncoding: 'binary' } as const;
    return {
      root,
      records: root.openDB<Buffer, Buffer>('records', { ...bytes, useVersions: true }),
      recordsAsStored: root.openDB<Buffer, Buffer>('records', bytes),
      dues: root.openDB<Buffer, Buffer>('dues', bytes),
      expiries: root.openDB<Buffer, Buffer>('expiries', bytes),
      names: root.openDB<Buffer, Buffer>('names', bytes),
      lastVersion: getLastVersion,
    };
  } catch (error) {
    await root?.close();
    if (await isFull(error, folder)) throw unavailable(`the store of calls in ${folder} cannot be opened: its disk is full. Make room, and start again`, 'full', error);
    const advice = '. Give a folder on a local disk that this process may write';
    const why = isCallError(error) ? error.message : `${describe(error)}${advice}`;
    throw unavailable(`the store of calls in ${folder} cannot be opened: ${why}`, 'open', error);
  }
}

/** Makes the folder for this user alone: calls hold who rang. It says what is wrong with the disk, which Node's own way of making several does not. */
export async function makeFolder(folder: string, mode = 0o700): Promise<void> {
  const place = resolve(folder);
  try {
    await mkdir(place, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(place) !== place) {
      await makeFolder(dirname(place), 0o777);
      await makeFolder(place, mode);
    } else if (!(await isFolder(place))) throw error;
  }
}

const isFolder = (place: string): Promise<boolean> => stat(place).then((found) => found.isDirectory(), () => false);

/** So much is found free before `lock.mdb` is made: what it takes, and the first pages of a new `data.mdb`. */
const roomBytes = 1 << 16;

/** LMDB writes to `lock.mdb` as to memory: where the disk has no room for it, the process ends without a word. */
async function requireRoomForLock(folder: string): Promise<void> {
  const lock = await stat(join(folder, 'lock.mdb')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (lock !== undefined && lock.blocks > 0) return; // its beginning has its room, and the rest is for many more readers than there are
  const room = join(folder, 'lock.mdb.room');
  try {
    await writeFile(room, Buffer.alloc(roomBytes));
  } finally {
    await rm(room, { force: true });
  }
}

/** Whether a file system of this type, as Linux counts them, is one of the network: NFS, SMB, CIFS, AFS, Ceph, Lustre. */
export const isRemote = (type: number): boolean => [0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x00c36400, 0x0bd00bd0].includes(type);

/** Writes what the folder is when it is new; else refuses it when it is something else. */
function checkMeta(meta: Database<string, string>, durability: Durability): void {
  const found = meta.transactionSync(() => {
    if (meta.get('format') === undefined) {
      meta.putSync('format', String(format));
      meta.putSync('durability', durability);
    }
    return { format: meta.get('format'), durability: meta.get('durability') };
  });
  if (found.format !== String(format)) {
    const advice = 'run the version that wrote it, or give another folder';
    const rule = `it is of store format ${found.format}, and this version of callchart reads format ${format}`;
    throw unavailable(`${rule}: ${advice}`, 'open');
  }
  if (found.durability !== durability) {
    const advice = 'say the same, or give another folder';
    throw unavailable(`its durability is '${found.durability}', not '${durability}': ${advice}`, 'open');
  }
}

/**
 * How LMDB is to write.
 *
 * `overlappingSync` makes a commit visible before it is on disk and syncs behind it: right for `process`. Without it the
 * sync is part of the commit, so that whoever reads a record reads one that is on disk, and a failed sync fails the
 * commit (with it, the promise `flushed` then never settles).
 *
 * Turn batching is off since it makes one more promise, which nobody can reach, and when the disk is full its rejection
 * ends the process (lmdb 3.5.6, `write.js`, `enqueuedEventTurnBatch`). Commits of one turn still share a transaction.
 */
const environment = (folder: string, durability: Durability): RootDatabaseOptions & { path: string } => ({
  path: folder,
  noSubdir: false,
  eventTurnBatching: false,
  ...(durability === 'flushed' && { overlappingSync: false }),
});
