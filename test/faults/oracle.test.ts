/** What the harness is to find, it finds: engines that are broken on purpose, one way each. */
import { expect } from 'chai';
import { type CallService, type CallStore, memoryStore, silentLog } from 'callchart/transport';
import { faultsOf } from './oracle.ts';
import { startNode } from './node.ts';
import { leftOver } from './rows.ts';
import { chanceOf, type Figures, runCalls } from './run-calls.ts';
import { type Mode, modes, places } from './services.ts';
import type { Story } from './story.ts';
import { startVendor } from './vendor.ts';

interface Broken {
  readonly store?: (store: CallStore) => CallStore;
  readonly service?: (service: CallService) => CallService;
  readonly mode?: Mode;
  readonly acts?: readonly string[];
  readonly twice?: number;
  readonly thinksMs?: number;
  readonly mostRounds?: number;
}

const isCall = (key: string): boolean => modes.some((mode) => key.startsWith(`${places[mode].name}:`));

/** A few calls over two servers of one store, broken like this. */
const callsOver = async ({ store: spoil = (store) => store, service = (one) => one, mode = 'reply', acts = ['work', 'code', 'wait', 'keep', 'stop'], twice = 0.3, thinksMs = 5, mostRounds = 40 }: Broken, seed = 7): Promise<Figures & { readonly stories: readonly Story[] }> => {
  const urls: string[] = [];
  const vendor = await startVendor({ urls: () => urls, chance: chanceOf(seed), twice, patienceMs: 1_500, mostTries: 20, mostRounds, thinksMs: () => thinksMs });
  const store = memoryStore();
  const spoilt = spoil(store);
  const nodes = await Promise.all([1, 2].map(() => startNode({ store: spoilt, url: vendor.url, spoilt: service, modes: [mode], log: silentLog })));
  urls.push(...nodes.map(({ url }) => url));
  try {
    const figures = await runCalls({ vendor, store, lines: 3, most: 3, modes: [mode], acts, wrapUpMs: 1_500, during: async () => {} });
    return { ...figures, stories: vendor.stories };
  } finally {
    await Promise.all(nodes.map(({ close }) => close()));
    await vendor.close();
  }
};

let counted = 0;

/** True at every `nth` time that it is asked; one for each engine. */
const everyOther = (nth: number): (() => boolean) => {
  let times = 0;
  return () => (times += 1) % nth === 0;
};

/** What is broken, how, and what is to be found of it. */
const broken: readonly (readonly [what: string, how: Broken, found: RegExp])[] = [
  ['a commit that is said to be done and is not', { store: (store) => {
    const isLost = everyOther(7);
    return { ...store, commit: async (key, ...more) => (isCall(key) && isLost() ? true : store.commit(key, ...more)) };
  } }, /: (reference|replies|dead air|status)/],
  ['a commit that does not look if somebody else was faster', {
    store: (store) => ({ ...store, commit: async (key, expected, record) => (await store.commit(key, expected, record)) || store.commit(key, (await store.load(key))?.revision ?? 0, record) }),
    twice: 1, acts: ['hurry', 'work', 'hurry', 'work', 'wait', 'race'],
  }, /: (reference|replies)/],
  ['a request that is forgotten, and so is taken twice', {
    store: (store) => ({ ...store, commit: (key, expected, record) => store.commit(key, expected, { ...record, text: record.text.replace(/"seen":"[^"]*"/, '"seen":""').replaceAll(/\{"id":"[^"]{12}","length"/g, '{"id":"............","length"') }) }),
    twice: 1, thinksMs: 120, acts: ['keep', 'wait', 'keep', 'stop'],
  }, /: (replies|reference)/],
  ['a byte of a stored reply that is another', { store: (store) => ({
    ...store,
    load: async (key) => {
      const stored = await store.load(key);
      return stored && { ...stored, text: stored.text.replaceAll('Menu', 'menu') };
    },
  }), twice: 1, thinksMs: 120, acts: ['code', 'code', 'stop'] }, /: replies: .* in 2 ways/],
  ['a timer that is forgotten', { mode: 'push', mostRounds: 3, acts: ['wait', 'stop'], store: (store) => ({ ...store, due: async () => [] }) }, /: dead air/],
  ['a command that is sent under another key each time', {
    service: (service) => ({ ...service, send: async (command, context, signal) => (await service.send!(command, context, signal), service.send!({ ...command, id: `${command.id.replace(/:\d+$/, '')}:${(counted += 1) + 10}` }, context, signal)) }) as CallService,
    mode: 'command', acts: ['code', 'stop'],
  }, /: (reference|commands)/],
  ['a command that is not sent', { service: (service) => {
    const isDropped = everyOther(5);
    return { ...service, send: async (command, context, signal) => (isDropped() ? { kind: 'taken' } : service.send!(command, context, signal)) } as CallService;
  }, mode: 'command', acts: ['code', 'stop'] }, /: dead air: no command came/],
];

