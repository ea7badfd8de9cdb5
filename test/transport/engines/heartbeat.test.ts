/** How processes know of each other that they are alive, on clocks that are moved by hand. */
import { expect } from 'chai';
import { CallError } from 'callchart';
import { type CallStore, memoryStore } from 'callchart/transport';
import { movableClock } from '../../../src/emulator/movable-clock.ts';
import { heartbeat } from '../../../src/transport/engines/heartbeat.ts';
import { begin, type LogLine, logInto, watchedStore } from '../rig.ts';

/** Processes that share a store, and a clock. */
const processes = (inner: CallStore = { ...memoryStore(), durable: true }, commitMs = 0) => {
  const clock = movableClock(begin);
  const lines: LogLine[] = [];
  const commits: string[] = [];
  /** One process: `holds` is up to the test, and so is whether it is stopped. */
  const start = (elapsed: () => number = clock.now) => {
    const state = { holds: true, isStopped: false, lost: 0 };
    let isStill = (): void => {};
    let stopped = new Promise<void>((resolve) => (isStill = resolve));
    let late: (() => void)[] = [];
    const own = {
      now: clock.now, elapsed,
      setTimer: (at: number, work: () => void) => clock.setTimer(at, () => void (state.isStopped ? late.push(work) : work())),
      working: (work: Promise<unknown>) => clock.working(Promise.race([work, stopped])),
    };
    const store: CallStore = { ...inner, commit: async (key, expected, record) => (commits.push(`${key} ${record.text}`), inner.commit(key, expected, record)) };
    const beat = heartbeat({ store, clock: own, log: logInto(lines), commitMs, holds: () => state.holds, onLost: () => void (state.lost += 1) });
    return {
      ...beat, state,
      stop: () => {
        state.isStopped = true;
        isStill();
      },
      wake: () => {
        state.isStopped = false;
        stopped = new Promise((resolve) => (isStill = resolve));
        const missed = late;
        late = [];
        for (const work of missed) work();
      },
    };
  };
  return { clock, start, commits, lines };
};

type Process = ReturnType<ReturnType<typeof processes>['start']>;

