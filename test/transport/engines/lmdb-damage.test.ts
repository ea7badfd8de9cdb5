import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { callMachine, hangup, recognize } from 'callchart';
import { callDesk } from 'callchart/transport';
import { open } from 'lmdb';
import { type LmdbStore, lmdbStore } from '../../../src/transport/engines/lmdb.ts';
import { checkFile } from '../../../src/transport/engines/lmdb-file.ts';
import { readRecord } from '../../../src/transport/record.ts';
import { rig } from '../rig.ts';
import { failureOf } from './kit.ts';
import { lmdbFolders, startChild } from './lmdb-folders.ts';

const pageSize = 4_096;
const { newFolder } = lmdbFolders();

/** A folder in which calls came and went, so that its pages are in no order, and what its file is. */
const usedFolder = async (durability: 'flushed' | 'process' = 'flushed'): Promise<{ readonly folder: string; readonly bytes: Buffer }> => {
  const folder = newFolder();
  const store = await lmdbStore({ folder, durability });
  await fill(store, 1_500, 3);
  await store.close();
  return { folder, bytes: await readFile(join(folder, 'data.mdb')) };
};

const fill = async (store: LmdbStore, calls: number, revisions: number): Promise<void> => {
  for (let revision = 1; revision <= revisions; revision += 1) {
    await Promise.all(Array.from({ length: calls }, (_, call) => store.commit(`call ${call}`, revision - 1, { revision, text: `text ${call} ${'x'.repeat((call * 37) % 6_000)}`, dueAt: call, expiresAt: call })));
  }
};

const withFile = async (bytes: Buffer): Promise<string> => {
  const folder = newFolder();
  await mkdir(folder);
  await writeFile(join(folder, 'data.mdb'), bytes);
  return folder;
};

/** lmdb 3.5.6 ends the process on most of these, which nothing after it could tell of. */
const isRefused = async (bytes: Buffer, what: string): Promise<void> => {
  const folder = await withFile(bytes);
  const failure = await failureOf(lmdbStore({ folder })).catch(() => ({ code: 'opened', reason: undefined, message: '' }));
  expect(failure, what).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'open' });
  expect(failure.message).to.include(folder).and.to.match(/(is damaged|is empty).*put a backup in its place/);
};

describe('a folder of calls whose file is damaged is refused, with what to do', () => {
  let bytes: Buffer;
  before(async () => {
    ({ bytes } = await usedFolder());
  });

  it('cut off, wherever', async () => {
    const pages = bytes.length / pageSize;
    for (const at of [0, 100, pageSize, 2 * pageSize, 2 * pageSize + 1, Math.floor(pages / 4) * pageSize, Math.floor(pages / 2) * pageSize, Math.floor(pages / 2) * pageSize + 77]) {
      await isRefused(bytes.subarray(0, at), `cut off at ${at}`);
    }
  });

  it('wiped or written over, up to the middle, from there on, or everywhere', async () => {
    const middle = Math.floor(bytes.length / pageSize / 2) * pageSize;
    for (const [from, to] of [[2 * pageSize, middle], [middle, bytes.length], [2 * pageSize, bytes.length]] as const) {
      for (const byte of [0, 0xab, 0xff]) await isRefused(Buffer.from(bytes).fill(byte, from, to), `${byte} from ${from}`);
    }
  });

  it('without a first page, on either of the two, or with nonsense there', async () => {
    for (const page of [0, 1]) {
      for (const byte of [0, 0xab]) {
        await isRefused(Buffer.from(bytes).fill(byte, page * pageSize, (page + 1) * pageSize), `page ${page}`);
        await isRefused(Buffer.from(bytes).fill(byte, page * pageSize + 32, page * pageSize + 200), `in page ${page}`);
      }
    }
  });

  it('copied by hand while calls were written to it', async () => {
    const { folder } = await usedFolder();
    const path = join(folder, 'data.mdb');
    const store = await lmdbStore({ folder });
    const early = readFileSync(path);
    await Promise.all(Array.from({ length: 1_500 }, (_, call) => store.commit(`call ${call}`, 3, { revision: 4, text: 'later' })));
    await Promise.all(Array.from({ length: 1_500 }, (_, call) => store.commit(`call ${call}`, 4, { revision: 5, text: 'later still'.repeat(call % 300) })));
    const late = readFileSync(path);
    await store.close();
    await isRefused(Buffer.concat([early.subarray(0, 2 * pageSize), late.subarray(2 * pageSize)]), 'the beginning from before');
  });
});

