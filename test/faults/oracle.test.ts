/** What the harness is to find, it finds: engines that are broken on purpose, one way each. */
import { expect } from 'chai';
import { CallError } from '../../src/errors.ts';
import { type CallService, type CallStore, memoryStore, silentLog } from 'callchart/transport';
import { faultsOf } from './oracle.ts';
import { startNode } from './node.ts';
import type { Outage } from './fleet.ts';
import { leftOver, stillCounting } from './left-over.ts';
import { openLedger } from './ledger.ts';
import { metStore, type Point, points } from './points.ts';
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
  ['a command that is sent three times, under one key', { service: (service) => ({
    ...service,
    send: async (command, context, signal) => (await service.send!(command, context, signal), await service.send!(command, context, signal), service.send!(command, context, signal)),
  }) as CallService, mode: 'command', acts: ['code', 'stop'] }, /: commands: \S+ was sent 3 times, and nothing was the cause/],
  ['work of a process that lives, which another takes up', { store: (store) => ({ ...store, due: async (until, ...more) => (await store.due(until + 60_000, ...more)).map(({ callId }) => ({ callId, dueAt: 0 })) }), mode: 'push', twice: 0, acts: ['long', 'stop'] }, /: work: \S+ was done \d+ times, and nothing was the cause/],
  ['data that cannot be kept, though the store is there', { store: (store) => ({
    ...store, commit: (key, ...more) => (key.startsWith('data:') ? Promise.reject(unavailable()) : store.commit(key, ...more)),
  }), acts: ['keep', 'stop'] }, /: reference/],
];

