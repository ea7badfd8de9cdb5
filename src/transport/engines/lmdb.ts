/**
 * LMDB — the store of calls on this machine's disk: no server, and several processes may share one folder.
 *
 * A commit is one conditional block that LMDB's own write thread carries out: it looks whether the record is still the
 * one that was read here, and if so writes the record, its row in the index of due calls and its row in the index of
 * expiries, or none of them. Commits that arrive together share one transaction and one wait for the disk, so callers
 * are never put in a queue. No lock is held while JavaScript runs, so a busy event loop holds up no other process.
 *
 * A folder holds five LMDB databases. Keys are bytes; a time in a key is a double whose bytes sort as its value does:
 *
 * | database   | key             | value                                               | version       |
 * | ---------- | --------------- | --------------------------------------------------- | ------------- |
 * | `records`  | call            | revision, dueAt, expiresAt (NaN: none), packed text | one per write |
 * | `dues`     | dueAt, call     | packed call id                                      |               |
 * | `expiries` | expiresAt, call | packed call id                                      |               |
 * | `names`    | call            | packed call id, where the key is only its hash      |               |
 * | `meta`     | a name          | text: the folder's `format` and its `durability`    |               |
 *
 * @module
 */
import { within } from '../within.ts';
import { backup } from './lmdb-backup.ts';
import { commitFailed, failure, late, unavailable } from './lmdb-failure.ts';
import { type Bytes, type Durability, openFolder } from './lmdb-folder.ts';
import { beyond, callOf, idOf, isDamaged, isHashed, keyOf, least, namedRange, pack, packRecord, type RecordHead, rowKey, timeOf, unpack, unpackHead, unpackRecord } from './lmdb-layout.ts';
import type { CallStore, DueCall, StoredRecord } from './store.ts';

export interface LmdbStoreOptions {
  /** Where the files are, on a local disk; made if absent. Two stores of one folder are one store. */
  readonly folder: string;
  /**
   * What a commit that resolved survives: `flushed` (default) a power cut, `process` the death of the process only, with
   * the file whole all the same. All users of a folder say the same, which is checked: the two write the file differently.
   */
  readonly durability?: Durability;
  /**
   * How long a commit may wait for the disk and for other processes that write (default 10 s) before it rejects, reason
   * `locked`. It may be carried out yet: load the record to know.
   */
  readonly timeoutMs?: number;
}

/** A store on disk. */
export interface LmdbStore extends CallStore {
  /**
   * Makes a copy of the store, in which no room is left of what has gone, in the new folder `folder`: every call that was committed
   * before is in it as it was at one moment. The store may be in use meanwhile, by other processes too.
   *
   * @throws `ERR_STORE_UNAVAILABLE`, reason `open` where there is something in `folder` already, `full`, `read` or `write`; there is no copy then
   */
  backup(folder: string): Promise<void>;
}

