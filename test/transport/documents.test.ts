/** Data beyond the call, behind the real transport: in memory and on disk, from calls and from the application. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import * as t from 'io-ts';
import { assign } from 'xstate';
import { type CallError, callMachine, hangup, loadData, lookupUser, prompt, recognize, updateData, userData } from 'callchart';
import { type CallStore, dataIn, lmdbStore, memoryStore } from 'callchart/transport';
import { documents } from '../../src/transport/documents.ts';
import { updateOperation } from '../../src/machines/data.ts';
import { rig, stubService, until, watchedStore } from './rig.ts';

const visits = userData('visits', t.type({ count: t.number }));

const bot = callMachine<{ count: number }>()('greeter', {
  context: { count: 0 },
  initial: 'recall',
  states: {
    recall: loadData(visits, { on: { done: { target: 'greet', actions: assign(({ event }) => ({ count: event.output.value?.count ?? 0 })) }, failed: 'sorry' } }),
    greet: prompt(({ context }) => (context.count === 0 ? 'Welcome.' : 'Welcome back.'), 'remember'),
    remember: updateData(visits, { change: (kept) => ({ count: (kept?.count ?? 0) + 1 }), on: { done: 'bye', failed: 'sorry' } }),
    sorry: hangup('Our book is closed.'),
    bye: hangup('Bye.'),
  },
});

const caller = { user: '8:alice' };
const add = (kept: { count: number } | null) => ({ count: (kept?.count ?? 0) + 1 });
const patient = () => stubService({ replyWithinMs: 5_000 });

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'callchart-data-'))));
afterEach(() => rm(folder, { recursive: true }));

const stores: readonly (readonly [string, () => Promise<CallStore>])[] = [['in memory', async () => memoryStore()], ['on disk', () => lmdbStore({ folder })]];

for (const [where, open] of stores) {
  describe(`data that are kept ${where}`, () => {
    it('greet whoever calls again, by the same wire as all calls', async () => {
      const line = await rig(bot, { service: patient(), store: await open() });
      expect((await line.caller('one').rings()).heard).to.include('Welcome.');
      await until(async () => (await line.record('one'))?.snapshot.tasks.length === 0); // the greeting does not wait for the book
      expect((await line.caller('two').rings()).heard).to.include('Welcome back.');
      await line.close();
    });

    it('are the application’s as well: a chat bot reads and changes them, and a request to be forgotten is obeyed', async () => {
      const store = await open();
      const line = await rig(bot, { service: patient(), store });
      await line.caller('one').rings();
      await until(async () => (await line.record('one'))?.snapshot.tasks.length === 0);
      const data = dataIn(store);
      const user = { user: (await line.record('one'))!.snapshot.call.from };
      expect(await data.load(visits, user)).to.deep.equal({ value: { count: 1 }, revision: 1 });
      await data.update(visits, user, add);
      const kept = await data.load(visits, user);
      expect(await data.save(visits, user, { ...kept, value: { count: 7 } })).to.deep.equal({ value: { count: 7 }, revision: 3 });
      expect(await data.save(visits, user, kept), 'somebody has written since').to.equal(null);
      await data.forget(visits, user);
      expect((await data.load(visits, user)).value).to.equal(null);
      expect((await line.caller('two').rings()).heard).to.include('Welcome.');
      await line.close();
    });

    it('lose nothing when many write at once', async () => {
      const store = await open();
      const data = dataIn(store);
      await Promise.all(Array.from({ length: 10 }, () => data.update(visits, caller, add)));
      expect((await data.load(visits, caller)).value).to.deep.equal({ count: 10 });
      await store.close();
    });

    it('count once when the process died before its work was heard of, though others wrote in between', async () => {
      const store = await open();
      const { carryOut } = documents(store);
      const work = (task: string) => carryOut(updateOperation(visits, add), { key: 'data:user:visits:8:alice', with: null }, task);
      await work('first');
      for (const other of ['a', 'b', 'c']) await work(other);
      expect(await work('first')).to.deep.equal({ value: { count: 4 }, revision: 4 });
      await store.close();
    });

    it('are forgotten after their time, and are nothing even before they are swept away', async () => {
      const store = await open();
      const short = userData('short', t.string, { keepMs: 1_000 });
      const clock = { now: 1_000_000 };
      const { carryOut } = documents(store, () => clock.now);
      const key = 'data:user:short:8:alice';
      const write = (task: string) => carryOut(updateOperation(short, (kept) => `${kept ?? ''}x`), { key, with: null }, task);
      expect(await write('a')).to.deep.equal({ value: 'x', revision: 1 });
      clock.now += 999;
      expect(await write('b')).to.deep.equal({ value: 'xx', revision: 2 });
      clock.now += 1_000;
      expect(await write('c'), 'its time was over').to.deep.equal({ value: 'x', revision: 3 });
      expect(await store.expire(clock.now + 1_000, 10)).to.equal(1);
      expect(await store.load(key)).to.equal(undefined);
      await store.close();
    });
  });
}

describe('data', () => {
  it('whose store fails lead to `failed`, and the call goes on', async () => {
    const { store, fail } = watchedStore();
    const data = { ...store, load: async (key: string) => (key.startsWith('data:') ? Promise.reject(new Error('down')) : store.load(key)) };
    fail(undefined);
    const line = await rig(bot, { service: patient(), store: data });
    expect((await line.caller('one').rings()).heard).to.include('Our book is closed.');
    await line.close();
  });

  it('that others keep winning are given up, with a code', async () => {
    const store = memoryStore();
    const error = await dataIn({ ...store, commit: async () => false }).update(visits, caller, add).catch((caught: unknown) => caught as CallError);
    expect(error).to.include({ code: 'ERR_DATA_CONFLICT' });
  });

  it('are written for somebody, or not at all', async () => {
    const error = await dataIn(memoryStore()).update(visits, {}, add).catch((caught: unknown) => caught as CallError);
    expect(error).to.include({ code: 'ERR_DATA_OWNER', message: 'the data `visits` are kept by user, and it is not known who that is' });
  });
});

describe('an account that was found', () => {
  it('is still known after the call was read from its record', async () => {
    const desk = callMachine('desk', {
      initial: 'who',
      states: {
        who: lookupUser({ run: () => 'account-1', on: { known: 'ask', unknown: 'bye', failed: 'bye' } }),
        ask: recognize({ prompt: 'Yes?', choices: { yes: '1' }, on: { yes: 'hello', exhausted: 'bye' } }),
        hello: hangup(({ context }) => `Hello, ${context.call.user}.`),
        bye: hangup('Bye.'),
      },
    });
    for (const liveCalls of [0, 10]) {
      const line = await rig(desk, { service: patient(), liveCalls });
      const caller = line.caller('one');
      await caller.rings();
      expect((await caller.presses('yes')).heard).to.include('Hello, account-1.');
      await line.close();
    }
  });
});
