import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { open } from 'lmdb';
import { lmdbStore } from '../../../src/transport/engines/lmdb.ts';
import { isRemote } from '../../../src/transport/engines/lmdb-folder.ts';
import { checkFile } from '../../../src/transport/engines/lmdb-file.ts';
import { memoryStore } from '../../../src/transport/engines/memory.ts';
import { allDue, allIds, describeStore, failureOf, listsAll, oddStrings } from './kit.ts';
import { lmdbFolders, startChild } from './lmdb-folders.ts';

const { newFolder, inBase } = lmdbFolders();

for (const durability of ['flushed', 'process'] as const) {
  describeStore(`the store on disk (${durability})`, async () => {
    const store = await lmdbStore({ folder: newFolder(), durability });
    return { store, dispose: () => store.close() };
  });
}

describe('the stores of this machine list ids by anything that they begin with', () => {
  it('half a character, or what is too long for a key', async () => {
    for (const store of [memoryStore(), await lmdbStore({ folder: newFolder() })]) {
      for (const id of oddStrings) await store.commit(id, 0, { revision: 1, text: '' });
      await listsAll(store, [...oddStrings, 'x'.repeat(4_000), `${'x'.repeat(501)}z`]);
      await store.close();
    }
  });
});

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
    for (const [acknowledgements, durability] of [[30, 'flushed'], [200, 'flushed'], [100, 'process']] as const) {
      const folder = newFolder();
      const child = startChild(folder, 'write', durability);
      const acknowledged = new Map<string, number>();
      let count = 0;
      for await (const line of child.lines) {
        const [call = '', revision] = line.split(' ');
        acknowledged.set(call, Number(revision));
        if ((count += 1) === acknowledgements) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).to.equal('SIGKILL');

      checkFile(join(folder, 'data.mdb'), Infinity);
      const store = await lmdbStore({ folder, durability });
      const due = await allDue(store, Infinity, 10);
      expect(due).to.have.length(acknowledged.size);
      expect(await allIds(store, '', 2)).to.have.members([...acknowledged.keys()]);
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

  it('processes killed in the middle of their commits hold up nobody, and leave the file whole', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder, timeoutMs: 5_000 });
    let committed = 0;
    let killed = 0;
    const commits = (async () => {
      for (; killed < 4; committed += 1) expect(await store.commit('ours', committed, { revision: committed + 1, text: 'x'.repeat(committed % 5_000) })).to.equal(true);
    })();
    for (; killed < 4; killed += 1) {
      const child = startChild(folder, 'write', 'flushed', `${killed} `);
      const acknowledgements = 20 + 30 * killed;
      for (let count = 0; count < acknowledgements; count += 1) await child.lines.next();
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await commits;
    expect(committed).to.be.above(100);
    expect(await allIds(store, '', 5)).to.have.length(1 + 3 * 4);
    checkFile(join(folder, 'data.mdb'), Infinity);
    await store.close();
  });

  it('a process that was there before sees the file grow far beyond the size it had then', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder });
    const child = startChild(folder, 'read', '4000');
    expect((await child.lines.next()).value).to.equal('open');
    await Promise.all(Array.from({ length: 4_000 }, (_, call) => store.commit(`call ${call}`, 0, { revision: 1, text: `text ${call} ${'x'.repeat(10_000)}` })));
    expect(statSync(join(folder, 'data.mdb')).size).to.be.above(40_000_000);
    await store.commit('last', 0, { revision: 1, text: '' });
    expect((await child.lines.next()).value).to.equal('4000 true');
    expect(await store.load('child')).to.deep.equal({ revision: 1, text: 'x' });
    await store.close();
  });

  it('a process that is killed while it reads keeps no room from being used again', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder });
    await store.commit('a', 0, { revision: 1, text: 'one' });
    const child = startChild(folder, 'hold');
    expect((await child.lines.next()).value).to.equal('holds');
    const root = open({ path: folder, noSubdir: false, overlappingSync: false });
    const readers = (): string => root.readerList();
    expect(readers()).to.match(new RegExp(`\\b${child.pid}\\b`));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await store.expire(0, 1); // as the engine does each second
    expect(readers()).to.not.match(new RegExp(`\\b${child.pid}\\b`));
    await root.close();
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

  it('a commit that was carried out counts, also where its record has expired and its id was begun anew before it is looked for', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder });
    for (const revision of [1, 2]) await store.commit('a', revision - 1, { revision, text: String(revision) });
    const child = startChild(folder, 'renew');
    await child.lines.next();
    const committed = store.commit('a', 2, { revision: 3, text: 'three', expiresAt: 1 });
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve)); // LMDB's thread has it
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500); // a busy process hears of it late
    expect(await committed).to.equal(true);
    expect((await child.lines.next()).value).to.equal('anew');
    expect((await store.load('a'))?.text).to.equal('anew');
    await store.close();
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

