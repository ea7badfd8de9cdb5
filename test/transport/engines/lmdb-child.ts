/**
 * Another process on a folder of calls, for `lmdb.test.ts`: `lmdb-child.ts <folder> <does> …`.
 *
 * - `write <durability> <prefix>`: commits revision after revision of three calls at once until it is killed, and prints
 *   `<call> <revision>` for each after it is acknowledged;
 * - `add <times>`: adds one to the call `sum`, so many times, trying again when another writer was first;
 * - `fill`: commits calls, eight at once, until one is refused; prints why, how many of those acknowledged can be read
 *   and how many others, and ends;
 * - `read <calls>`: prints `open`, waits for the call `last`, and prints how many of the calls `call 0` and so on it can read, and
 *   whether it can commit;
 * - `renew`: forgets what has expired and begins the call `a` anew as soon as it is forgotten, and prints `ready` and `anew`;
 * - `make <times>`: opens and closes the folders `<folder> 1` and so on, each of which is new, and prints the number of each;
 * - `open`: opens the folder, and prints `open` or why it cannot;
 * - `backup <folder>`: makes a backup there, and prints `done` or why there is none;
 * - `spoil`: writes over all pages of the open store but the first two, and prints what loading a call and committing one come to;
 * - `hold`: begins to read all calls, prints `holds` and goes no further;
 * - `lock <ms>`: takes LMDB's own write lock, prints `locked` and stops dead with it for so long.
 *
 * @module
 */
import { openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { isCallError } from '../../../src/errors.ts';
import { lmdbStore } from '../../../src/transport/engines/lmdb.ts';

const [folder = '', does, count = '0', prefix = ''] = process.argv.slice(2);

/** Waits for whoever reads too slowly: a pipe takes so much and no more. */
const say = (line: string): void => {
  for (let rest = Buffer.from(`${line}\n`); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
};

if (does === 'write') {
  const store = await lmdbStore({ folder, durability: count === 'process' ? 'process' : 'flushed' });
  const write = async (call: string): Promise<never> => {
    for (let revision = 1; ; revision += 1) {
      await store.commit(call, revision - 1, { revision, text: `${call} ${revision} ${'x'.repeat(1_200)}`, dueAt: revision, expiresAt: 2 * revision });
      say(`${call} ${revision}`);
    }
  };
  await Promise.all(['a', 'b', 'c'].map((call) => write(`${prefix}${call}`)));
} else if (does === 'add') {
  const store = await lmdbStore({ folder });
  for (let added = 0; added < Number(count); ) {
    const before = await store.load('sum');
    const revision = (before?.revision ?? 0) + 1;
    const text = String(Number(before?.text ?? '0') + 1);
    if (await store.commit('sum', revision - 1, { revision, text, dueAt: revision })) added += 1;
  }
  await store.close();
} else if (does === 'fill') {
  const store = await lmdbStore({ folder });
  const acknowledged = new Set<string>();
  const refusals = new Set<string>();
  const write = async (call: string): Promise<void> => {
    try {
      if (await store.commit(call, 0, { revision: 1, text: 'x'.repeat(20_000), dueAt: 1 })) acknowledged.add(call);
    } catch (error) {
      refusals.add(isCallError(error) ? `${error.code} ${'reason' in error.details ? error.details.reason : ''}` : String(error));
    }
  };
  let calls = 0;
  while (refusals.size === 0 && calls < 2_000) {
    await Promise.all(Array.from({ length: 8 }, () => write(`call ${(calls += 1)}`)));
  }
  const due = await store.due(1, 2_000);
  say([...refusals].join());
  say(`${acknowledged.size > 0} ${due.filter(({ callId }) => !acknowledged.has(callId)).length} ${acknowledged.size - due.length}`);
  await store.close();
} else if (does === 'read') {
  const store = await lmdbStore({ folder });
  say('open');
  while ((await store.load('last')) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  let found = 0;
  for (let call = 0; call < Number(count); call += 1) if ((await store.load(`call ${call}`))?.text.startsWith(`text ${call} `) === true) found += 1;
  say(`${found} ${await store.commit('child', 0, { revision: 1, text: 'x' })}`);
  await store.close();
} else if (does === 'renew') {
  const store = await lmdbStore({ folder });
  say('ready');
  while ((await store.expire(1, 10)) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await store.commit('a', 0, { revision: 1, text: 'anew' });
  say('anew');
  await store.close();
} else if (does === 'make') {
  for (let number = 1; number <= Number(count); number += 1) {
    await (await lmdbStore({ folder: `${folder} ${number}` })).close();
    say(String(number));
  }
} else if (does === 'open') {
  say(await lmdbStore({ folder }).then(async (store) => store.close().then(() => 'open'), (error: unknown) => (isCallError(error) ? error.message : String(error))));
} else if (does === 'backup') {
  const store = await lmdbStore({ folder });
  say(await store.backup(count).then(() => 'done', (error: unknown) => (isCallError(error) ? `${error.code} ${'reason' in error.details ? error.details.reason : ''} ${error.message}` : String(error))));
  await store.close();
} else if (does === 'spoil') {
  const store = await lmdbStore({ folder });
  const path = join(folder, 'data.mdb');
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(statSync(path).size - 8_192, 0xab), 0, undefined, 8_192);
  const told = (error: unknown): string => (isCallError(error) ? `${error.code} ${'reason' in error.details ? error.details.reason : ''} ${error.message}` : String(error));
  say(await store.load('call 1').then(() => 'loaded', told));
  say(await store.commit('call 1', 1, { revision: 2, text: 'two' }).then(() => 'committed', told));
} else if (does === 'hold') {
  const root = open({ path: folder, noSubdir: false, overlappingSync: false });
  const rows = root.openDB<Buffer, Buffer>('records', { encoding: 'binary', keyEncoding: 'binary', useVersions: true }).getRange({})[Symbol.iterator]();
  rows.next();
  say('holds');
  setInterval(() => {}, 60_000);
} else if (does === 'lock') {
  const root = open({ path: folder, noSubdir: false, overlappingSync: false });
  root.transactionSync(() => {
    say('locked');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(count));
  });
  await root.close();
}
