/** A store that fails, is full, is locked or never answers: 503 while the service still waits, nothing half done, and calls go on afterwards. */
import { expect } from 'chai';
import { callMachine, hangup, prompt, recognize, task } from 'callchart';
import { assign } from 'xstate';
import { CallError } from '../../src/errors.ts';
import { type CallStore, lmdbStore, memoryStore } from 'callchart/transport';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, rig, stubService, until } from './rig.ts';

const counter = () =>
  callMachine<{ count: number }>()('counter', {
    context: { count: 0 }, initial: 'ask',
    states: {
      ask: recognize({ prompt: ({ context }) => `Count ${context.count}.`, choices: { up: '1', stop: '2' }, on: { up: { target: 'ask', reenter: true, actions: assign({ count: ({ context }) => context.count + 1 }) }, stop: 'bye', exhausted: 'bye' } }),
      bye: hangup('Bye.'),
    },
  });

type Operation = 'load' | 'commit' | 'due';

/** `inner`, whose operations can be made to hang: before they are done, or after. What hung stays so, as on a connection that is lost. */
const hangingStore = (inner: CallStore) => {
  const hung = new Map<Operation, 'before' | 'after'>();
  const never = new Promise<never>(() => {});
  const around = async <T>(operation: Operation, work: () => Promise<T>): Promise<T> => {
    const mode = hung.get(operation);
    if (mode === 'before') return never;
    const result = await work();
    return mode === 'after' ? never : result;
  };
  const store: CallStore = {
    load: (id) => around('load', () => inner.load(id)),
    commit: (id, expected, record) => around('commit', () => inner.commit(id, expected, record)),
    due: (until, limit, after, prefix) => around('due', () => inner.due(until, limit, after, prefix)),
    list: inner.list, expire: inner.expire, close: inner.close,
  };
  return { store, hang: (operation: Operation, mode: 'before' | 'after' = 'before') => void hung.set(operation, mode), mend: () => hung.clear() };
};

const replyWithinMs = 2_000;
const timed = async (answer: Promise<Answer>): Promise<Answer & { readonly ms: number }> => {
  const began = performance.now();
  return { ...(await answer), ms: performance.now() - began };
};
const unavailable = { status: 503, text: '{"error":{"code":"ERR_STORE_UNAVAILABLE"}}' };

describe('a store that never answers', function () {
  this.timeout(30_000);

  for (const [operation, mode] of [['load', 'before'], ['commit', 'before'], ['commit', 'after']] as const) {
    it(`has every exchange answered while the service waits (${operation} hangs${mode === 'after' ? ' once it is carried out' : ''}), and the call goes on when it answers again`, async () => {
      const { store, hang, mend } = hangingStore(memoryStore());
      const line = await rig(counter(), { store, service: stubService({ replyWithinMs }), marginMs: 500, liveCalls: operation === 'load' ? 0 : 1_000 });
      const caller = line.caller('c');
      await caller.rings();
      expect((await caller.presses('up', 'first')).heard).to.equal('recognize“Count 1.”');
      hang(operation, mode);
      const again = caller.operation();
      const [first, other, retry] = await Promise.all([timed(caller.presses('up', 'second')), timed(line.caller('other').rings()), timed(caller.presses('up', 'second'))]);
      expect(retry.ms).to.be.lessThan(replyWithinMs);
      expect(retry.status, 'what was carried out can be read').to.equal(mode === 'after' ? 200 : 503);
      for (const answer of [first, other]) {
        expect(answer).to.include(unavailable);
        expect(answer.headers.get('retry-after')).to.equal('1');
        expect(answer.ms).to.be.lessThan(replyWithinMs);
      }
      if (mode === 'before') expect(caller.operation()).to.equal(again);
      mend();
      const retried = await caller.presses('up', 'second');
      expect(retried.heard, 'taken once, whether it was carried out or not').to.equal('recognize“Count 2.”');
      expect((await caller.presses('up', 'second')).text, 'and its retry has the same bytes').to.equal(retried.text);
      expect((await caller.presses('up')).heard).to.equal('recognize“Count 3.”');
      expect((await line.caller('other').rings()).status).to.equal(200);
      await line.close();
    });
  }

  it('does not end the round: what became due meanwhile is done when it answers again', async () => {
    const { store, hang, mend } = hangingStore(memoryStore());
    const patient = callMachine('patient', { initial: 'wait', states: { wait: prompt('One moment.', 'waits'), waits: { after: { 50: 'bye' } }, bye: hangup('Bye.') } });
    const line = await rig(patient, { store, service: stubService({ replyWithinMs }), marginMs: 500 });
    const caller = line.caller('c');
    expect((await caller.rings()).heard).to.equal('answer playPrompt“One moment.”');
    hang('due');
    await new Promise((resolve) => setTimeout(resolve, 20)); // the round under way hangs
    mend();
    line.clock.now += 1_000;
    await until(async () => (await line.record('c'))?.snapshot.timers.length === 0);
    expect((await caller.heardItAll()).heard).to.equal('playPrompt“Bye.” hangup');
    expect(line.said('round failed')).to.have.length(1);
    await line.close();
  });
});

