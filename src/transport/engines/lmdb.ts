/**
 * LMDB — the store of calls on this machine's disk: no server, and several processes may share one folder.
 *
 * A commit is one conditional block that LMDB's own write thread carries out: it looks whether the record is still the
 * one that was read here, and if so writes the record, its row in the index of due calls and its row in the index of
 * expiries, or none of them. Commits that arrive together share one transaction and one wait for the disk, so callers
 * are never put in a queue. No lock is held while JavaScript runs, so a busy event loop holds up no other process.
 *
 * A folder holds four LMDB databases. Keys are bytes; a time in a key is a double whose bytes sort as its value does:
 *
 * | database   | key             | value                                               | version       |
 * | ---------- | --------------- | --------------------------------------------------- | ------------- |
 * | `records`  | call            | revision, dueAt, expiresAt (NaN: none), packed text | one per write |
 * | `dues`     | dueAt, call     | packed call id                                      |               |
 * | `expiries` | expiresAt, call | packed call id                                      |               |
 * | `meta`     | a name          | text: the folder's `format` and its `durability`    |               |
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { mkdir, open as openFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, RootDatabase, RootDatabaseOptions } from 'lmdb';
import { CallError, isCallError, type CallErrorDetails } from '../../errors.ts';
import type { CallStore, StoredRecord } from './store.ts';

export interface LmdbStoreOptions {
  /** Where the files are, on a local disk; made if absent. Two stores of one folder are one store. */
  readonly folder: string;
  /**
   * What a commit that resolved survives: `flushed` (default) a power cut, `process` the death of the process only, with
   * the file whole all the same. All users of a folder say the same, which is checked: the two write the file differently.
   */
  readonly durability?: 'flushed' | 'process';
  /**
   * How long a commit may wait for the disk and for other processes that write (default 10 s) before it rejects, reason
   * `locked`. It may be carried out yet: load the record to know.
   */
  readonly timeoutMs?: number;
}

type Failure = CallErrorDetails['ERR_STORE_UNAVAILABLE']['reason'];

/** Counts the changes of the layout above. A folder of a later one is refused; there is no earlier one. */
const format = 1;

/** Opens the folder, or rejects with `ERR_STORE_UNAVAILABLE`, reason `open`, and a message that says what to do. */
export async function lmdbStore(options: LmdbStoreOptions): Promise<CallStore> {
  const { folder, durability = 'flushed', timeoutMs = 10_000 } = options;
  const { root, records, dues, expiries } = await openFolder(folder, durability);
  const underway = new Set<Promise<unknown>>();
  let overdue = 0;
  let closed = false;

  const isOpen = (reason: 'read' | 'write'): void => {
    if (closed) throw unavailable('the store of calls is closed', reason);
  };

  /** Runs `work`, which reads what is on disk now: without the reset it may see the state of a millisecond ago. */
  const read = async <T>(work: () => T): Promise<T> => {
    isOpen('read');
    try {
      root.resetReadTxn();
      return work();
    } catch (error) {
      throw await failure(error, 'read', folder);
    }
  };

  /** Runs `work`, which reads and then queues a write. One that is stuck is not waited for, nor joined by others. */
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    isOpen('write');
    if (overdue > 0) throw late(timeoutMs);
    const working = (async () => {
      root.resetReadTxn();
      return work();
    })();
    underway.add(working);
    const ended = (): boolean => underway.delete(working);
    working.then(ended, ended);
    try {
      return await within(timeoutMs, working);
    } catch (error) {
      if (underway.has(working)) {
        overdue += 1;
        const caughtUp = (): number => (overdue -= 1);
        working.then(caughtUp, caughtUp);
      }
      throw await failure(error, 'write', folder);
    }
  };

  const stored = (key: Buffer): Stored | undefined => {
    const entry = records.getEntry(key);
    return entry && { record: unpackRecord(entry.value), version: entry.version! };
  };

  /** Carries out the writes queued by `block`, all or none, if the record is still `before`; says whether it was. */
  const unchanged = (key: Buffer, before: Stored | undefined, block: () => void): Promise<boolean> => {
    const done = before === undefined ? records.ifNoExists(key, block) : records.ifVersion(key, before.version, block);
    return done.catch(commitFailed);
  };

  /**
   * What was acknowledged has to be there. On a disk that takes no more, lmdb 3.5.6 was once seen to say yes to a
   * transaction that it then gave up (Node 22, the test of the full disk).
   */
  const confirm = (key: Buffer, { revision, expiresAt }: StoredRecord): void => {
    root.resetReadTxn();
    const now = stored(key)?.record.revision ?? (expiresAt === undefined ? 0 : revision);
    if (now < revision) throw new Error('the commit was acknowledged and is not there');
  };

  /** Queues, in such a block, the move of a call's row from one time to another. */
  const move = (index: Bytes, key: Buffer, from: number | undefined, to: number | undefined, callId: string): void => {
    if (from === to) return;
    if (from !== undefined) void index.remove(rowKey(from, key));
    if (to !== undefined) void index.put(rowKey(to, key), pack(callId));
  };

  return {
    load: (callId) => read(() => stored(keyOf(callId))?.record),

    commit: (callId, expected, record) =>
      write(async () => {
        const key = keyOf(callId);
        const before = stored(key);
        if ((before?.record.revision ?? 0) !== expected) return false;
        const won = await unchanged(key, before, () => {
          void records.put(key, packRecord(record), newVersion());
          move(dues, key, before?.record.dueAt, record.dueAt, callId);
          move(expiries, key, before?.record.expiresAt, record.expiresAt, callId);
        });
        if (won) confirm(key, record);
        return won;
      }),

    due: (until, limit, after) =>
      read(() => {
        const start = after && { start: Buffer.concat([rowKey(after.dueAt, keyOf(after.callId)), least]) };
        const rows = dues.getRange({ ...start, end: rowKey(until, beyond), limit });
        return Array.from(rows, ({ key, value }) => ({ callId: unpack(value), dueAt: timeOf(key) }));
      }),

    expire: (now, limit) =>
      write(async () => {
        const rows = Array.from(expiries.getKeys({ end: rowKey(now, beyond), limit }));
        const dropped = rows.map((row) => {
          const key = callOf(row);
          const before = stored(key);
          if (before?.record.expiresAt !== timeOf(row)) return false; // another process was first
          return unchanged(key, before, () => {
            void records.remove(key);
            move(dues, key, before.record.dueAt, undefined, '');
            move(expiries, key, before.record.expiresAt, undefined, '');
          });
        });
        return (await Promise.all(dropped)).filter((done) => done).length;
      }),

    async close() {
      if (closed) return;
      closed = true;
      // A disk that failed a write never says that it has flushed it, so the waits are bounded and the end is silent.
      await within(timeoutMs, Promise.allSettled(underway)).catch(() => {});
      await within(timeoutMs, root.close()).catch(() => {});
    },
  };
}

