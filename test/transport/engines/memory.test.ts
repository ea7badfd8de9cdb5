import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { memoryStore } from '../../../src/transport/engines/memory.ts';
import { orderedIds, orderedRows, type Row } from '../../../src/transport/engines/ordered.ts';
import { describeStore } from './kit.ts';

describeStore('the store in memory', async () => {
  const store = memoryStore();
  return { store, dispose: () => store.close() };
});

describe('the store in memory is small', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };

  it('a parked call costs at most 2 KB for a text of 1.2 KB, and 100,000 calls that ended leave nothing', async () => {
    const calls = 100_000;
    const store = memoryStore();
    const empty = heap();
    for (let call = 0; call < calls; call += 1) {
      const text = JSON.stringify({ call, padding: 'x'.repeat(1_170 + (call % 10)) });
      await store.commit(`call-${call}-0123456789abcdef`, 0, { revision: 1, text, dueAt: 1.7e12 + ((call * 7919) % calls), expiresAt: 1.8e12 + call });
    }
    expect((heap() - empty) / calls).to.be.within(1_200, 2_048);

    while ((await store.expire(1.9e12, 1_000)) > 0) continue;
    expect((heap() - empty) / calls).to.be.below(10);
    expect(await store.due(Infinity, 1)).to.deep.equal([]);
  });
});

describe('the store in memory lists a million calls', () => {
  it('a page at a time without looking at the others, while calls come and go', async () => {
    const calls = 200_000;
    const store = memoryStore();
    for (let call = 0; call < calls; call += 1) await store.commit(`call ${(call * 7_919) % calls}`, 0, { revision: 1, text: '', expiresAt: call });
    await store.list('call', 1); // puts them in order, once
    const pages = async (): Promise<number> => {
      let looked = 0;
      for (let after: string | undefined; ; ) {
        const page = await store.list('call', 1_000, after);
        looked += page.length;
        after = page.at(-1);
        if (page.length < 1_000) return looked;
        await store.commit(`late ${looked}`, 0, { revision: 1, text: '' });
        await store.expire(0, 1);
      }
    };
    const started = performance.now();
    expect(await pages()).to.be.within(calls - 201, calls);
    expect(performance.now() - started, 'sorting them for each of 200 pages took half a minute').to.be.below(5_000);
  });
});

describe('ordered rows', () => {
  it('read as a sorted list does, whatever is added and removed', () => {
    const row = fc.record({ at: fc.integer({ min: 0, max: 30 }), callId: fc.constantFrom(...'abcdefghij') });
    const change = fc.record({ row, adds: fc.boolean() });
    // Each change is repeated over many ids, so that the lists inside are halved and joined.
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), row, (changes, cursor) => {
        const rows = orderedRows();
        const model = new Map<string, Row>();
        for (const { row: { at, callId }, adds } of changes) {
          for (let copy = 0; copy < 60; copy += 1) {
            const one = { at: at + (copy % 7), callId: `${callId}${copy}` };
            const key = `${one.at} ${one.callId}`;
            if (adds && !model.has(key)) rows.add(one);
            if (!adds) rows.remove({ ...one });
            if (adds) model.set(key, one);
            else model.delete(key);
          }
        }
        const sorted = [...model.values()].sort((a, b) => a.at - b.at || (a.callId < b.callId ? -1 : 1));
        expect([...rows.rows()]).to.deep.equal(sorted);
        expect(rows.first()).to.deep.equal(sorted[0]);
        expect([...rows.rows(cursor)]).to.deep.equal(sorted.filter((one) => one.at > cursor.at || (one.at === cursor.at && one.callId > cursor.callId)));
      }),
      { numRuns: 60 },
    );
  });

  it('of ids begin anywhere, at one or after it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 400 }), fc.array(fc.string({ maxLength: 3 }), { maxLength: 100 }), fc.string({ maxLength: 3 }), (given, more, cursor) => {
        const ids = orderedIds(new Set(given));
        const model = new Set(given);
        for (const id of more) {
          if (model.delete(id)) ids.remove(id);
          else {
            ids.add(id);
            model.add(id);
          }
        }
        const sorted = [...model].sort();
        expect([...ids.rows()]).to.deep.equal(sorted);
        expect([...ids.rows(cursor)]).to.deep.equal(sorted.filter((id) => id > cursor));
        expect([...ids.rows(cursor, 'at')]).to.deep.equal(sorted.filter((id) => id >= cursor));
      }),
    );
  });
});
