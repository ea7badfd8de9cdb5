import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { open } from 'lmdb';
import { lmdbStore } from '../../../src/transport/engines/lmdb.ts';
import { allDue, describeStore, failureOf } from './kit.ts';

let base: string;
let folders = 0;
before(async () => {
  base = await mkdtemp(join(tmpdir(), 'callchart-lmdb-'));
});
after(() => rm(base, { recursive: true }));
const newFolder = (): string => join(base, `folder ${(folders += 1)}`);

for (const durability of ['flushed', 'process'] as const) {
  describeStore(`the store on disk (${durability})`, async () => {
    const store = await lmdbStore({ folder: newFolder(), durability });
    return { store, dispose: () => store.close() };
  });
}

/** Starts `lmdb-child.ts`; what it prints is read line by line. */
function startChild(...args: readonly string[]): ChildProcess & { readonly lines: AsyncIterableIterator<string> } {
  const file = fileURLToPath(new URL('lmdb-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', '-C', '@callchart/source', file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  return Object.assign(child, { lines: createInterface(child.stdout)[Symbol.asyncIterator]() });
}

describe('the store on disk outlives its process', () => {
  it('what was committed is there when the folder is opened again', async () => {
    const folder = newFolder();
    const first = await lmdbStore({ folder });
    await first.commit('a', 0, { revision: 1, text: 'où? 📞', dueAt: 10, expiresAt: 20 });
    await first.close();
    const second = await lmdbStore({ folder });
    expect(await second.load('a')).to.deep.equal({ revision: 1, text: 'où? 📞', dueAt: 10, expiresAt: 20 });
    expect(await second.due(10, 5)).to.deep.equal([{ callId: 'a', dueAt: 10 }]);
    expect(await second.expire(20, 5)).to.equal(1);
    await second.close();
  });

  it('a process killed while it commits loses no revision that it acknowledged, nor its place among the due', async () => {
    for (const acknowledgements of [30, 200]) {
      const folder = newFolder();
      const child = startChild(folder, 'write');
      const acknowledged = new Map<string, number>();
      let count = 0;
      for await (const line of child.lines) {
        const [call = '', revision] = line.split(' ');
        acknowledged.set(call, Number(revision));
        if ((count += 1) === acknowledgements) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).to.equal('SIGKILL');

      const store = await lmdbStore({ folder });
      const due = await allDue(store, Infinity, 10);
      expect(due).to.have.length(acknowledged.size);
      for (const [call, revision] of acknowledged) {
        const found = await store.load(call);
        expect(found?.revision, call).to.be.within(revision, revision + 1); // one may have been written and not yet told
        expect(found?.text.startsWith(`${call} ${found.revision} `)).to.equal(true);
        expect(due).to.deep.include({ callId: call, dueAt: found?.revision });
        expect(await store.commit(call, found!.revision, { revision: found!.revision + 1, text: 'and on' })).to.equal(true);
      }
      await store.close();
    }
  });
});

describe('the store on disk is shared', () => {
  it('three processes that add to one record end at the exact sum', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder });
    const children = Array.from({ length: 3 }, () => startChild(folder, 'add', '150'));
    await Promise.all(children.map((child) => once(child, 'exit')));
    expect(await store.load('sum')).to.deep.equal({ revision: 450, text: '450', dueAt: 450 });
    expect(await store.due(Infinity, 5)).to.deep.equal([{ callId: 'sum', dueAt: 450 }]);
    await store.close();
  });

  it('two stores of one folder in one process are one store, and each may be closed first', async () => {
    const folder = newFolder();
    const [first, second] = await Promise.all([lmdbStore({ folder }), lmdbStore({ folder })]);
    const won = await Promise.all([first, second, first, second].map((store, index) => store.commit('a', 0, { revision: 1, text: String(index) })));
    expect(won.filter((win) => win)).to.have.length(1);
    await first.close();
    expect(await second.load('a')).to.deep.equal({ revision: 1, text: String(won.indexOf(true)) });
    expect(await second.commit('a', 1, { revision: 2, text: 'two' })).to.equal(true);
    await second.close();
  });

  it('a process that stops dead with the lock makes the others refuse in time, and they go on when it is gone', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder, timeoutMs: 250 });
    await store.commit('a', 0, { revision: 1, text: 'one' });
    const child = startChild(folder, 'lock', '60000');
    expect((await child.lines.next()).value).to.equal('locked');
    const late = store.commit('a', 1, { revision: 2, text: 'two' });
    expect(await failureOf(late)).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'locked' });
    const started = performance.now();
    expect(await failureOf(store.expire(1, 1))).to.include({ reason: 'locked' });
    expect(await failureOf(store.commit('b', 0, { revision: 1, text: 'one' }))).to.include({ reason: 'locked' });
    expect(performance.now() - started, 'the next ones do not wait').to.be.below(200);
    expect((await store.load('a'))?.revision, 'reading goes on').to.equal(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    while ((await store.load('a'))?.revision === 1) await new Promise((resolve) => setTimeout(resolve, 5));
    // The late commit is there a moment before it counts as settled, and 250 ms are little on a busy machine.
    const isRefused = (error: unknown): void => void expect(error).to.have.nested.property('details.reason', 'locked');
    while ((await store.load('a'))?.revision === 2) {
      await store.commit('a', 2, { revision: 3, text: 'three' }).catch(isRefused);
      await new Promise((resolve) => setTimeout(resolve, 5)); // a refusal is at once, and what has to settle needs a turn
    }
    expect(await store.load('a')).to.deep.equal({ revision: 3, text: 'three' });
    await store.close();
  });
});