describe('what is wrong with an engine is found', function () {
  this.timeout(60_000);
  let right: readonly Promise<Figures>[];
  let wrong: readonly Promise<Figures>[];

  // Side by side: most of their time they wait.
  before(async () => {
    right = modes.map((mode) => callsOver({ mode }));
    await Promise.allSettled(right);
    wrong = broken.map(([, how]) => callsOver(how));
    for (const one of wrong) one.catch(() => {}); // its test says so
  });

  it('and nothing is where nothing is wrong', async () => {
    for (const one of right) expect((await one).faults).to.deep.equal([]);
  });

  for (const [index, [what, , found]] of broken.entries()) {
    it(what, async () => {
      expect((await wrong[index]!).faults.join('\n')).to.match(found);
    });
  }

  it('a wrap-up that never comes', async () => {
    const skips = (store: CallStore): CallStore => ({ ...store, commit: (key, expected, record) => store.commit(key, expected, { ...record, text: record.text.replace(/"tasks":\[\{"id":"[^"]*:cleanup".*?"since":\d+\}\]/, '"tasks":[]') }) });
    const { faults, stories } = await callsOver({ store: skips, acts: ['code', 'stop'] });
    const told = stories.map((story) => ({ ...story, wrapUps: [] }));
    expect([...faults, ...(await faultsOf(told[0]!, { outages: [], lags: [], processes: 1 }))].join('\n')).to.match(/: wrap-up: never/);
  });

  it('a silence beyond the outage, and none within it', async () => {
    const { stories } = await callsOver({ acts: ['stop'] });
    const story = stories[0]!;
    const silent = { ...story, silences: [{ from: 10_000, to: 15_000 }] };
    const judged = (outages: Parameters<typeof faultsOf>[1]['outages'], processes = 1, lags: Parameters<typeof faultsOf>[1]['lags'] = []): Promise<readonly string[]> => faultsOf(silent, { outages, lags, processes });
    expect((await judged([])).join()).to.match(/dead air: nothing was heard for 5000 ms/);
    expect(await judged([{ what: 'store', who: 'a server', from: 10_500, to: 14_000 }])).to.deep.equal([]);
    expect(await judged([{ what: 'dead', who: 'process 1', from: 10_500, to: 14_000 }])).to.deep.equal([]);
    expect((await judged([{ what: 'dead', who: 'process 1', from: 10_500, to: 14_000 }], 3)).join(), 'two more could have answered').to.match(/dead air: nothing was heard for 5000 ms/);
    const sendings = [{ ...story.sendings[0]!, tries: [{ url: 'http://one', from: 10_000, to: 10_600 }, { url: 'http://two', from: 10_700, to: 13_000 }] }, ...story.sendings.slice(1)];
    const died = (who: string, from: number, to: number) => ({ what: 'dead' as const, who, url: `http://${who}`, from, to });
    const hit = (...outages: Parameters<typeof faultsOf>[1]['outages']): Promise<readonly string[]> => faultsOf({ ...silent, sendings }, { outages, lags: [], processes: 3 });
    expect((await hit(died('three', 10_600, 14_000))).join(), 'another one, that had nothing of it').to.match(/dead air: nothing was heard for 5000 ms/);
    expect((await hit(died('one', 10_600, 11_000))).join(), 'the one that had it').to.match(/dead air: nothing was heard for 4000 ms/);
    expect((await hit(died('one', 10_600, 12_000), died('two', 11_500, 12_300))).join(), 'two at once are one').to.match(/dead air: nothing was heard for 2700 ms/);
    expect(await hit(died('one', 10_600, 11_000), died('two', 13_000, 13_700)), 'one after the other').to.deep.equal([]);
    expect(await judged([], 1, [{ who: 'process 1', at: 13_000, ms: 1_900 }, { who: 'process 1', at: 14_900, ms: 1_500 }]), 'the machine had no time').to.deep.equal([]);
  });

  it('records that are left over when calls may be forgotten', async () => {
    const store = memoryStore();
    expect(await leftOver({ store }, 50)).to.deep.equal([]);
    await store.commit('commanded:c', 0, { revision: 1, text: 'x', dueAt: 5 });
    expect((await leftOver({ store }, 50)).join()).to.match(/left over: 1 records and 1 that want attention/);
  });
});
