/** The engine over a store, held against what all engines promise: over the store in memory, and over that on disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { CallError, callMachine, hangup, recognize, task } from 'callchart';
import { type CallStore, embeddedEngine, gatherBots, lmdbStore, memoryStore } from 'callchart/transport';
import { type MovableClock, movableClock } from '../../../src/emulator/movable-clock.ts';
import type { ServiceEvent } from '../../../src/machines/index.ts';
import { begin, gate, type LogLine, logInto, stubService, watchedStore } from '../rig.ts';
import { describeEngine, storesOf } from './engine-kit.ts';

describeEngine('the engine over a store in memory', storesOf(async () => {
  const store = memoryStore();
  return { open: async () => ({ ...store, durable: true, close: async () => {} }), dispose: () => store.close() };
}));

describeEngine('the engine over a store on disk', storesOf(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'callchart-engine-'));
  return { open: () => lmdbStore({ folder }), dispose: () => rm(folder, { recursive: true }) };
}));

describe('the engine over a store', () => {
  const path = '/api/calls';

  /** Works as long as the test wants, and then asks. */
  const worker = () => {
    const works: (() => void)[] = [];
    const bot = callMachine('worker', {
      initial: 'work', filler: 'One moment.',
      states: {
        work: task({ run: () => new Promise<void>((resolve) => void works.push(resolve)), on: { done: 'ask', failed: 'bye' } }),
        ask: recognize({ prompt: 'Again?', choices: { again: '1' }, on: { again: { target: 'ask', reenter: true }, exhausted: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    return { bot, works };
  };

  const shared = (): CallStore => ({ ...memoryStore(), durable: true, close: async () => {} });

  const line = (bot: AnyStateMachine, store: CallStore, clock = movableClock(begin), roundMs = 500) => {
    const service = stubService({ replyWithinMs: 10_000 });
    const lines: LogLine[] = [];
    const engine = embeddedEngine({ store, service, bots: gatherBots({ [path]: bot }, service), log: logInto(lines), clock, roundMs });
    let count = 0;
    const tell = (events: readonly ServiceEvent[], callId = 'c') => {
      const delivering = engine.deliver({ arrival: { callId, eventId: `e${(count += 1)}`, events }, chain: undefined, path, bot: () => bot, deadlineAt: clock.now() + 10_000 });
      clock.working(delivering);
      return delivering;
    };
    return { engine, clock, lines, tell, rings: (callId = 'c') => tell([{ type: 'call.incoming', call: { id: callId, from: 'a', to: 'b', direction: 'inbound', headers: {} } }], callId) };
  };

  const again = (operationId: string): ServiceEvent => ({ type: 'recognize.input', operationId, via: 'dtmf', input: { kind: 'choice', name: 'again' } });

  it('writes once for an ordinary event, reads nothing, and leaves no trace of the process', async () => {
    const { bot, works } = worker();
    const watched = watchedStore(shared());
    const keys: string[] = [];
    const store: CallStore = { ...watched.store, durable: true, commit: (key, ...more) => (keys.push(key), watched.store.commit(key, ...more)) };
    const { engine, tell, rings, clock } = line(bot, store);
    const ringing = rings();
    await clock.rest();
    works[0]?.();
    await ringing;
    await clock.move(30_000);
    const name = keys.find((key) => key.startsWith('process:'));
    expect(name, 'while it worked').not.to.equal(undefined);
    keys.length = watched.asked.length = 0;
    for (let revision = 2; revision < 7; revision += 1) expect((await tell([again(`c:${revision}:${revision === 2 ? 1 : 0}`)])).body).to.contain('Again?');
    expect(keys).to.deep.equal(Array.from({ length: 5 }, () => 'botframework:c'));
    expect(watched.asked).to.deep.equal(Array.from({ length: 5 }, () => 'commit'));
    await engine.close();
  });

  it('begins nothing of what it committed before it was stopped: it looks again first, and finds that another does it', async () => {
    const { bot, works } = worker();
    const store = shared();
    const stopped = gate();
    let isArmed = true;
    // Stopped right behind the commit that says that the work is its own. Its own clock goes on.
    const frozen: CallStore = {
      ...store,
      commit: async (key, expected, record) => {
        const done = await store.commit(key, expected, record);
        if (isArmed && key === 'botframework:c') {
          isArmed = false;
          await stopped.passed;
        }
        return done;
      },
    };
    const timers: (() => void)[] = [];
    const clock = movableClock(begin);
    const own: MovableClock = { ...clock, setTimer: (at, work) => clock.setTimer(at, () => void timers.push(work)), working: () => {}, holding: () => {} };
    const [one, two] = [line(bot, frozen, own), line(bot, store, clock)];
    const ringing = one.rings();
    await clock.move(5_000);
    expect(works, 'the other has begun').to.have.length(1);
    stopped.open();
    await new Promise((resolve) => setTimeout(resolve, 20)); // what it was at comes before what it should have done meanwhile
    expect(works).to.have.length(1);
    for (const work of timers.splice(0)) work();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(works, 'and the one that woke has not').to.have.length(1);
    works[0]?.();
    await clock.rest();
    for (let round = 0; round < 5; round += 1) {
      await clock.move(500);
      for (const work of timers.splice(0)) work();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect((await ringing).body, 'and who it holds hears what the other came to').to.contain('Again?');
    expect(works).to.have.length(1);
    await one.engine.close();
    await two.engine.close();
  });

  it('says no filler for a request that was answered while the filler waited for its turn: another process has the next request', async () => {
    const works: (() => void)[] = [];
    const bot = callMachine('worker', {
      initial: 'work', filler: 'One moment.',
      states: {
        work: task({ run: () => new Promise<void>((resolve) => void works.push(resolve)), on: { done: 'ask', failed: 'bye' } }),
        ask: recognize({ prompt: 'Again?', choices: { again: '1' }, on: { again: 'work', exhausted: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const store = shared();
    const [committed, loaded] = [gate(), gate()];
    let isSlow = false;
    const slow: CallStore = {
      ...store,
      commit: async (key, ...more) => {
        const done = await store.commit(key, ...more);
        if (isSlow && key === 'botframework:c') await committed.passed;
        return done;
      },
      load: async (key) => {
        if (isSlow && key === 'botframework:c') await loaded.passed;
        return store.load(key);
      },
    };
    const clock = movableClock(begin);
    const [one, two] = [line(bot, slow, { ...clock, working: () => {}, holding: () => {} }, 60_000), line(bot, store, clock, 60_000)];
    const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
    const ringing = one.rings();
    await soon();
    isSlow = true;
    works[0]?.();
    await clock.move(9_600); // the service's patience is over while the result is being written
    committed.open();
    expect((await ringing).body).to.contain('Again?');
    const next = two.engine.deliver({ arrival: { callId: 'c', eventId: 'the next', events: [again('c:2:1')] }, chain: undefined, path, bot: () => bot, deadlineAt: clock.now() + 10_000 });
    await soon();
    loaded.open();
    await soon();
    works[1]?.();
    expect((await next).body).to.contain('Again?');
    await Promise.all([one.engine.close(), two.engine.close()]);
  });

  it('takes up what a dead process held within a second and a half of its death, whenever that is, and whoever looks for anything else once a second', async () => {
    for (const phase of [0, 130, 260, 390, 480]) {
      const store = shared();
      const never = new Promise<never>(() => {});
      let isDead = false;
      const { bot, works } = worker();
      const clock = movableClock(begin);
      const dying: CallStore = { ...store, load: (key) => (isDead ? never : store.load(key)), commit: (...args) => (isDead ? never : store.commit(...args)), list: (...args) => (isDead ? never : store.list(...args)), due: (...args) => (isDead ? never : store.due(...args)) };
      const one = line(bot, dying, { ...clock, working: () => {}, holding: () => {} }, 1_000);
      const two = line(bot, store, clock, 1_000);
      void one.rings();
      await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.move(2_000 + phase);
      expect(works).to.have.length(1);
      isDead = true;
      const died = clock.now();
      while (works.length === 1 && clock.now() - died < 5_000) await clock.move(10);
      expect(clock.now() - died, `${phase} ms after a beat`).to.be.within(800, 1_510);
      await two.engine.close();
    }
  });

  it('begins what was committed though the store said that it was not', async () => {
    const { bot, works } = worker();
    const store = shared();
    let isCut = true;
    const { engine, rings, clock } = line(bot, {
      ...store,
      commit: async (key, expected, record) => {
        const done = await store.commit(key, expected, record);
        if (!isCut || !key.startsWith('botframework:')) return done;
        isCut = false;
        throw new CallError('ERR_STORE_UNAVAILABLE', 'the disk does not answer', { reason: 'locked' });
      },
    });
    const error = await rings().then(() => undefined, (caught: unknown) => caught);
    expect(error).to.have.property('code', 'ERR_STORE_UNAVAILABLE');
    expect(works).to.deep.equal([]);
    await clock.move(600);
    expect(works).to.have.length(1);
    await engine.close();
  });

  it('takes up what an earlier version has left, whose records say how long and not by whom', async () => {
    const { bot } = worker();
    const store = shared();
    const one = line(bot, store);
    void one.rings();
    await one.clock.rest();
    const { revision, text } = (await store.load('botframework:c'))!;
    const earlier = text.replace(/"leasedBy":\{[^}]*\}/, `"leasedUntil":${begin + 30_000}`);
    expect(earlier).not.to.equal(text);
    await one.engine.close();
    const next = worker();
    const stored = (await store.load('botframework:c'))!;
    await store.commit('botframework:c', stored.revision, { revision: stored.revision + 1, text: earlier, dueAt: begin + 30_000 });
    const two = line(next.bot, store);
    await two.clock.rest();
    expect(next.works).to.have.length(1);
    expect((await store.load('botframework:c'))!.text).to.match(/"leasedBy":\{"c:1:[^"]*":"[\w-]{8}"\}/);
    expect(revision).to.be.greaterThan(0);
    await two.engine.close();
  });

  it('says once a round that the store is away, however many calls it has in doubt', async () => {
    const { bot, works } = worker();
    const watched = watchedStore();
    const { engine, clock, lines, rings, tell } = line(bot, watched.store);
    for (let call = 0; call < 100; call += 1) {
      const ringing = rings(`c${call}`);
      await clock.rest();
      works.at(-1)?.();
      await ringing;
    }
    watched.fail(() => new CallError('ERR_STORE_UNAVAILABLE', 'away', { reason: 'write' }));
    for (let call = 0; call < 100; call += 1) await tell([again(`c${call}:2:1`)], `c${call}`).catch(() => {});
    const from = lines.length;
    await clock.move(5_000);
    expect(lines.slice(from).filter(({ level }) => level === 'error').map(({ message }) => message)).to.satisfy((said: string[]) => said.length >= 5 && said.length <= 11 && said.every((message) => message === 'round failed'));
    watched.fail(undefined);
    await engine.close();
  });

  it('asks the store for what is due of its own service alone', async () => {
    const store = shared();
    const asked: unknown[] = [];
    const { engine, clock } = line(worker().bot, { ...store, due: async (...args) => (asked.push(args[3]), store.due(...args)) });
    await clock.move(2_000);
    expect(new Set(asked)).to.deep.equal(new Set(['botframework:']));
    await engine.close();
  });

  it('keeps what it is at for itself as long as it takes, however seldom it makes its rounds', async () => {
    const { bot, works } = worker();
    const store = shared();
    const { engine, clock, rings } = line(bot, store, movableClock(begin), 3_600_000);
    void rings();
    await clock.move(300_000);
    expect((await store.load('botframework:c'))?.dueAt).to.be.within(clock.now(), clock.now() + 40_000);
    expect(works).to.have.length(1);
    works[0]?.();
    await engine.close();
  });

  it('that was taken for dead takes up at once what it held, also where the store fails just then', async () => {
    const { bot, works } = worker();
    const store = shared();
    let isAway = false;
    const { engine, clock, rings, lines } = line(bot, { ...store, list: async (...args) => {
      if (isAway) throw new CallError('ERR_STORE_UNAVAILABLE', 'away', { reason: 'read' });
      return store.list(...args);
    } });
    void rings();
    await clock.move(2_000);
    const holder = async (): Promise<string | undefined> => /"leasedBy":\{"[^"]*":"([^"]+)"/.exec((await store.load('botframework:c'))?.text ?? '')?.[1];
    const name = await holder();
    const [key = ''] = await store.list('process:', 1);
    expect(key).to.equal(`process:${name}`);
    const { revision } = (await store.load(key))!;
    isAway = true;
    await store.commit(key, revision, { revision: revision + 1, text: 'lost', expiresAt: begin + 600_000 });
    await clock.move(2_000);
    expect(lines.map(({ message }) => message)).to.include('taken for dead').and.include('round failed');
    isAway = false;
    await clock.move(1_500);
    expect(await holder(), 'under its new name').not.to.be.oneOf([name, undefined]);
    expect(works.length).to.be.at.least(1);
    for (const work of works) work();
    await engine.close();
  });

  it('looks for what is left of a process among the calls that are due next, and not among all', async () => {
    const { bot, works } = worker();
    const store = shared();
    const parked = line(bot, store);
    for (let call = 0; call < 50; call += 1) {
      const ringing = parked.rings(`parked-${call}`);
      await parked.clock.rest();
      works.at(-1)?.();
      await ringing;
    }
    void parked.rings('working');
    await parked.clock.rest();
    const loads: string[] = [];
    const next = worker();
    const two = line(next.bot, { ...store, load: (key) => (loads.push(key), store.load(key)) }, parked.clock);
    await parked.engine.close();
    await parked.clock.move(2_000);
    expect(next.works).to.have.length(1);
    expect(new Set(loads.filter((key) => key.startsWith('botframework:')))).to.deep.equal(new Set(['botframework:working']));
    await two.engine.close();
  });
});