describe('the store on disk stays as large as its busiest moment made it', () => {
  it('while calls of all sizes come, go on and are forgotten at a steady rate, and backups are made', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder, durability: 'process' });
    const size = (): number => statSync(join(folder, 'data.mdb')).size;
    const begun = 40;
    const hour = async (number: number): Promise<void> => {
      const calls = Array.from({ length: begun }, (_, index) => `call ${number * begun + index}`);
      for (let revision = 1; revision <= 4; revision += 1) {
        await Promise.all(calls.map((call, index) => store.commit(call, revision - 1, { revision, text: 'x'.repeat(500 + ((number * 7 + index * 131 + revision * 977) % 4_000)), dueAt: number, expiresAt: number + 10 })));
      }
      await store.expire(number, 10 * begun);
    };
    let number = 0;
    for (; number < 20; number += 1) await hour(number);
    const atFirst = size();
    for (; number < 80; number += 1) {
      await hour(number);
      if (number === 40) await store.backup(newFolder());
    }
    expect(await allIds(store, 'call', 1_000)).to.have.length(10 * begun);
    expect(size() / atFirst, 'four times as many calls have been there').to.be.below(1.5);
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

  it('a store that is made, or a backup that is put back, on a disk that is full is refused with what to do, and opened when there is room', async function () {
    if (process.getuid?.() !== 0 || process.platform !== 'linux') this.skip(); // only root mounts a small disk, and only on Linux
    const disk = inBase('small disk');
    await mkdir(disk);
    const run = promisify(execFile);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      const put = join(disk, 'put back');
      await (await lmdbStore({ folder: put })).close();
      await rm(join(put, 'lock.mdb'));
      const filler = join(disk, 'filler');
      await writeFile(filler, Buffer.alloc(2 << 20)).catch(() => {}); // until there is no room
      expect((await stat(filler)).size).to.be.above(1 << 19);
      for (const folder of [put, join(disk, 'new', 'one')]) {
        const child = startChild(folder, 'open'); // where the disk would kill it
        const lines: string[] = [];
        for await (const line of child.lines) lines.push(line);
        expect(lines.join(), 'it lives to say why').to.include('its disk is full');
        const failure = await failureOf(lmdbStore({ folder }));
        expect(failure).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'full' });
        expect(failure.message).to.include(folder).and.to.match(/its disk is full. Make room/);
        expect(await readdir(folder)).to.deep.equal(folder === put ? ['data.mdb'] : []);
      }
      await rm(filler);
      for (const folder of [put, join(disk, 'new', 'one')]) await (await lmdbStore({ folder })).close();
      await run('mount', ['-o', 'remount,ro', disk]);
      const failure = await failureOf(lmdbStore({ folder: join(disk, 'other', 'one') }));
      expect([failure.reason, failure.message]).to.satisfy(([reason, message]: [string, string]) => reason === 'open' && message.includes('read-only file system'));
    } finally {
      await run('umount', ['-l', disk]);
    }
  });
});

describe('the folder of a store on disk', () => {
  it('is made for its user alone; the folders above it, and one that is there already, are as ever', async function () {
    if (process.platform === 'win32') this.skip(); // has no such permissions
    const [above, taken] = [newFolder(), newFolder()];
    await mkdir(taken);
    await chmod(taken, 0o750);
    const modeOf = async (folder: string): Promise<number> => (await stat(folder)).mode & 0o777;
    for (const folder of [join(above, 'calls'), taken]) await (await lmdbStore({ folder })).close();
    expect([await modeOf(join(above, 'calls')), await modeOf(above), await modeOf(taken)]).to.deep.equal([0o700, 0o777 & ~process.umask(), 0o750]);
  });
});

describe('a folder that cannot be a store is refused with what to do', () => {
  const refuses = async (folder: string, rule: RegExp): Promise<void> => {
    const failure = await failureOf(lmdbStore({ folder }));
    expect(failure).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'open' });
    expect(failure.message).to.include(folder).and.to.match(rule);
  };

  it('a file', async () => {
    const file = inBase('file');
    await writeFile(file, 'text');
    await refuses(file, /Give a folder on a local disk/);
    await refuses(join(file, 'below'), /Give a folder on a local disk/);
  });

  it('a folder that may not be written, or whose file may not be read', async function () {
    if (process.platform === 'win32') this.skip(); // has no such permissions
    const folder = newFolder();
    await (await lmdbStore({ folder })).close();
    const isRoot = process.geteuid?.() === 0;
    await chmod(inBase(''), 0o555);
    await chmod(join(folder, 'data.mdb'), 0o400);
    if (isRoot) process.seteuid!(65_534); // whom nobody gave anything
    try {
      await refuses(join(inBase('new'), 'below'), /permission denied.*Give a folder on a local disk that this process may write/);
      if (isRoot) await refuses(folder, /permission denied.*that this process may write/);
    } finally {
      if (isRoot) process.seteuid!(0);
      await chmod(inBase(''), 0o755);
      await chmod(join(folder, 'data.mdb'), 0o644);
    }
  });

  it('a folder on another machine', () => {
    expect([0x6969, 0xff534d42, 0xfe534d42, 0x517b].map(isRemote)).to.deep.equal([true, true, true, true]); // NFS, CIFS, SMB
    expect([0xef53, 0x01021994, 0x58465342, 0x9123683e, 0x794c7630].map(isRemote)).to.deep.equal([false, false, false, false, false]); // ext4, tmpfs, xfs, btrfs, overlay
  });

  it('a folder whose data.mdb is something else, of any length', async () => {
    for (const [index, content] of ['x', 'text '.repeat(10_000), '\0'.repeat(10_000)].entries()) {
      const folder = inBase(`foreign ${index}`);
      await mkdir(folder);
      await writeFile(join(folder, 'data.mdb'), content);
      await refuses(folder, /damaged, or was not written by callchart/);
    }
    const folder = inBase('nested');
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
