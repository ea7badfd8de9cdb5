/**
 * Another process on a folder of calls, for `lmdb.test.ts`: `lmdb-child.ts <folder> <does> …`.
 *
 * - `write`: commits revision after revision of three calls at once until it is killed, and prints `<call> <revision>`
 *   for each after it is acknowledged;
 * - `add <times>`: adds one to the call `sum`, so many times, trying again when another writer was first;
 * - `fill`: commits calls, eight at once, until one is refused; prints why, how many of those acknowledged can be read
 *   and how many others, and ends;
 * - `lock <ms>`: takes LMDB's own write lock, prints `locked` and stops dead with it for so long.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { open } from 'lmdb';
import { isCallError } from '../../../src/errors.ts';
import { lmdbStore } from '../../../src/transport/engines/lmdb.ts';

const [folder = '', does, count = '0'] = process.argv.slice(2);
const say = (line: string): unknown => writeSync(1, `${line}\n`);

if (does === 'write') {
  const store = await lmdbStore({ folder });
  const write = async (call: string): Promise<never> => {
    for (let revision = 1; ; revision += 1) {
      await store.commit(call, revision - 1, { revision, text: `${call} ${revision} ${'x'.repeat(1_200)}`, dueAt: revision, expiresAt: 2 * revision });
      say(`${call} ${revision}`);
    }
  };
  await Promise.all(['a', 'b', 'c'].map(write));
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
} else if (does === 'lock') {
  const root = open({ path: folder, noSubdir: false, overlappingSync: false });
  root.transactionSync(() => {
    say('locked');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(count));
  });
  await root.close();
}