const unavailable = (): CallError => new CallError('ERR_STORE_UNAVAILABLE', 'the store cannot be had', { reason: 'write' });

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
    expect(await judged([], 1, [{ who: 'process 1', at: 14_000, ms: 3_400 }]), 'for long').to.deep.equal([]);
    expect((await judged([{ what: 'frozen', who: 'process 1', from: 10_600, to: 14_000 }], 3, [{ who: 'process 1', at: 14_000, ms: 3_400 }])).join(), 'it was frozen').to.match(/dead air/);
    // Who took up what died is killed before it has, and so is who follows.
    const others = [died('two', 11_500, 12_000), died('three', 12_500, 13_000), died('two', 13_600, 14_000)];
    const holds = (to: number) => new Map([[story.id, [{ by: { url: 'http://one' }, from: 9_000, to }]]]);
    const held = (to: number, ...outages: Outage[]): Promise<readonly string[]> => faultsOf(silent, { outages, lags: [], processes: 3, ledger: { begun: new Map(), holds: holds(to) } });
    expect(await held(Infinity, died('one', 10_100, 13_400), ...others), 'nobody lived for two seconds').to.deep.equal([]);
    expect((await held(Infinity, died('one', 10_100, 10_600), ...others)).join(), 'one did').to.match(/dead air: nothing was heard for 4400 ms/);
    expect((await held(10_000 - 500, died('one', 10_100, 13_400))).join(), 'it had given away what it had').to.match(/dead air: nothing was heard for 5000 ms/);
  });

  it('what is done once more than anything can have caused', async () => {
    const { stories } = await callsOver({ mode: 'command', acts: ['work', 'stop'], twice: 0 });
    const story = stories[0]!;
    const [command] = story.commands;
    const [work] = story.works;
    const at = story.sendings[0]!.began;
    const url = 'http://one';
    const sent = (times: number, lost = 0): Story => ({ ...story, commands: [{ ...command!, times, lost, lastAt: command!.at + 1_000 }, ...story.commands.slice(1)] });
    const judged = (one: Story, ...outages: Outage[]): Promise<readonly string[]> => faultsOf(one, { outages, lags: [], processes: 3, ledger: { begun: new Map(), holds: new Map([[story.id, [{ by: { url }, from: at, to: Infinity }]]]) } });
    const hit = (what: Outage['what'], from: number, where = url): Outage => ({ what, who: where, url: where, from, to: from + 300 });
    const during = command!.at + 500;
    expect(await judged(sent(1))).to.deep.equal([]);
    expect((await judged(sent(2))).join()).to.match(/commands: \S+ was sent 2 times, and nothing was the cause/);
    expect(await judged(sent(2), hit('dead', during))).to.deep.equal([]);
    expect((await judged(sent(3), hit('dead', during))).join(), 'one death, two repetitions').to.match(/was sent 3 times, and only 1 /);
    expect((await judged(sent(2), hit('dead', during, 'http://two'))).join(), 'one that had nothing of the call').to.match(/was sent 2 times/);
    expect((await judged(sent(2), hit('dead', command!.at + 2_000))).join(), 'later').to.match(/was sent 2 times/);
    expect(await judged(sent(2), hit('store', during, 'a server'))).to.deep.equal([]);
    expect(await judged(sent(3), hit('frozen', during)), 'tried again when it wakes, and taken up meanwhile').to.deep.equal([]);
    expect(await judged(sent(2, 1)), 'the vendor lost its answer').to.deep.equal([]);
    const done = { ...story, works: [...story.works, { ...work!, at: work!.at + 1_000 }] };
    expect((await judged(done)).join()).to.match(/work: \S+ was done 2 times, and nothing was the cause/);
    expect(await judged(done, hit('dead', work!.at + 500))).to.deep.equal([]);
    const told = { ...story, wrapUps: [...story.wrapUps, ...story.wrapUps] };
    expect((await judged(told)).join(), 'its end').to.match(/work: \S+ was done 2 times/);
  });

  it('a store that was away while nobody called', async () => {
    const { stories, faults } = await callsOver({ store: (store) => ({ ...store, commit: (key, ...more) => (key.startsWith('data:') ? Promise.reject(unavailable()) : store.commit(key, ...more)) }), acts: ['keep', 'stop'] });
    expect(faults.join()).to.match(/reference/);
    const judged = (from: number, to: number): Promise<readonly string[]> => faultsOf(stories[0]!, { outages: [{ what: 'store', who: 'a server', from, to }], lags: [], processes: 1 });
    const { sendings, endedAt } = stories[0]!;
    expect(await judged(sendings[0]!.began, endedAt!)).to.deep.equal([]);
    expect((await judged(sendings[0]!.began - 5_000, sendings[0]!.began - 1_000)).join()).to.match(/reference/);
    expect((await judged(endedAt! + 1_000, endedAt! + 5_000)).join()).to.match(/reference/);
  });

  it('a process can die around all that it asks of a store', async () => {
    const met: Point[] = [];
    const leased: unknown[] = [];
    const own = memoryStore();
    const store = metStore({ ...own, claim: async (keys) => keys, release: async () => {} }, (key) => key.startsWith('commanded:'), (point) => void met.push(point), { named: (name) => leased.push(name), leases: (callId, names) => leased.push([callId, names]) });
    const asking = async (work: () => Promise<unknown>): Promise<readonly Point[]> => (await work(), met.splice(0));
    let text = '';
    await callsOver({ mode: 'command', acts: ['stop'], store: (kept) => ({ ...kept, commit: (at, expected, record) => (isCall(at) && record.text.includes('"leasedBy"') && (text = record.text), kept.commit(at, expected, record)) }) });
    const key = 'commanded:c';
    const record = { revision: 1, text };
    await own.commit(key, 0, record);
    expect(await asking(() => store.load(key))).to.deep.equal(['loaded']);
    expect(await asking(() => store.commit(key, record.revision, { ...record, revision: record.revision + 1, dueAt: 5 }))).to.deep.equal(['committing', 'committed']);
    expect(await asking(() => store.commit(key, 0, record)), 'not won').to.deep.equal(['committing']);
    expect(await asking(() => store.due(10, 1))).to.deep.equal(['found due']);
    expect(await asking(() => store.claim!([key], 10, 10))).to.deep.equal(['claiming', 'claimed']);
    expect(await asking(() => store.release!([key]))).to.deep.equal(['gave back']);
    expect(await asking(() => store.expire(0, 1))).to.deep.equal(['forgetting']);
    expect(await asking(() => store.commit('process:a', 0, { revision: 1, text: 'busy' }))).to.deep.equal(['counting', 'counted']);
    expect(await asking(() => store.commit('process:a', 1, { revision: 2, text: 'lost' }))).to.deep.equal(['finding one dead', 'found one dead']);
    expect(await asking(() => store.commit('data:user:keeps:a', 0, { revision: 1, text: '' }))).to.deep.equal(['writing a document', 'wrote a document']);
    expect(leased, 'one that has its work, by name, and one that counts').to.deep.equal([['c', [/"leasedBy":\{"[^"]+":"([^"]+)"/.exec(text)?.[1]]], 'a']);
    expect(points).to.include.members(['claiming', 'claimed', 'gave back', 'forgetting', 'counting', 'counted', 'finding one dead', 'found one dead']);
    expect('claim' in metStore(memoryStore(), () => true, () => {}, { named: () => {}, leases: () => {} }), 'one that has none').to.equal(false);
  });

  it('a lock that a frozen process holds, which is known by nobody else having committed', () => {
    const ledger = openLedger();
    const [one, other] = [{ url: 'http://one' }, { url: 'http://other' }];
    const since = Date.now();
    expect(ledger.hasCommitted({ than: one.url, from: 0 })).to.equal(false);
    ledger.take(one, { leased: 'a', names: [], since });
    expect(ledger.hasCommitted({ than: one.url, from: since }), 'itself').to.equal(false);
    ledger.take(other, { leased: 'b', names: [], since });
    expect(ledger.hasCommitted({ than: one.url, from: since }), 'another').to.equal(true);
    expect(ledger.hasCommitted({ than: one.url, from: Date.now() + 1 }), 'another, before').to.equal(false);
  });

  it('records that are left over when calls may be forgotten', async () => {
    const store = memoryStore();
    const left = (): Promise<readonly string[]> => leftOver({ store }, { callers: new Set(['+15550001']), withinMs: 50 });
    const counting = (): Promise<readonly string[]> => stillCounting({ store }, 50);
    const keep = (key: string, text = 'x', more: object = {}): Promise<unknown> => store.commit(key, 0, { revision: 1, text, ...more });
    await keep('data:user:keeps:+15550001');
    expect([...(await left()), ...(await counting())]).to.deep.equal([]);
    await keep('process:one', 'lost');
    expect(await counting()).to.deep.equal([]);
    await keep('process:two', 'busy');
    expect(await counting()).to.deep.equal(['left over: 1 processes that are dead and nobody said so, such as process:two']);
    for (const key of ['data:user:keeps:+15550002', 'quarantine:commanded:c']) await keep(key);
    await keep('commanded:c', 'x', { dueAt: 5 });
    expect(await left()).to.deep.equal([
      'left over: 1 records of calls, such as commanded:c', 'left over: 1 that want attention, such as commanded:c', 'left over: 2 processes, such as process:one',
      'left over: 1 calls that were kept aside, such as quarantine:commanded:c', 'left over: 1 data of nobody, such as data:user:keeps:+15550002',
    ]);
  });
});