describe('a heartbeat', () => {
  /** Has `watcher` look every half second for `ms`; whether it found that somebody has gone, and when. */
  const watched = async (clock: ReturnType<typeof movableClock>, watcher: Process, ms: number): Promise<number | undefined> => {
    for (const from = clock.now(); clock.now() - from < ms; ) {
      if (await watcher.look()) return clock.now() - from;
      await clock.move(500);
    }
    return undefined;
  };

  it('is written before anything is held, every 300 ms while something is, and never by an idle process', async () => {
    const { clock, start, commits } = processes();
    const one = start();
    await clock.move(10_000);
    await one.look();
    expect(commits, 'idle').to.deep.equal([]);
    await one.show();
    expect(commits).to.deep.equal([`process:${one.name()} busy`]);
    expect(one.show(), 'others see it already').to.equal(undefined);
    await clock.move(5_000);
    expect(commits).to.have.length(17);
    one.state.holds = false;
    const name = one.name();
    await clock.move(20_000);
    expect(commits.at(-1)).to.equal(`process:${name} rests`);
    const { length } = commits;
    await clock.move(60_000);
    expect(commits).to.have.length(length);
    expect(one.name(), 'a name that has gone never comes back').not.to.equal(name);
    await one.close();
  });

  it('that has stopped is found out within two seconds and a look, once by all', async () => {
    const { clock, start, lines } = processes();
    const [one, two, three] = [start(), start(), start()];
    await one.show();
    const name = one.name();
    expect(await watched(clock, two, 5_000), 'while it lives').to.equal(undefined);
    expect(await two.isAlive(name)).to.equal(true);
    one.stop();
    expect(await watched(clock, two, 5_000)).to.be.at.most(2_500);
    expect(await two.isAlive(name)).to.equal(false);
    expect(await three.isAlive(name), 'whoever asks').to.equal(false);
    expect(await three.look(), 'and whoever looks').to.equal(true);
    expect(await three.look()).to.equal(false);
    expect(lines.filter(({ message }) => message === 'process found dead')).to.have.length(1);
  });

  it('of a process that was frozen cannot go on: it is somebody else when it wakes', async () => {
    const { clock, start } = processes();
    const [one, two] = [start(), start()];
    await one.show();
    const name = one.name();
    await watched(clock, two, 2_000);
    one.stop();
    await watched(clock, two, 5_000);
    expect(one.isFresh(), 'it knows by its own clock').to.equal(false);
    one.wake();
    await clock.move(10);
    expect(one.name()).not.to.equal(name);
    expect(one.state.lost).to.equal(1);
    expect(await one.isAlive(name)).to.equal(false);
    expect(await two.isAlive(one.name())).to.equal(true);
    expect(one.isFresh()).to.equal(true);
  });

  it('of a process that nobody has found out goes on under its name, once it has counted again', async () => {
    const { clock, start } = processes();
    const one = start();
    await one.show();
    const name = one.name();
    one.stop();
    await clock.move(60_000);
    expect(one.isFresh()).to.equal(false);
    const showing = one.show();
    expect(showing, 'it does not hold anything before').not.to.equal(undefined);
    await showing;
    expect([one.name(), one.isFresh()]).to.deep.equal([name, true]);
  });

  it('says at once that a process has ended and left what it held, and says nothing where it held nothing', async () => {
    const { clock, start } = processes();
    const [one, two, three] = [start(), start(), start()];
    await one.show();
    await three.show();
    await two.look();
    await one.close();
    await clock.move(500);
    expect(await two.look()).to.equal(true);
    three.state.holds = false;
    await clock.move(30_000);
    expect(await watched(clock, two, 3_000)).to.equal(undefined);
  });

  it('is not missed by who was held up himself, nor where nobody could write', async () => {
    const inner = { ...memoryStore(), durable: true };
    const { store, fail } = watchedStore(inner);
    const { clock, start } = processes({ ...store, durable: true, list: async (...args) => (await store.load('process:'), inner.list(...args)) });
    const [one, two] = [start(), start()];
    await one.show();
    const name = one.name();
    await two.look();
    one.stop();
    await clock.move(60_000); // all of the machine stood still
    await two.look();
    one.wake();
    await clock.move(600);
    await two.look();
    expect(await two.isAlive(name)).to.equal(true);
    fail(() => new CallError('ERR_STORE_UNAVAILABLE', 'the store is away', { reason: 'write' }));
    for (let second = 0; second < 10; second += 1) {
      await clock.move(1_000);
      const error = await two.look().then(() => undefined, (caught: unknown) => caught);
      expect(error).to.have.property('code', 'ERR_STORE_UNAVAILABLE');
    }
    expect(one.isFresh()).to.equal(false);
    fail(undefined);
    await two.look();
    await clock.move(600);
    expect(await watched(clock, two, 5_000)).to.equal(undefined);
    expect(one.name()).to.equal(name);
  });

  it('that was carried out although nobody could say so is counted on from', async () => {
    const inner = { ...memoryStore(), durable: true };
    let isCut = true;
    const { start } = processes({
      ...inner,
      commit: async (...args) => {
        const done = await inner.commit(...args);
        if (!isCut) return done;
        isCut = false;
        throw new CallError('ERR_STORE_UNAVAILABLE', 'the disk does not answer', { reason: 'locked' });
      },
    });
    const one = start();
    const name = one.name();
    const error = await one.show()?.then(() => undefined, (caught: unknown) => caught);
    expect(error).to.have.property('code', 'ERR_STORE_UNAVAILABLE');
    await one.show();
    expect([one.name(), one.isFresh(), one.state.lost]).to.deep.equal([name, true, 0]);
  });

  it('goes by no time of day: a clock that is set forward or back kills nobody', async () => {
    const inner = { ...memoryStore(), durable: true };
    const clock = movableClock(begin);
    const lines: LogLine[] = [];
    const make = (aheadMs: () => number) =>
      heartbeat({ store: inner, clock: { ...clock, now: () => clock.now() + aheadMs(), elapsed: clock.now, setTimer: (at, work) => clock.setTimer(at - aheadMs(), work) }, log: logInto(lines), commitMs: 0, holds: () => true, onLost: () => lines.push({ level: 'error', message: 'lost' }) });
    let jump = 0;
    const [one, two] = [make(() => jump), make(() => 0)];
    await one.show();
    await two.show();
    for (const to of [60_000, -60_000, 0]) {
      jump = to;
      for (let turn = 0; turn < 10; turn += 1) {
        await clock.move(500);
        expect([await one.look(), await two.look()]).to.deep.equal([false, false]);
      }
      expect([one.isFresh(), two.isFresh()]).to.deep.equal([true, true]);
    }
    expect(lines).to.deep.equal([]);
    await one.close();
    await two.close();
  });

  it('goes on for as long as a commit can take, so that nothing is held by one who has stopped counting', async () => {
    const { start, commits, clock } = processes(undefined, 20_000);
    const one = start();
    one.state.holds = false;
    await one.show();
    await clock.move(20_500);
    expect(commits.at(-1)).to.match(/ busy$/);
    await clock.move(2_000);
    expect(commits.at(-1)).to.match(/ rests$/);
    await one.close();
  });

  it('is not needed in a store that ends with its process', async () => {
    const { start, commits, clock } = processes(memoryStore());
    const one = start();
    expect([one.show(), one.isFresh(), await one.isAlive(one.name()), await one.isAlive('another')]).to.deep.equal([undefined, true, true, false]);
    await clock.move(5_000);
    await one.close();
    expect(commits).to.deep.equal([]);
  });
});