/** Opens the folder, or rejects with `ERR_STORE_UNAVAILABLE`, reason `open`, and a message that says what to do. */
export async function lmdbStore(options: LmdbStoreOptions): Promise<LmdbStore> {
  const { folder, durability = 'flushed', timeoutMs = 10_000 } = options;
  const { root, records, recordsAsStored, dues, expiries, names, lastVersion } = await openFolder(folder, durability);
  /** What is read after it is what is on disk now: without, it may be the state of a millisecond ago. */
  const refresh = (): void => root.resetReadTxn();
  const underway = new Set<Promise<unknown>>();
  const copies = new Set<Promise<void>>();
  const tooLate = (): Error => late(timeoutMs);
  let overdue = 0;
  let closed = false;

  const isOpen = (reason: 'read' | 'write'): void => {
    if (closed) throw unavailable('the store of calls is closed', reason);
  };

  /** Runs `work`, which reads. */
  const read = async <T>(work: () => T): Promise<T> => {
    isOpen('read');
    try {
      refresh();
      return work();
    } catch (error) {
      throw await failure(error, 'read', folder);
    }
  };

  /** Runs `work`, which reads and then queues a write. One that is stuck is not waited for, nor joined by others. */
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    isOpen('write');
    if (overdue > 0) throw tooLate();
    const working = (async () => {
      refresh();
      return work();
    })();
    underway.add(working);
    const ended = (): boolean => underway.delete(working);
    working.then(ended, ended);
    try {
      return await within(working, timeoutMs, tooLate);
    } catch (error) {
      if (underway.has(working)) {
        overdue += 1;
        const caughtUp = (): number => (overdue -= 1);
        working.then(caughtUp, caughtUp);
      }
      throw await failure(error, 'write', folder);
    }
  };

  /** Whether what stands at `key` is shorter than a version. lmdb 3.5.6 would take its length for one below 0, or for four gigabytes. */
  const isCut = (key: Buffer): boolean => (recordsAsStored.getBinaryFast(key)?.length ?? Infinity) < versionBytes;

  /** What is on disk, but for the text: it is neither copied nor read. */
  const stored = (key: Buffer): Stored | undefined => {
    if (isCut(key)) return { ...unpackHead(cut), version: undefined };
    const bytes = records.getBinaryFast(key);
    return bytes && { ...unpackHead(bytes), version: lastVersion() };
  };

  /** Carries out the writes queued by `block`, all or none, if the record is still `before`; says whether it was. */
  const unchanged = (key: Buffer, before: Stored | undefined, block: () => void): Promise<boolean> => {
    return writing().catch(commitFailed);

    function writing(): Promise<boolean> {
      if (before === undefined) return records.ifNoExists(key, block);
      if (before.version !== undefined) return records.ifVersion(key, before.version, block);
      return records.transaction(() => {
        const still = isCut(key);
        if (still) block();
        return still;
      });
    }
  };

  /**
   * What was acknowledged has to be there. On a disk that takes no more, lmdb 3.5.6 was once seen to say yes to a
   * transaction that it then gave up (Node 22, the test of the full disk): then there is what was there before. Anything else is
   * what others made of it since: they went on, or it has expired, and perhaps its id was begun anew.
   */
  const confirm = (key: Buffer, before: Stored | undefined, { expiresAt }: StoredRecord): void => {
    refresh();
    const now = stored(key);
    if (now === undefined ? expiresAt === undefined : now.version === before?.version) throw new Error('the commit was acknowledged and is not there');
  };

  /** Queues, in such a block, the move of a call's row from one time to another. */
  const move = (index: Bytes, key: Buffer, from: number | undefined, to: number | undefined, callId: string): void => {
    if (from === to) return;
    if (from !== undefined) void index.remove(rowKey(from, key));
    if (to !== undefined) void index.put(rowKey(to, key), pack(callId));
  };

  /** The rows of a call, which its record cannot name: all are looked through, since that is rare. */
  const rowsOf = (key: Buffer): ReadonlyArray<readonly [Bytes, Buffer]> =>
    [dues, expiries].flatMap((index) => Array.from(index.getKeys().filter((row) => callOf(row).equals(key)), (row) => [index, Buffer.from(row)] as const));

  return {
    load: (callId) =>
      read(() => {
        const bytes = recordsAsStored.get(keyOf(callId));
        return bytes && unpackRecord(bytes.subarray(versionBytes));
      }),

    commit: (callId, expected, record) =>
      write(async () => {
        const key = keyOf(callId);
        const before = stored(key);
        if ((before?.revision ?? 0) !== expected) return false;
        const strays = before !== undefined && isDamaged(before) ? rowsOf(key) : [];
        const won = await unchanged(key, before, () => {
          for (const [index, row] of strays) void index.remove(row);
          void records.put(key, packRecord(record), newVersion());
          if (isHashed(key)) void names.put(key, pack(callId));
          move(dues, key, before?.dueAt, record.dueAt, callId);
          move(expiries, key, before?.expiresAt, record.expiresAt, callId);
        });
        if (won) confirm(key, before, record);
        return won;
      }),

    due: (until, limit, after, prefix = '') =>
      read(() => {
        const start = after && { start: Buffer.concat([rowKey(after.dueAt, keyOf(after.callId)), least]) };
        const found: DueCall[] = [];
        for (const { key, value } of dues.getRange({ ...start, end: rowKey(until, beyond), ...(prefix === '' && { limit }) })) {
          if (found.length >= limit) break;
          const callId = unpack(value);
          if (callId.startsWith(prefix)) found.push({ callId, dueAt: timeOf(key) });
        }
        return found;
      }),

    list: (prefix, limit, after) =>
      read(() => {
        const from = after === undefined ? undefined : Buffer.concat([keyOf(after), least]);
        const found: string[] = [];
        const range = namedRange(prefix);
        if (range !== undefined && (from === undefined || !isHashed(from))) {
          for (const key of records.getKeys(from === undefined || from.compare(range.start) < 0 ? range : { ...range, start: from })) {
            if (found.length >= limit) return found;
            const id = idOf(key);
            if (id.startsWith(prefix)) found.push(id);
          }
        }
        // Those that only their hashes stand for come behind, and are few: ids this long are nobody's but a stranger's.
        for (const { key, value } of names.getRange(from !== undefined && isHashed(from) ? { start: from } : {})) {
          if (found.length >= limit) return found;
          const id = unpack(value);
          if (id.startsWith(prefix) && records.doesExist(key)) found.push(id);
        }
        return found;
      }),

    expire: (now, limit) =>
      write(async () => {
        root.readerCheck(); // else what a process was reading when it was killed would be kept for it
        const rows = Array.from(expiries.getKeys({ end: rowKey(now, beyond), limit }));
        const dropped = rows.map((row) => {
          const key = callOf(row);
          const before = stored(key);
          const strays = before !== undefined && isDamaged(before) ? rowsOf(key) : [];
          if (strays.length === 0 && before?.expiresAt !== timeOf(row)) return false; // another process was first
          return unchanged(key, before, () => {
            for (const [index, stray] of strays) void index.remove(stray);
            void records.remove(key);
            if (isHashed(key)) void names.remove(key);
            move(dues, key, before?.dueAt, undefined, '');
            move(expiries, key, before?.expiresAt, undefined, '');
          });
        });
        return (await Promise.all(dropped)).filter((done) => done).length;
      }),

    backup: async (to) => {
      isOpen('read');
      const copying = backup(root, folder, to);
      const ended = (): boolean => copies.delete(copying);
      copies.add(copying);
      copying.then(ended, ended);
      await copying;
    },

    async close() {
      if (closed) return;
      closed = true;
      await Promise.allSettled(copies); // a copy reads what would be gone
      // A disk that failed a write never says that it has flushed it, so the waits are bounded and the end is silent.
      await within(Promise.allSettled(underway), timeoutMs, tooLate).catch(() => {});
      await within(root.close(), timeoutMs, tooLate).catch(() => {});
    },
  };
}

/** The bytes before a value that are its version, and what is left of a value that has not even them. */
const versionBytes = 8;
const cut = Buffer.alloc(0);

/** What a record is here: without its text, with the version that says whether it is still the same; undefined of one that is too short to have it. */
interface Stored extends RecordHead {
  readonly version: number | undefined;
}

/**
 * A number no other write has: the revision would come again when a call is forgotten and its id used anew, and then a
 * commit could remove index rows that are not those of the record it replaces.
 */
const newVersion = (): number => 1 + Math.floor(Math.random() * (Number.MAX_SAFE_INTEGER - 1));