type Bytes = Database<Buffer, Buffer>;

/** What a record is here: with the version that says whether it is still the same. */
interface Stored {
  readonly record: StoredRecord;
  readonly version: number;
}

/**
 * A number no other write has: the revision would come again when a call is forgotten and its id used anew, and then a
 * commit could remove index rows that are not those of the record it replaces.
 */
const newVersion = (): number => 1 + Math.floor(Math.random() * (Number.MAX_SAFE_INTEGER - 1));

async function openFolder(folder: string, durability: 'flushed' | 'process') {
  const { open } = await import('lmdb').catch((cause: unknown) => {
    throw unavailable('the npm package lmdb cannot be loaded: install it, or say CALLCHART_STORE=memory', 'open', cause);
  });
  let root: RootDatabase<Buffer, Buffer> | undefined;
  try {
    await mkdir(folder, { recursive: true });
    await refuseForeignFile(join(folder, 'data.mdb'));
    root = open<Buffer, Buffer>(environment(folder, durability));
    checkMeta(root.openDB<string, string>('meta', { encoding: 'string' }), durability);
    const bytes = { encoding: 'binary', keyEncoding: 'binary' } as const;
    return {
      root,
      records: root.openDB<Buffer, Buffer>('records', { ...bytes, useVersions: true }),
      dues: root.openDB<Buffer, Buffer>('dues', bytes),
      expiries: root.openDB<Buffer, Buffer>('expiries', bytes),
    };
  } catch (error) {
    await root?.close();
    const advice = '. Give a folder on a local disk that this process may write';
    const why = isCallError(error) ? error.message : `${describe(error)}${advice}`;
    throw unavailable(`the store of calls in ${folder} cannot be opened: ${why}`, 'open', error);
  }
}

