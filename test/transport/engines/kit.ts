/**
 * Kit — what every store of calls must do. Each engine's test file runs it over its own factory.
 *
 * @module
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { isCallError } from '../../../src/errors.ts';
import type { CallStore, DueCall, StoredRecord } from '../../../src/transport/engines/store.ts';

/** Makes an empty store, and a way to be rid of it. */
export type StoreFactory = () => Promise<{ readonly store: CallStore; readonly dispose: () => Promise<void> }>;

/** Ids and texts that a careless encoding would change, join or refuse. */
export const oddStrings = [
  '', ' ', '\0', 'a\0b', '\x01', '__proto__', 'constructor', 'ü', 'é', 'e\u0301', 'ÿ', '日本', '📞', '\ud83d', '\udcde', '\ufffd', '\ufeff', '../x',
  'a/b?c=d#e', 'x'.repeat(500), 'x'.repeat(501), 'x'.repeat(5_000), 'é'.repeat(300), '📞'.repeat(2_000), `${'x'.repeat(5_000)}y`,
];

/** Reads all that is due, `page` calls at a time. */
export async function allDue(store: CallStore, until: number, page: number): Promise<readonly DueCall[]> {
  const found: DueCall[] = [];
  for (;;) {
    const next = await store.due(until, page, found.at(-1));
    found.push(...next);
    if (next.length < page) return found;
  }
}

/** Lists all ids that begin with `prefix`, `page` at a time. */
export async function allIds(store: CallStore, prefix: string, page: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (;;) {
    const next = await store.list(prefix, page, found.at(-1));
    expect(next.length, 'a page is no longer than asked for').to.be.at.most(page);
    found.push(...next);
    if (next.length < page) return found;
  }
}

/** Fails unless the odd ids, which are all in `store`, are listed by each of `prefixes`. */
export async function listsAll(store: CallStore, prefixes: readonly string[]): Promise<void> {
  for (const [index, prefix] of prefixes.entries()) {
    const expected = oddStrings.filter((id) => id.startsWith(prefix));
    for (const page of [1, 3, 100]) {
      const found = await allIds(store, prefix, page);
      expect(found, `prefix ${index}`).to.have.members(expected);
      expect(found).to.have.length(expected.length);
    }
  }
}

/** The error that `promise` rejects with, as a code and its reason; fails if it does not reject with one of ours. */
export async function failureOf(promise: Promise<unknown>): Promise<{ code: string; reason: unknown; message: string }> {
  try {
    await promise;
  } catch (error) {
    if (!isCallError(error)) throw error;
    return { code: error.code, reason: 'reason' in error.details ? error.details.reason : undefined, message: error.message };
  }
  throw new Error('it resolved');
}