describe('the store on disk grows and is given back', () => {
  it('the file grows by itself, far beyond its first size, and the room of forgotten calls is used again', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder, durability: 'process' });
    const round = async (name: string): Promise<number> => {
      const text = 'x'.repeat(10_000);
      await Promise.all(Array.from({ length: 2_000 }, (_, index) => store.commit(`${name} ${index}`, 0, { revision: 1, text, dueAt: 1, expiresAt: 1 })));
      while ((await store.expire(1, 500)) > 0) continue;
      return statSync(join(folder, 'data.mdb')).size;
    };
    const first = await round('first');
    expect(first).to.be.above(20_000_000);
    for (const name of ['second', 'third', 'fourth', 'fifth']) expect(await round(name)).to.be.below(2.5 * first);
    expect(await store.due(1, 1)).to.deep.equal([]);
    await store.close();
  });
});

describe('the store on disk survives a disk that takes no more', () => {
  it('the commit is refused, nothing acknowledged is lost, nothing refused is there, and the process lives', async function () {
    if (process.platform === 'win32') this.skip(); // no limit on the size of files there
    const file = fileURLToPath(new URL('lmdb-child.ts', import.meta.url));
    const command = `ulimit -f 2000; exec "$0" --import tsx -C @callchart/source "$1" "$2" fill`;
    const child = spawn('sh', ['-c', command, process.execPath, file, newFolder()], { stdio: ['ignore', 'pipe', 'ignore'] });
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) lines.push(line);
    if (child.exitCode === null) await once(child, 'exit');
    expect(lines).to.deep.equal(['ERR_STORE_UNAVAILABLE write', 'true 0 0']);
    expect(child.exitCode).to.equal(0);
  });
});

describe('a folder that cannot be a store is refused with what to do', () => {
  const refuses = async (folder: string, rule: RegExp): Promise<void> => {
    const failure = await failureOf(lmdbStore({ folder }));
    expect(failure).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'open' });
    expect(failure.message).to.include(folder).and.to.match(rule);
  };

  it('a file', async () => {
    const file = join(base, 'file');
    await writeFile(file, 'text');
    await refuses(file, /Give a folder on a local disk/);
    await refuses(join(file, 'below'), /Give a folder on a local disk/);
  });

  it('a folder whose data.mdb is something else, of any length', async () => {
    for (const [index, content] of ['x', 'text '.repeat(10_000), '\0'.repeat(10_000)].entries()) {
      const folder = join(base, `foreign ${index}`);
      await mkdir(folder);
      await writeFile(join(folder, 'data.mdb'), content);
      await refuses(folder, /damaged, or was not written by callchart/);
    }
    const folder = join(base, 'nested');
    await mkdir(join(folder, 'data.mdb'), { recursive: true });
    await refuses(folder, /Give a folder on a local disk/);
  });

  it('a folder of a later version', async () => {
    const folder = newFolder();
    await (await lmdbStore({ folder })).close();
    const root = open({ path: folder, noSubdir: false, overlappingSync: false });
    await root.openDB<string, string>('meta', { encoding: 'string' }).put('format', '2');
    await root.close();
    await refuses(folder, /is of store format 2, and this version of callchart reads format 1: run the version that wrote it/);
  });

  it('a folder of another durability', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder, durability: 'process' });
    await refuses(folder, /its durability is 'process', not 'flushed': say the same/);
    expect(await store.commit('a', 0, { revision: 1, text: 'one' }), 'the store that was there is not disturbed').to.equal(true);
    await store.close();
    await (await lmdbStore({ folder, durability: 'process' })).close();
  });
});