/** Writes what the folder is when it is new; else refuses it when it is something else. */
function checkMeta(meta: Database<string, string>, durability: 'flushed' | 'process'): void {
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
const environment = (folder: string, durability: 'flushed' | 'process'): RootDatabaseOptions & { path: string } => ({
  path: folder,
  noSubdir: false,
  eventTurnBatching: false,
  ...(durability === 'flushed' && { overlappingSync: false }),
});

/** LMDB 3.5.6 crashes the process when `data.mdb` is not its own, so its first bytes are looked at before. */
async function refuseForeignFile(path: string): Promise<void> {
  const file = await openFile(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (file === undefined) return;
  try {
    const head = new Uint32Array(8); // of the machine's own byte order, as the file's are
    const { bytesRead } = await file.read(head, { length: 32, position: 0 });
    const isOurs = head[6] === 0xbeefc0de && (head[7]! & 0xffff) === 2;
    if (bytesRead > 0 && !isOurs) {
      throw unavailable('its data.mdb is damaged, or was not written by callchart: give another folder', 'open');
    }
  } finally {
    await file.close();
  }
}

const unavailable = (message: string, reason: Failure, cause?: unknown) =>
  new CallError('ERR_STORE_UNAVAILABLE', message, { reason }, cause === undefined ? undefined : { cause });

const late = (timeoutMs: number) =>
  unavailable(
    `the store of calls has not answered for ${timeoutMs} ms: another process that writes to its folder is stopped, ` +
      'or the disk is. If it stays so, restart this process',
    'locked',
  );

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Turns what LMDB threw into ours, and says `full` where the disk is (which LMDB reports as an I/O error). */
async function failure(error: unknown, reason: 'read' | 'write', folder: string): Promise<CallError> {
  if (isCallError(error)) return error;
  const place = `the store of calls in ${folder}`;
  if (reason === 'read') return unavailable(`${place} cannot be read: ${describe(error)}`, 'read', error);
  if (await isFull(error, folder)) return unavailable(`${place} cannot be written: its disk is full`, 'full', error);
  return unavailable(`${place} cannot be written: ${describe(error)}`, 'write', error);
}

/**
 * LMDB rejects a commit with an error whose `commitError` is a promise of the reason. Left alone it ends the process as
 * an unhandled rejection; it comes a little later, and for some reasons never.
 */
async function commitFailed(error: { readonly commitError?: Promise<unknown> }): Promise<never> {
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise((resolve) => {
    timer = setTimeout(resolve, 100, error);
  });
  const reason = await Promise.race([error.commitError?.catch((caught: unknown) => caught) ?? error, never]);
  clearTimeout(timer);
  throw reason;
}

async function isFull(error: unknown, folder: string): Promise<boolean> {
  const { code } = error as { code?: unknown };
  if (code === 28 || code === 122 || code === 27 || code === -30792) return true; // ENOSPC, EDQUOT, EFBIG, MDB_MAP_FULL
  if (code !== 5) return false;
  const disk = await statfs(folder).catch(() => undefined);
  return disk !== undefined && disk.bavail * disk.bsize < 1 << 20;
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Sorts before and after all that can follow a time in a key. */
const least = Buffer.of(0);
const beyond = Buffer.of(0xff);

/** The bytes of a call id as a key, or their hash where they are too long (LMDB's limit is 1,978) or no legal UTF-8. */
function keyOf(callId: string): Buffer {
  if (callId.length <= 500 && !/\p{Surrogate}/u.test(callId)) {
    const bytes = Buffer.from(`\0${callId}`, 'utf8');
    if (bytes.length <= 501) return bytes;
  }
  return Buffer.concat([Buffer.of(1), createHash('sha256').update(callId, 'utf16le').digest()]);
}

/** A row of an index: eight bytes of time, then the call's key. */
function rowKey(at: number, key: Buffer): Buffer {
  const row = Buffer.allocUnsafe(8 + key.length);
  row.writeDoubleBE(at + 0); // −0 is 0
  key.copy(row, 8);
  if (row[0]! < 0x80) row[0]! ^= 0x80;
  else for (let index = 0; index < 8; index += 1) row[index]! ^= 0xff; // negative: the larger its bytes, the smaller it is
  return row;
}

function timeOf(row: Buffer): number {
  const bytes = Buffer.from(row.subarray(0, 8));
  if (bytes[0]! >= 0x80) bytes[0]! ^= 0x80;
  else for (let index = 0; index < 8; index += 1) bytes[index]! ^= 0xff;
  return bytes.readDoubleBE();
}

const callOf = (row: Buffer): Buffer => Buffer.from(row.subarray(8));

/** Text as bytes that give back every string, lone surrogates too: Latin-1 where all fits, else UTF-16. */
function pack(text: string, room = 0): Buffer {
  const narrow = !/[^\0-\xff]/.test(text);
  const bytes = Buffer.allocUnsafe(room + 1 + text.length * (narrow ? 1 : 2));
  bytes[room] = narrow ? 1 : 2;
  bytes.write(text, room + 1, narrow ? 'latin1' : 'utf16le');
  return bytes;
}

const unpack = (bytes: Buffer, room = 0): string => bytes.toString(bytes[room] === 1 ? 'latin1' : 'utf16le', room + 1);

function packRecord({ revision, text, dueAt = NaN, expiresAt = NaN }: StoredRecord): Buffer {
  const bytes = pack(text, 24);
  bytes.writeDoubleBE(revision, 0);
  bytes.writeDoubleBE(dueAt, 8);
  bytes.writeDoubleBE(expiresAt, 16);
  return bytes;
}

function unpackRecord(bytes: Buffer): StoredRecord {
  const dueAt = bytes.readDoubleBE(8);
  const expiresAt = bytes.readDoubleBE(16);
  return {
    revision: bytes.readDoubleBE(0),
    text: unpack(bytes, 24),
    ...(!Number.isNaN(dueAt) && { dueAt }),
    ...(!Number.isNaN(expiresAt) && { expiresAt }),
  };
}