describe('a store that is slow', function () {
  this.timeout(30_000);

  const waiting = callMachine('waiting', { initial: 'wait', states: { wait: { after: { 60_000: 'bye' } }, bye: hangup('Bye.') } as never });

  it('has a filler that was decided in time go out, also where a commit takes longer than half of the margin', async () => {
    const inner = memoryStore();
    const store: CallStore = { ...inner, commit: async (key, expected, record) => {
      const won = await inner.commit(key, expected, record);
      await new Promise((resolve) => setTimeout(resolve, 450));
      return won;
    } };
    const line = await rig(waiting, { store, service: stubService({ replyWithinMs }), marginMs: 500, now: Date.now, roundMs: 60_000 });
    const answer = await timed(line.caller('c').rings());
    expect([answer.status, answer.heard]).to.deep.equal([200, 'answer playPrompt“(5000 ms)”']);
    expect(answer.ms).to.be.within(1_000, replyWithinMs);
    await line.close();
  });

  it('is asked once by a request that is held, however long it hangs, and told of once; and not at all while nobody else has a part in it', async () => {
    const inner = memoryStore();
    const { durable: _, ...shared } = inner;
    let loads = 0;
    let isDown = false;
    const store: CallStore = { ...shared, close: async () => {}, load: async (id) => {
      if (!id.startsWith('botframework:')) return inner.load(id);
      loads += 1;
      if (isDown) throw new CallError('ERR_STORE_UNAVAILABLE', 'away', { reason: 'read' });
      return inner.load(id);
    } };
    const options = { store, service: stubService({ replyWithinMs: 8_000 }), now: Date.now, roundMs: 60_000 };
    const busy = callMachine('busy', { initial: 'work', filler: 'One moment.', states: { work: task({ run: () => new Promise<void>(() => {}), on: { done: 'bye', failed: 'bye' } }), bye: hangup('Bye.') } });
    const [one, other] = [await rig(busy, options), await rig(busy, { ...options, liveCalls: 0 })];
    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const first = one.caller('c').rings('m1');
    await until(async () => (await one.record('c')) !== undefined);
    loads = 0;
    await pause(1_500);
    expect(loads, 'the work is its own').to.equal(0);
    const second = other.caller('c').rings('m1');
    await until(() => loads > 0);
    loads = 0;
    isDown = true;
    await pause(3_000);
    expect(loads, 'another does the work: asked ever less often, once a second in the end').to.be.within(2, 5);
    expect(other.said('held reply not looked for'), 'and said once').to.have.length(1);
    isDown = false;
    await Promise.all([one.close(), other.close()]);
    expect((await second).text).to.equal((await first).text);
  });
});

describe('a store that fails', () => {
  for (const reason of ['read', 'write', 'locked', 'full'] as const) {
    it(`is a 503 (${reason}) after which the call is as it was, and goes on`, async () => {
      const inner = memoryStore();
      let isDown = false;
      const fails = <A extends readonly unknown[], R>(work: (...asked: A) => Promise<R>) => async (...asked: A): Promise<R> => {
        if (isDown) throw new CallError('ERR_STORE_UNAVAILABLE', 'a sentence with a /folder in it', { reason });
        return work(...asked);
      };
      const store: CallStore = { ...inner, load: reason === 'read' ? fails(inner.load) : inner.load, commit: fails(inner.commit) };
      const line = await rig(counter(), { store, service: stubService({ replyWithinMs }), liveCalls: 0 });
      const caller = line.caller('c');
      await caller.rings();
      isDown = true;
      const before = await inner.load('botframework:c');
      const answers = [await caller.presses('up', 'lost'), await line.caller('new').rings()];
      for (const answer of answers) expect(answer).to.include(unavailable);
      expect(await inner.load('botframework:c')).to.deep.equal(before);
      expect(await inner.load('botframework:new')).to.equal(undefined);
      if (reason === 'read') expect(await line.server.check().catch(({ code }: CallError) => code)).to.equal('ERR_STORE_UNAVAILABLE');
      isDown = false;
      await line.server.check();
      expect((await caller.presses('up', 'lost')).heard).to.equal('recognize“Count 1.”');
      await line.close();
    });
  }

  it('and is closed under a running server (LMDB) is a 503 for everybody, and a new process goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-down-'));
    try {
      const store = await lmdbStore({ folder });
      const line = await rig(counter(), { store, service: stubService({ replyWithinMs }) });
      const caller = line.caller('c');
      await caller.rings();
      await store.close();
      const lost = await caller.presses('up', 'm-up');
      expect(lost).to.include(unavailable);
      expect(lost.headers.get('retry-after')).to.equal('1');
      await line.close();
      const again = await rig(counter(), { store: await lmdbStore({ folder }), service: stubService({ replyWithinMs }) });
      expect((await again.send(JSON.stringify(caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'up' } })), { 'x-microsoft-skype-message-id': 'm-up' })).heard).to.equal('recognize“Count 1.”');
      await again.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