describe('a folder of calls whose file is damaged while it is used', () => {
  it('refuses what it cannot read or write, goes on, and says what to do', async () => {
    const { folder } = await usedFolder();
    const child = startChild(folder, 'spoil');
    const lines: string[] = [];
    for await (const line of child.lines) lines.push(line);
    expect(lines[0]).to.match(/^ERR_STORE_UNAVAILABLE read .*is damaged: put a backup in its place/);
    expect(lines[1]).to.match(/^ERR_STORE_UNAVAILABLE write .*cannot be written/);
    expect(lines).to.have.length(2);
  });
});

describe('a folder of calls whose file is whole is opened', () => {
  it('whatever calls came and went in it, with either durability, also as a copy made while nobody used it', async () => {
    for (const durability of ['flushed', 'process'] as const) {
      const { folder } = await usedFolder(durability);
      await checkFile(join(folder, 'data.mdb'), Infinity);
      const copy = newFolder();
      await cp(folder, copy, { recursive: true });
      const store = await lmdbStore({ folder: copy, durability });
      expect((await store.due(Infinity, 10_000)).length).to.equal(1_500);
      while ((await store.expire(1_200, 500)) > 0) await checkFile(join(copy, 'data.mdb'), Infinity);
      await fill(store, 1_200, 2);
      await checkFile(join(copy, 'data.mdb'), Infinity);
      await store.close();
    }
  });

  it('while others write to it as fast as they can', async () => {
    const { folder } = await usedFolder();
    const child = startChild(folder, 'write', 'flushed');
    await child.lines.next();
    for (let looks = 0; looks < 200; looks += 1) {
      await checkFile(join(folder, 'data.mdb'), Infinity);
      await new Promise((resolve) => setImmediate(resolve)); // what the child prints is read
    }
    expect(child.exitCode).to.equal(null);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('while another process makes it, from its first byte on', async function () {
    this.timeout(30_000);
    const folder = newFolder();
    const folders = 250;
    const child = startChild(folder, 'make', String(folders));
    let made = 0;
    const reading = (async () => {
      for await (const line of child.lines) made = Number(line);
    })();
    while (made < folders && child.exitCode === null) {
      for (const until = performance.now() + 3; performance.now() < until; ) await checkFile(join(`${folder} ${made + 1}`, 'data.mdb'));
      await new Promise((resolve) => setImmediate(resolve)); // what the child prints is read
    }
    await reading;
    expect(made).to.equal(folders);
  });

  it('a little at a time, so that what else the process does goes on', async () => {
    const { folder } = await usedFolder();
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      turns += 1;
      if (!isDone) setImmediate(turn);
    };
    setImmediate(turn);
    await checkFile(join(folder, 'data.mdb'), Infinity);
    isDone = true;
    expect(turns).to.be.above(3);
  });

  it('and ends before its last pages where those are free ones, which LMDB leaves out of the file', async () => {
    const isWholeUpTo = async (end: number): Promise<boolean> => {
      await truncate(path, end);
      return (await failureOf(Promise.resolve().then(() => checkFile(path))).catch(() => undefined)) === undefined;
    };
    const path = newFolder();
    let bytes: Buffer;
    let end: number;
    let tries = 0;
    // What is written anew goes to the first free pages, away from the end; whether the last are free then is up to LMDB.
    do {
      const folder = newFolder();
      const store = await lmdbStore({ folder });
      await fill(store, 1_500, 1);
      while ((await store.expire(1_400, 500)) > 0) continue;
      await fill(store, 10, 1);
      for (let revision = 1; revision <= 40; revision += 1) await store.commit('last', revision - 1, { revision, text: '', dueAt: 10_000 + revision, expiresAt: 10_000 + revision });
      await store.close();
      bytes = await readFile(join(folder, 'data.mdb'));
      await writeFile(path, bytes);
      end = bytes.length;
      while (await isWholeUpTo(end - pageSize)) end -= pageSize;
    } while (end === bytes.length && (tries += 1) < 20);
    expect(end, 'some of them were free').to.be.below(bytes.length);
    const child = startChild(await withFile(bytes.subarray(0, end)), 'read', '1500'); // which would die of a page that is not there
    const lines: string[] = [];
    for await (const line of child.lines) lines.push(line);
    expect(lines).to.deep.equal(['open', '109 true']);
  });
});

describe('a record of a store on disk whose bytes are not one', () => {
  const hurts: ReadonlyArray<readonly [string, (bytes: Buffer) => Buffer]> = [
    ['nothing', () => Buffer.alloc(0)],
    ['three bytes', (bytes) => bytes.subarray(0, 3)],
    ['its version alone', (bytes) => bytes.subarray(0, 8)],
    ['half its head', (bytes) => bytes.subarray(0, 20)],
    ['a head of nonsense', (bytes) => Buffer.concat([Buffer.alloc(32, 0xab), bytes.subarray(32)])],
  ];

  /** Puts what `hurt` makes of the bytes of the record at `key` in their place, past the store. */
  const damageRecord = async (folder: string, key: string, hurt: (bytes: Buffer) => Buffer): Promise<void> => {
    const root = open({ path: folder, noSubdir: false, overlappingSync: false });
    const records = root.openDB<Buffer, Buffer>('records', { encoding: 'binary', keyEncoding: 'binary' });
    const place = Buffer.from(`\0${key}`);
    const bytes = records.get(place);
    expect(bytes, key).to.not.equal(undefined);
    await records.put(place, hurt(bytes!));
    await root.close();
  };

  it('is listed, refused by who reads it, and replaced with all that was noted of it; the others are as they were', async () => {
    for (const [what, hurt] of hurts) {
      const folder = newFolder();
      const first = await lmdbStore({ folder });
      for (const call of ['a:bad', 'a:gone', 'a:good']) await first.commit(call, 0, { revision: 1, text: '{}', dueAt: 5, expiresAt: 10 });
      await first.close();
      for (const call of ['a:bad', 'a:gone']) await damageRecord(folder, call, hurt);
      const store = await lmdbStore({ folder });
      expect(await store.list('a:', 10), what).to.deep.equal(['a:bad', 'a:gone', 'a:good']);
      const bad = await store.load('a:bad');
      expect(() => readRecord(bad?.text ?? ''), what).to.throw().with.property('code', 'ERR_RECORD_UNKNOWN');
      expect(await store.load('a:good'), what).to.deep.equal({ revision: 1, text: '{}', dueAt: 5, expiresAt: 10 });
      const listed: unknown[] = [];
      for await (const { call, status } of callDesk(store).list()) listed.push([call, status]);
      expect(listed.slice(0, 2), what).to.deep.equal([['bad', 'unreadable'], ['gone', 'unreadable']]);
      const revision = bad?.revision ?? 0;
      expect(await store.commit('a:bad', 1, { revision: 2, text: 'not by who knows nothing of it' }), what).to.equal(false);
      expect(await store.commit('a:bad', revision, { revision: revision + 1, text: 'anew', dueAt: 7 }), what).to.equal(true);
      expect(await store.load('a:bad'), what).to.deep.equal({ revision: revision + 1, text: 'anew', dueAt: 7 });
      expect(await store.expire(10, 10), what).to.equal(2);
      expect(await store.list('', 10), what).to.deep.equal(['a:bad']);
      expect(await store.due(10, 10), what).to.deep.equal([{ callId: 'a:bad', dueAt: 7 }]);
      await store.close();
    }
  });

  it('ends that call with the apology, and the server goes on with the others', async () => {
    for (const [what, hurt] of hurts) {
      const folder = newFolder();
      const before = await rig(sorry, { liveCalls: 0, store: await lmdbStore({ folder }) });
      for (const id of ['bad', 'good']) await before.caller(id).rings();
      await before.server.close();
      await damageRecord(folder, 'botframework:bad', hurt);
      const line = await rig(sorry, { liveCalls: 0, store: await lmdbStore({ folder }) });
      const key = (id: string) => ({ id, callState: 'established', operationOutcome: { type: 'recognizeOutcome', id: `${id}:1:1`, outcome: 'success', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } } });
      expect((await line.caller('bad').post(key('bad'))).heard, what).to.equal('playPrompt“Acme is sorry.” hangup');
      expect((await line.caller('good').post(key('good'))).heard, what).to.equal('playPrompt“Goodbye.” hangup');
      expect(line.said('call quarantined').map(({ call, reason }) => [call, reason]), what).to.deep.equal([['bad', 'damaged']]);
      await line.server.close();
    }
  });
});

const sorry = callMachine('acme', {
  initial: 'menu', apology: 'Acme is sorry.',
  states: {
    menu: recognize({ prompt: 'Welcome to Acme. For sales press 1.', choices: { sales: '1' }, on: { sales: 'bye', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});
