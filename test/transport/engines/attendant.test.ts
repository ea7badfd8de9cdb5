import { expect } from 'chai';
import { CallError } from 'callchart';
import { movableClock } from '../../../src/emulator/movable-clock.ts';
import { attendant } from '../../../src/transport/engines/attendant.ts';
import { memoryStore } from '../../../src/transport/engines/memory.ts';
import type { AttendantOptions, Visited } from '../../../src/transport/engines/attendant.ts';
import { silentLog } from '../../../src/transport/index.ts';
import { gate, type LogLine, logInto } from '../rig.ts';

describe('whoever looks after calls', () => {
  /** Calls that are due at `times`, the one that is due first last; when each is looked after. */
  const visited = async (times: readonly number[], roundMs: number): Promise<readonly (readonly [string, number])[]> => {
    const clock = movableClock(0);
    const store = memoryStore();
    const visits: (readonly [string, number])[] = [];
    const visit = async (callId: string): Promise<Visited> => {
      visits.push([callId, clock.now()]);
      await store.commit(callId, 1, { revision: 2, text: '' });
      return 'committed';
    };
    const own = attendant({ store, prefix: 'due-', clock, log: silentLog, roundMs, visit, hasGone: async () => false, aheadMs: 0, doubted: () => [] });
    await clock.rest();
    for (const dueAt of times) {
      await store.commit(`due-${dueAt}`, 0, { revision: 1, text: '', dueAt });
      own.wakeAt(dueAt);
    }
    await clock.move(500_000);
    await own.close();
    await store.close();
    return visits;
  };

  it('is there in time for all of them, however seldom he makes his rounds', async () => {
    for (const roundMs of [3_600_000, 100_000]) {
      expect(await visited([70_000, 90_000, 260_000], roundMs)).deep.equal([['due-70000', 70_000], ['due-90000', 90_000], ['due-260000', 260_000]]);
      expect(await visited([260_000, 90_000, 70_000], roundMs)).deep.equal([['due-70000', 70_000], ['due-90000', 90_000], ['due-260000', 260_000]]);
    }
  });

  /** One that begins at `begin`, with `hasGone` and a store that may claim; what it visits. */
  const begun = async (times: readonly number[], { hasGone = async () => false, more = {}, options = {} }: { readonly hasGone?: () => Promise<boolean>; readonly more?: object; readonly options?: Partial<AttendantOptions> } = {}) => {
    const clock = movableClock(0);
    const inner = memoryStore();
    const store = { ...inner, ...more };
    for (const dueAt of times) await store.commit(`due-${dueAt}`, 0, { revision: 1, text: '', dueAt });
    const visits: string[] = [];
    const lines: LogLine[] = [];
    const visit = async (callId: string): Promise<Visited> => (visits.push(callId), 'nothing');
    const own = attendant({ store, prefix: '', clock, log: logInto(lines), roundMs: 1_000, visit, hasGone, aheadMs: 50_000, doubted: () => [], ...options });
    await clock.rest();
    return { clock, visits, own, inner, lines };
  };

  it('looks ahead when he begins, and when somebody has gone, and else at what is due alone', async () => {
    let gone = false;
    const hasGone = async (): Promise<boolean> => {
      const news = gone;
      gone = false;
      return news;
    };
    const { clock, visits, own } = await begun([10_000, 40_000, 90_000], { hasGone });
    expect(visits.splice(0)).to.deep.equal(['due-10000', 'due-40000']);
    await clock.move(5_000);
    expect(visits).to.deep.equal([]);
    gone = true;
    await clock.move(1_000);
    expect(visits.splice(0)).to.deep.equal(['due-10000', 'due-40000']);
    await clock.move(5_000);
    expect(new Set(visits)).to.deep.equal(new Set(['due-10000']));
    await own.close();
  });

  it('leaves the calls of other services alone', async () => {
    const { clock, visits, own } = await begun([500, 900, 20_000, 95_000], { options: { prefix: 'due-9', aheadMs: 10_000 } });
    await clock.move(1_500);
    expect(new Set(visits)).to.deep.equal(new Set(['due-900']));
    await own.close();
  });

  it('looks ahead again when the store failed in the middle of it', async () => {
    let asked = 0;
    const inner = memoryStore();
    await inner.commit('left', 0, { revision: 1, text: '', dueAt: 40_000 });
    const { clock, visits, own } = await begun([], { more: { ...inner, due: async (...args: Parameters<typeof inner.due>) => {
      asked += 1;
      if (asked === 1) throw new Error('away');
      return inner.due(...args);
    } } });
    expect(visits).to.deep.equal([]);
    await clock.move(1_000);
    expect(visits).to.deep.equal(['left']);
    await own.close();
  });

  /** A store that gives each call to one alone, and keeps what it was asked for. */
  const claiming = (inner = memoryStore()) => {
    const asked: (readonly [string, ...unknown[]])[] = [];
    const claim = async (...of: readonly [readonly string[], number, number]) => {
      asked.push(['claim', ...of]);
      return of[0].filter((callId) => callId !== 'due-500');
    };
    const release = async (callIds: readonly string[]) => void asked.push(['release', callIds]);
    return { more: { ...inner, claim, release }, asked };
  };

  it('claims what is due where the store gives each call to one alone, and gives back what nothing came of', async () => {
    const { more, asked } = claiming();
    const visit = async (callId: string): Promise<Visited> => (callId === 'due-700' ? 'committed' : 'nothing');
    const { clock, own } = await begun([500, 700, 900], { more, options: { visit } });
    expect(asked, 'ahead, for what was left, without').to.deep.equal([]);
    await clock.move(500);
    expect(asked.splice(0)).to.deep.equal([['claim', ['due-500'], 500, 1_500]]);
    await clock.move(400);
    expect(asked.splice(0).slice(-2)).to.deep.equal([['claim', ['due-500', 'due-700', 'due-900'], 900, 1_500], ['release', ['due-900']]]);
    await own.close();
  });

  it('claims no call again that nobody here can go on with', async () => {
    const { more, asked } = claiming();
    const { clock, own } = await begun([900], { more, options: { aheadMs: 0, visit: async () => 'left' } });
    await clock.move(30_000);
    expect(asked).to.deep.equal([['claim', ['due-900'], 900, 1_500], ['release', ['due-900']]]);
    await own.close();
  });

  it('makes one round at a time, however often he is asked to come, visits each call once in it, and is there in time for what falls due meanwhile', async () => {
    const times = Array.from({ length: 400 }, (_, index) => 20_000 + index);
    let open = 0;
    let most = 0;
    const seen: (readonly [string, number])[] = [];
    const visit = async (callId: string): Promise<Visited> => {
      open += 1;
      most = Math.max(most, open);
      seen.push([callId, clock.now()]);
      own.wakeAt(clock.now() + 30_000);
      await new Promise<void>((resolve) => void clock.setTimer(clock.now() + 100, resolve));
      open -= 1;
      return 'committed';
    };
    const clock = movableClock(0);
    const inner = memoryStore();
    for (const dueAt of times) await inner.commit(`due-${dueAt}`, 0, { revision: 1, text: '', dueAt });
    const options: AttendantOptions = {
      store: inner, prefix: 'due-', clock: { ...clock, working: () => {} }, log: silentLog, roundMs: 1_000, visit, aheadMs: 50_000, doubted: () => [],
      hasGone: async () => (own.wakeAt(clock.now() + 300), false), // as while another process holds something
    };
    const own = attendant(options);
    await clock.move(1_000);
    await inner.commit('due-new', 0, { revision: 1, text: '', dueAt: 1_500 });
    own.wakeAt(1_500);
    await clock.move(6_000);
    expect(most).to.equal(16);
    expect(new Set(seen.map(([callId]) => callId))).to.have.property('size', 401);
    expect(seen.filter(([callId]) => callId !== 'due-new')).to.have.length(400);
    expect(seen.find(([callId]) => callId === 'due-new')?.[1]).to.be.within(1_500, 1_600);
    void own.close();
  });

  it('hears in the middle of a long round that somebody has gone, and looks again at its end', async () => {
    const times = Array.from({ length: 64 }, (_, index) => 20_000 + index);
    let gone = false;
    const visits: string[] = [];
    const visit = async (callId: string): Promise<Visited> => {
      visits.push(callId);
      if (visits.length === 20) gone = true;
      return 'nothing';
    };
    const { own, clock } = await begun(times, { hasGone: async () => gone && !(gone = false), options: { visit } });
    await clock.move(1);
    expect(visits).to.have.length(128);
    await own.close();
  });

  it('is waited for until the round under way has ended', async () => {
    const { passed, open } = gate();
    let isDone = false;
    const { own, clock } = await begun([], { options: { doubted: () => ['c'] } });
    const busy = attendant({ store: memoryStore(), prefix: '', clock, log: silentLog, roundMs: 1_000, aheadMs: 0, doubted: () => ['c'], hasGone: async () => false, visit: async () => (await passed, (isDone = true), 'nothing') });
    await new Promise((resolve) => setImmediate(resolve));
    busy.wakeAt(0);
    const closing = busy.close().then(() => isDone);
    open();
    expect(await closing).to.equal(true);
    await own.close();
  });

  const away = (): never => {
    throw new CallError('ERR_STORE_UNAVAILABLE', 'away', { reason: 'write' });
  };

  it('says once a round that the store is away, and asks it no more in that round', async () => {
    let asked = 0;
    const { own, clock, lines } = await begun([], { options: { doubted: () => Array.from({ length: 300 }, (_, index) => `c${index}`), visit: async () => ((asked += 1), away()) } });
    await clock.move(5_000);
    expect(lines.length).to.be.within(5, 6);
    for (const said of lines) expect([said.message, JSON.stringify(said)]).to.satisfy(([message, all]: string[]) => message === 'round failed' && all?.includes('ERR_STORE_UNAVAILABLE'));
    expect(asked).to.be.at.most(6 * 16);
    await own.close();
  });

  it('does what is due of other calls, though of some nothing can be kept', async () => {
    const visits: string[] = [];
    const visit = async (callId: string): Promise<Visited> => (visits.push(callId), callId < 'due-2' ? away() : 'committed');
    const { own, clock } = await begun([1_000, ...Array.from({ length: 20 }, (_, index) => 2_000 + index)], { options: { aheadMs: 0, visit } });
    await clock.move(4_000);
    expect(visits).to.include('due-2000').and.include('due-2019');
    await own.close();
  });

  it('keeps no time but the next', async () => {
    const asked: number[] = [];
    const clock = movableClock(0);
    const store = { ...memoryStore(), due: async (until: number) => (asked.push(until), []) };
    const wakes = new Set<number>();
    const own = attendant({ store, prefix: '', clock: { ...clock, setTimer: (at, work) => (wakes.add(at), clock.setTimer(at, work)) }, log: silentLog, roundMs: 1_000, visit: async () => 'nothing', hasGone: async () => false, aheadMs: 0, doubted: () => [] });
    await clock.rest();
    for (let index = 1_000; index > 0; index -= 1) own.wakeAt(500 + index);
    await clock.move(3_400);
    expect([...wakes].slice(-3)).to.deep.equal([1_501, 2_501, 3_501]);
    expect(asked.slice(2), 'each round asks for what is due before the next').to.deep.equal([1_501, 2_501, 3_501]);
    await own.close();
  });
});
