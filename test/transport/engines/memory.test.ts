import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { memoryStore } from '../../../src/transport/engines/memory.ts';
import { orderedRows, type Row } from '../../../src/transport/engines/ordered.ts';
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
});