/** Declares the tests. */
export function describeStore(name: string, factory: StoreFactory): void {
  describe(`${name} keeps the promises of a store of calls`, () => {
    let store: CallStore;
    let dispose: () => Promise<void>;
    beforeEach(async () => {
      ({ store, dispose } = await factory());
    });
    afterEach(() => dispose());

    const record = (revision: number, more: Partial<StoredRecord> = {}): StoredRecord => ({ revision, text: `revision ${revision}`, ...more });

    it('a call that was never written is not there', async () => {
      expect(await store.load('a')).to.equal(undefined);
    });

    it('a record comes back as it was written, with its times or without', async () => {
      expect(await store.commit('a', 0, record(1))).to.equal(true);
      expect(await store.load('a')).to.deep.equal(record(1));
      const timed = record(2, { dueAt: 0, expiresAt: 1_700_000_000_000.5 });
      expect(await store.commit('a', 1, timed)).to.equal(true);
      expect(await store.load('a')).to.deep.equal(timed);
      expect(await store.commit('a', 2, record(3))).to.equal(true);
      expect(await store.load('a')).to.deep.equal(record(3));
    });

    it('what the caller does to a record afterwards does not reach the store', async () => {
      const mine = { revision: 1, text: 'one', dueAt: 5 };
      await store.commit('a', 0, mine);
      mine.text = 'changed';
      mine.dueAt = 6;
      expect(await store.load('a')).to.deep.equal({ revision: 1, text: 'one', dueAt: 5 });
      Object.assign((await store.due(10, 1))[0]!, { dueAt: 9, callId: 'b' });
      expect(await store.due(10, 1)).to.deep.equal([{ callId: 'a', dueAt: 5 }]);
    });

    it('a call is begun once only', async () => {
      expect(await store.commit('a', 0, record(1))).to.equal(true);
      expect(await store.commit('a', 0, record(1, { text: 'again' }))).to.equal(false);
      expect(await store.load('a')).to.deep.equal(record(1));
    });

    it('a commit on another revision than the stored one changes nothing, neither the record nor its times', async () => {
      await store.commit('a', 0, record(1, { dueAt: 10, expiresAt: 20 }));
      for (const expected of [0, 2, 3, -1]) {
        expect(await store.commit('a', expected, record(9, { dueAt: 1, expiresAt: 1 }))).to.equal(false);
      }
      expect(await store.commit('b', 1, record(2, { dueAt: 1, expiresAt: 1 }))).to.equal(false);
      expect(await store.load('a')).to.deep.equal(record(1, { dueAt: 10, expiresAt: 20 }));
      expect(await store.load('b')).to.equal(undefined);
      expect(await store.due(100, 10)).to.deep.equal([{ callId: 'a', dueAt: 10 }]);
      expect(await store.expire(10, 10)).to.equal(0);
    });

    it('of 64 writers at once exactly one wins each revision, and what stands is what the winner wrote', async () => {
      for (let revision = 0; revision < 8; revision += 1) {
        const writers = Array.from({ length: 64 }, (_, writer) => ({ text: `writer ${writer}`, dueAt: writer }));
        const won = await Promise.all(writers.map((wish) => store.commit('a', revision, record(revision + 1, wish))));
        expect(won.filter((win) => win)).to.have.length(1);
        const winner = writers[won.indexOf(true)]!;
        expect(await store.load('a')).to.deep.equal(record(revision + 1, winner));
        expect(await store.due(100, 100)).to.deep.equal([{ callId: 'a', dueAt: winner.dueAt }]);
      }
    });

    it('64 writers that try again until they win leave the exact sum', async () => {
      const increment = async (): Promise<void> => {
        for (;;) {
          const before = await store.load('sum');
          const revision = before?.revision ?? 0;
          const sum = Number(before?.text ?? '0') + 1;
          if (await store.commit('sum', revision, { revision: revision + 1, text: String(sum) })) return;
        }
      };
      await Promise.all(Array.from({ length: 64 }, increment));
      expect(await store.load('sum')).to.deep.equal({ revision: 64, text: '64' });
    });

    it('calls do not touch each other, whatever their ids are made of', async () => {
      for (const [index, id] of oddStrings.entries()) {
        expect(await store.commit(id, 0, { revision: 1, text: `text ${index}`, dueAt: 5 }), `id ${index}`).to.equal(true);
      }
      for (const [index, id] of oddStrings.entries()) {
        expect(await store.load(id), `id ${index}`).to.deep.equal({ revision: 1, text: `text ${index}`, dueAt: 5 });
      }
      const due = await allDue(store, 5, 3);
      expect(due.map(({ callId }) => callId)).to.have.members(oddStrings);
      expect(due).to.have.length(oddStrings.length);
    });

    it('text comes back to the byte, in every alphabet and length', async () => {
      const texts = [...oddStrings, JSON.stringify({ keyed: '1234#', said: 'où ça? 日本 📞' }), 'x'.repeat(100_000), '日'.repeat(100_000)];
      for (const [index, text] of texts.entries()) {
        await store.commit(`call ${index}`, 0, { revision: 1, text });
        expect((await store.load(`call ${index}`))?.text === text, `text ${index}`).to.equal(true);
      }
    });

    it('due calls come earliest first, those at the time itself among them and later ones not', async () => {
      for (const dueAt of [30, 10, 50, 20, 40, 0, -5, 1e12, 1.5]) await store.commit(`due at ${dueAt}`, 0, record(1, { dueAt }));
      await store.commit('never due', 0, record(1));
      const times = async (until: number, limit = 100) => (await store.due(until, limit)).map(({ dueAt }) => dueAt);
      expect(await times(30)).to.deep.equal([-5, 0, 1.5, 10, 20, 30]);
      expect(await times(29.9)).to.deep.equal([-5, 0, 1.5, 10, 20]);
      expect(await times(-6)).to.deep.equal([]);
      expect(await times(2e12)).to.deep.equal([-5, 0, 1.5, 10, 20, 30, 40, 50, 1e12]);
      expect(await times(2e12, 2)).to.deep.equal([-5, 0]);
      expect(await times(2e12, 0)).to.deep.equal([]);
    });

    it('a cursor visits every due call once, also where many are due at the same time and where its row has gone', async () => {
      await Promise.all(Array.from({ length: 100 }, (_, index) => store.commit(`call ${index}`, 0, record(1, { dueAt: index % 3 }))));
      for (const page of [1, 7, 100, 1000]) {
        const found = await allDue(store, 2, page);
        expect(new Set(found.map(({ callId }) => callId))).to.have.property('size', 100);
        expect(found).to.have.length(100);
        expect(found.map(({ dueAt }) => dueAt)).to.deep.equal([...found].map(({ dueAt }) => dueAt).sort((a, b) => a - b));
      }
      const [first, second, third] = await store.due(2, 3);
      await store.commit(second!.callId, 1, record(2));
      expect(await store.due(2, 1, first)).to.deep.equal([third]);
      expect(await store.due(2, 1, second)).to.deep.equal([third]);
    });

    it('due calls are those of one service, where that is asked for, however many others are due before them', async () => {
      const [mine, others] = [['svc:1', `svc:${'x'.repeat(600)}`, 'svc:é', 'svc:'], ['sva:1', 'svd:1', 'svc', 'SVC:1', 'xsvc:1', '']];
      for (const [index, id] of [...others, ...mine].entries()) await store.commit(id, 0, record(1, { dueAt: index }));
      const due = mine.map((callId, index) => ({ callId, dueAt: others.length + index }));
      expect(await store.due(100, 100, undefined, 'svc:')).to.deep.equal(due);
      expect(await store.due(100, 2, undefined, 'svc:')).to.deep.equal(due.slice(0, 2));
      expect(await store.due(100, 2, due[1], 'svc:')).to.deep.equal(due.slice(2));
      expect(await store.due(100, 2, { callId: '', dueAt: due[1]!.dueAt }, 'svc:'), 'after a row that is not there').to.deep.equal(due.slice(1, 3));
      expect(await store.due(due[0]!.dueAt, 9, undefined, 'svc:')).to.deep.equal(due.slice(0, 1));
      expect(await store.due(100, 9, undefined, 'nobody:')).to.deep.equal([]);
      expect(await store.due(100, 100)).to.have.length(10);
    });

    it('a call whose time is moved is due at the new one only, and a call without one not at all', async () => {
      await store.commit('a', 0, record(1, { dueAt: 10 }));
      await store.commit('a', 1, record(2, { dueAt: 20 }));
      expect(await store.due(100, 10)).to.deep.equal([{ callId: 'a', dueAt: 20 }]);
      await store.commit('a', 2, record(3, { dueAt: 20 }));
      expect(await store.due(100, 10)).to.deep.equal([{ callId: 'a', dueAt: 20 }]);
      await store.commit('a', 3, record(4));
      expect(await store.due(100, 10)).to.deep.equal([]);
    });

    it('expired records go, at most so many at a time, and nothing of them stays', async () => {
      for (const expiresAt of [10, 20, 30, 40]) await store.commit(`until ${expiresAt}`, 0, record(1, { dueAt: 5, expiresAt }));
      await store.commit('for ever', 0, record(1, { dueAt: 5 }));
      expect(await store.expire(9, 10)).to.equal(0);
      expect(await store.expire(30, 0)).to.equal(0);
      expect(await store.expire(30, 2)).to.equal(2);
      expect(await store.load('until 20')).to.equal(undefined);
      expect(await store.load('until 30')).to.deep.equal(record(1, { dueAt: 5, expiresAt: 30 }));
      expect(await store.expire(30, 2)).to.equal(1);
      expect(await store.expire(30, 2)).to.equal(0);
      expect((await store.due(100, 10)).map(({ callId }) => callId)).to.have.members(['until 40', 'for ever']);
    });

    it('a record lives as long as its last commit says', async () => {
      await store.commit('a', 0, record(1, { expiresAt: 10 }));
      await store.commit('a', 1, record(2, { expiresAt: 50 }));
      expect(await store.expire(20, 10)).to.equal(0);
      await store.commit('a', 2, record(3));
      expect(await store.expire(100, 10)).to.equal(0);
      expect(await store.load('a')).to.deep.equal(record(3));
    });

    it('a call that was forgotten begins anew', async () => {
      await store.commit('a', 0, record(1, { dueAt: 3, expiresAt: 10 }));
      expect(await store.expire(10, 10)).to.equal(1);
      expect(await store.commit('a', 1, record(2))).to.equal(false);
      expect(await store.commit('a', 0, record(1, { dueAt: 4 }))).to.equal(true);
      expect(await store.due(100, 10)).to.deep.equal([{ callId: 'a', dueAt: 4 }]);
    });

    it('a record is dropped or replaced when both are tried at once, and its index rows follow', async () => {
      for (let round = 0; round < 20; round += 1) {
        const id = `call ${round}`;
        await store.commit(id, 0, record(1, { dueAt: 1, expiresAt: 1 }));
        const [dropped, replaced] = await Promise.all([store.expire(1, 10), store.commit(id, 1, record(2, { dueAt: 2 }))]);
        expect(dropped === 1).to.equal(!replaced);
        expect(await store.load(id)).to.deep.equal(replaced ? record(2, { dueAt: 2 }) : undefined);
        expect((await store.due(5, 1000)).filter(({ callId }) => callId === id)).to.deep.equal(replaced ? [{ callId: id, dueAt: 2 }] : []);
      }
    });

    it('ids are listed by what they begin with, each once, whatever they are made of and however few a page has', async () => {
      for (const [index, id] of oddStrings.entries()) await store.commit(id, 0, record(1, index % 2 === 0 ? { dueAt: 5 } : {}));
      await listsAll(store, ['', ' ', 'a', 'x', 'xx', 'x'.repeat(100), 'é', 'ééé', '日', '📞', '__proto__', '../', '%', '_', 'nobody']);
      expect(await store.list('', 0)).to.deep.equal([]);
    });

    it('a list goes on behind an id that has gone meanwhile, has those that came, and none that went', async () => {
      const long = 'y'.repeat(600);
      for (let index = 0; index < 10; index += 1) await store.commit(index % 2 === 0 ? `y${index}` : `${long}${index}`, 0, record(1, { expiresAt: index < 6 ? 10 : 50 }));
      const all = await store.list('y', 100);
      for (const [index, id] of all.entries()) expect(await store.list('y', 3, id)).to.deep.equal(all.slice(index + 1, index + 4));
      expect(await store.expire(10, 100)).to.equal(6);
      const left = all.filter((id) => Number(id.at(-1)) >= 6);
      expect(await store.list('y', 100)).to.deep.equal(left);
      for (const [index, id] of all.entries()) expect(await store.list('y', 100, id)).to.deep.equal(left.filter((other) => all.indexOf(other) > index));
      await store.commit(`${long}1`, 0, record(1));
      await store.commit('y0', 0, record(1));
      expect(await store.list('y', 100)).to.have.members([...left, `${long}1`, 'y0']);
    });

    it('ids that begin alike are listed a page at a time, each once, and those of others are not', async () => {
      const mine = ['svc:1', 'svc:10', 'svc:2', 'svc:', 'svc:a b', 'svc:ü', 'svc:📞', 'svc:%_', "svc:'"];
      for (const id of [...mine, 'svc', 'sva:1', 'svd:1', 'xsvc:1', 'SVC:1', '']) await store.commit(id, 0, record(1));
      for (const size of [1, 2, 4, 9, 100]) {
        const found: string[] = [];
        for (;;) {
          const next = await store.list('svc:', size, found.at(-1));
          found.push(...next);
          if (next.length < size) break;
        }
        expect([...found].sort(), `pages of ${size}`).to.deep.equal([...mine].sort());
      }
      expect(await store.list('svc:', 0)).to.deep.equal([]);
      expect(await store.list('nobody:', 10)).to.deep.equal([]);
      expect(await store.list('', 100)).to.have.length(mine.length + 6);
    });

    it('a call that is given away to be done is given to one only, until its time is over or it is committed', async function () {
      if (store.claim === undefined) return this.skip(); // it saves nothing here
      const all = ['call 3', 'call 1', 'call 2', 'later', 'never', 'nobody', 'x'.repeat(600)];
      const claim = (until: number, forMs: number, callIds: readonly string[] = all) => store.claim!(callIds, until, forMs);
      for (const dueAt of [3, 1, 2]) await store.commit(`call ${dueAt}`, 0, record(1, { dueAt }));
      await store.commit('later', 0, record(1, { dueAt: 50 }));
      await store.commit('never', 0, record(1));
      await store.commit('x'.repeat(600), 0, record(1, { dueAt: 4 }));
      await store.commit('of others', 0, record(1, { dueAt: 1 }));
      expect(await claim(10, 60_000, ['call 2', 'call 1'])).to.deep.equal(['call 1', 'call 2']);
      expect(await claim(10, 60_000)).to.deep.equal(['call 3', 'x'.repeat(600)]);
      expect(await claim(10, 60_000)).to.deep.equal([]);
      expect(await store.due(10, 9), 'they are due all the same').to.have.length(5);
      await store.commit('call 2', 1, record(2, { dueAt: 5 }));
      expect(await claim(10, 60_000)).to.deep.equal(['call 2']);
      expect(await claim(100, 1)).to.deep.equal(['later']);
      for (const from = performance.now(); performance.now() - from < 5_000 && (await claim(100, 60_000)).length === 0; );
      expect(await claim(100, 60_000), 'it was given away again').to.deep.equal([]);
    });

    it('a call that was given away and is given back is given to the next', async function () {
      if (store.claim === undefined || store.release === undefined) return this.skip();
      const ids = ['one', 'two', 'y'.repeat(600)];
      for (const [index, id] of ids.entries()) await store.commit(id, 0, record(1, { dueAt: index }));
      expect(await store.claim(ids, 10, 60_000)).to.deep.equal(ids);
      await store.release(['two', ids[2]!, 'nobody']);
      expect(await store.claim(ids, 10, 60_000)).to.deep.equal(ids.slice(1));
      expect(await store.due(10, 5), 'nothing else has changed').to.deep.equal(ids.map((callId, dueAt) => ({ callId, dueAt })));
      expect(await store.commit('two', 1, record(2))).to.equal(true);
    });

    it('of many that look for what is due at once each call is given to one', async function () {
      if (store.claim === undefined) return this.skip();
      await Promise.all(Array.from({ length: 50 }, (_, index) => store.commit(`call ${index}`, 0, record(1, { dueAt: index % 5 }))));
      const given: string[] = [];
      await Promise.all(Array.from({ length: 8 }, async () => {
        const ids = (await store.due(10, 50)).map(({ callId }) => callId);
        for (let from = 0; from < 50; from += 4) given.push(...(await store.claim!(ids.slice(from, from + 4), 10, 60_000)));
      }));
      expect(given).to.have.length(50);
      expect(new Set(given)).to.have.property('size', 50);
    });

    it('a closed store refuses all, and may be closed again', async () => {
      const writing = store.commit('a', 0, record(1));
      await store.close();
      await store.close();
      expect(await writing).to.equal(true);
      for (const [promise, reason] of [
        [store.load('a'), 'read'],
        [store.due(1, 1), 'read'],
        [store.list('', 1), 'read'],
        [store.commit('b', 0, record(1)), 'write'],
        [store.expire(1, 1), 'write'],
      ] as const) {
        expect(await failureOf(promise)).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason });
      }
    });
  });

  describe(`${name} behaves as a map does`, () => {
    it('under any sequence of commits, expiries, searches and lists', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const { store, dispose } = await factory();
          try {
            const model = new Map<string, StoredRecord>();
            for (const next of steps) await check(store, model, next);
            await check(store, model, { does: 'search', until: Infinity, page: 1 });
            await check(store, model, { does: 'list', prefix: '', page: 2 });
            for (const id of ids) expect(await store.load(id)).to.deep.equal(model.get(id));
          } finally {
            await dispose();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}

type Step =
  | { readonly does: 'commit'; readonly id: string; readonly stale: boolean; readonly text: string; readonly dueAt: number | null; readonly expiresAt: number | null }
  | { readonly does: 'expire'; readonly now: number; readonly limit: number }
  | { readonly does: 'search'; readonly until: number; readonly page: number }
  | { readonly does: 'list'; readonly prefix: string; readonly page: number };

const ids = ['a', 'b', '\0', '📞', '\ud83d', 'x'.repeat(501), `${'x'.repeat(501)}y`];
/** Few moments, so that calls share them; negative, broken and huge ones too. */
const moment = fc.constantFrom(-1e9, -1, 0, 1, 1.5, 2, 3, 1_700_000_000_000, Infinity);
const timeOrNone = fc.option(moment, { nil: null });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('commit' as const),
      id: fc.constantFrom(...ids),
      stale: fc.boolean(),
      text: fc.string({ unit: 'binary', maxLength: 300 }),
      dueAt: timeOrNone,
      expiresAt: timeOrNone,
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('expire' as const), now: moment, limit: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('search' as const), until: moment, page: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('list' as const), prefix: fc.constantFrom('', 'a', '📞', 'x', 'xx'), page: fc.integer({ min: 1, max: 4 }) }) },
);

/** Does one step in the store and in the model, and compares. */
async function check(store: CallStore, model: Map<string, StoredRecord>, next: Step): Promise<void> {
  if (next.does === 'commit') {
    const revision = model.get(next.id)?.revision ?? 0;
    const expected = next.stale ? revision + 1 : revision;
    const { text, dueAt, expiresAt } = next;
    const record = { revision: expected + 1, text, ...(dueAt !== null && { dueAt }), ...(expiresAt !== null && { expiresAt }) };
    expect(await store.commit(next.id, expected, record)).to.equal(!next.stale);
    if (!next.stale) model.set(next.id, record);
    expect(await store.load(next.id)).to.deep.equal(model.get(next.id));
  } else if (next.does === 'expire') {
    const expired = [...model].filter(([, { expiresAt = NaN }]) => expiresAt <= next.now).sort(([, a], [, b]) => a.expiresAt! - b.expiresAt!);
    expect(await store.expire(next.now, next.limit)).to.equal(Math.min(expired.length, next.limit));
    for (const [id] of expired) {
      if ((await store.load(id)) === undefined) model.delete(id);
    }
    expect(expired.filter(([id]) => !model.has(id))).to.have.length(Math.min(expired.length, next.limit));
  } else if (next.does === 'list') {
    const found = await allIds(store, next.prefix, next.page);
    const expected = [...model.keys()].filter((id) => id.startsWith(next.prefix));
    expect(found).to.have.members(expected);
    expect(found).to.have.length(expected.length);
  } else {
    const found = await allDue(store, next.until, next.page);
    const expected = [...model].flatMap(([callId, { dueAt }]) => (dueAt !== undefined && dueAt <= next.until ? [{ callId, dueAt }] : []));
    expect(found).to.have.deep.members(expected);
    for (const [index, { dueAt }] of found.entries()) expect(dueAt).to.be.at.least(found[index - 1]?.dueAt ?? -Infinity);
  }
}
