/** What is said of graphs, held against the simplest programs that say the same. */
import { expect } from 'chai';
import fc from 'fast-check';
import { components, leaving, longest, rounds, roundThrough, shortest, type Way, wayTo } from '../../../src/machines/check/graph.ts';

interface Weighed extends Way {
  readonly weight: number;
}

/** Graphs of up to nine moments; `forward` ones do not go round. */
const graph = (forward: boolean): fc.Arbitrary<{ readonly count: number; readonly ways: readonly Weighed[] }> =>
  fc.integer({ min: 1, max: 9 }).chain((count) => fc.record({
    count: fc.constant(count),
    ways: fc.array(fc.record({ from: fc.nat(count - 1), to: fc.nat(count - 1), weight: fc.nat(9) }), { maxLength: 20 })
      .map((ways) => (forward ? ways.filter(({ from, to }) => from !== to).map(({ from, to, weight }) => ({ from: Math.max(from, to), to: Math.min(from, to), weight })) : ways)),
  }));

/** How many steps it takes from each moment to each, at least; Infinity where nothing leads. Of a moment to itself: round and back. */
const distances = (count: number, ways: readonly Way[]): readonly (readonly number[])[] => {
  const least = Array.from({ length: count }, () => Array.from<number>({ length: count }).fill(Infinity));
  for (const { from, to } of ways) (least[from] as number[])[to] = 1;
  for (let via = 0; via < count; via += 1) for (const row of least) for (let to = 0; to < count; to += 1) row[to] = Math.min(row[to] as number, (row[via] as number) + (least[via]?.[to] as number));
  return least;
};

const isHeavy = ({ weight }: Weighed): boolean => weight > 4;

const isChain = (ways: readonly Way[]): boolean => ways.every(({ from }, index) => index === 0 || ways[index - 1]?.to === from);

describe('a graph', () => {
  it('has the ways that leave each moment, in order', () => {
    fc.assert(fc.property(graph(false), ({ count, ways }) => {
      expect(leaving(count, ways)).to.deep.equal(Array.from({ length: count }, (_, at) => ways.filter(({ from }) => from === at)));
    }));
  });

  it('is gone through by shortest ways, and what is not reached has none', () => {
    fc.assert(fc.property(graph(false), ({ count, ways }) => {
      const by = shortest(leaving(count, ways), 0);
      const least = distances(count, ways)[0] as readonly number[];
      for (let end = 1; end < count; end += 1) {
        const way = wayTo(by, end);
        expect(way.length).to.equal(least[end] === Infinity ? 0 : least[end]);
        expect(isChain(way)).to.equal(true);
        if (way.length > 0) expect([way[0]?.from, way.at(-1)?.to]).to.deep.equal([0, end]);
      }
      expect(by.has(0)).to.equal(false);
      expect(wayTo(by, 0)).to.deep.equal([]);
    }));
  });

  it('falls into the moments that lead to one another, each part before those that lead to it', () => {
    fc.assert(fc.property(graph(false), ({ count, ways }) => {
      const parts = components(leaving(count, ways));
      const least = distances(count, ways);
      const leads = (from: number, to: number): boolean => from === to || (least[from]?.[to] as number) < Infinity;
      expect(parts.flat().sort((a, b) => a - b)).to.deep.equal(Array.from({ length: count }, (_, at) => at));
      const partOf = (at: number): number => parts.findIndex((part) => part.includes(at));
      for (let from = 0; from < count; from += 1) {
        for (let to = 0; to < count; to += 1) expect(partOf(from) === partOf(to)).to.equal(leads(from, to) && leads(to, from));
      }
      for (const { from, to } of ways) expect(partOf(to)).to.be.at.most(partOf(from));
    }));
  });

  it('goes round where a moment leads back to itself, and a shortest round is found through each', () => {
    fc.assert(fc.property(graph(false), ({ count, ways }) => {
      const out = leaving(count, ways);
      const least = distances(count, ways);
      const turning = rounds(out);
      expect(turning.flat().sort((a, b) => a - b)).to.deep.equal(Array.from({ length: count }, (_, at) => at).filter((at) => (least[at]?.[at] as number) < Infinity));
      for (const part of turning) {
        for (const start of part) {
          const round = roundThrough(out, new Set(part), start);
          expect(round.length).to.equal(least[start]?.[start]);
          expect(isChain(round)).to.equal(true);
          expect([round[0]?.from, round.at(-1)?.to]).to.deep.equal([start, start]);
        }
      }
    }));
  });

  it('has no round through a moment that none goes through, or out of the part that is looked at', () => {
    const out = leaving(3, [{ from: 0, to: 1 }, { from: 1, to: 2 }, { from: 2, to: 0 }]);
    expect(roundThrough(out, new Set([0, 1]), 0)).to.deep.equal([]);
    expect(roundThrough(leaving(2, [{ from: 0, to: 1 }]), new Set([0, 1]), 0)).to.deep.equal([]);
  });

  it('has a longest way from each moment where it does not go round', () => {
    fc.assert(fc.property(graph(true), ({ count, ways }) => {
      const out = leaving(count, ways);
      const far = (at: number): number => Math.max(0, ...(out[at] ?? []).map(({ to, weight }) => weight + far(to)));
      const { length, step } = longest(out, ({ weight }) => weight);
      expect(length).to.deep.equal(Array.from({ length: count }, (_, at) => far(at)));
      for (let at = 0; at < count; at += 1) {
        let sum = 0;
        for (let way = step[at]; way !== undefined; way = step[way.to]) sum += way.weight;
        expect(sum).to.equal(length[at]);
      }
    }));
  });

  it('has none where it goes round', () => {
    fc.assert(fc.property(graph(false), ({ count, ways }) => {
      const out = leaving(count, ways);
      if (rounds(out).length > 0) expect(() => longest(out, () => 1)).to.throw(RangeError);
      else expect(() => longest(out, () => 1)).not.to.throw();
    }));
  });

  it('does not go round by ways that are passing alone', () => {
    let found = 0;
    fc.assert(fc.property(graph(false), ({ count, ways }) => {
      const out = leaving(count, ways);
      const least = distances(count, ways);
      const far = (from: number, to: number): number => (from === to ? 0 : (least[from]?.[to] as number));
      const lasting = ways.filter((way) => !isHeavy(way));
      /** How long the shortest round through a moment is that is not made of passing ways alone. */
      const lengthOf = (start: number): number => Math.min(Infinity, ...lasting.map(({ from, to }) => far(start, from) + 1 + far(to, start)));
      const turning = rounds(out, isHeavy);
      expect(turning.flat().sort((a, b) => a - b)).to.deep.equal(Array.from({ length: count }, (_, at) => at).filter((at) => lengthOf(at) < Infinity));
      for (const part of turning) {
        for (const start of part) {
          const round = roundThrough(out, new Set(part), start, isHeavy);
          expect(round.length).to.equal(lengthOf(start));
          expect(isChain(round) && !round.every(isHeavy)).to.equal(true);
          expect([round[0]?.from, round.at(-1)?.to]).to.deep.equal([start, start]);
          if (round.length > (least[start]?.[start] as number)) found += 1;
        }
      }
      for (const part of rounds(out)) if (!turning.some((other) => other.includes(part[0] as number))) expect(roundThrough(out, new Set(part), part[0] as number, isHeavy)).to.deep.equal([]);
    }), { seed: 1, numRuns: 300 });
    expect(found).to.be.greaterThan(0);
  });

  it('has a longest way where only passing ways go round, and those weigh nothing', () => {
    const blockOf = (at: number): number => Math.floor(at / 3);
    const isWithin = ({ from, to }: Way): boolean => blockOf(from) === blockOf(to);
    let turning = 0;
    fc.assert(fc.property(graph(false), ({ count, ways }) => {
      const down = ways.filter((way) => isWithin(way) || blockOf(way.from) > blockOf(way.to));
      const out = leaving(count, down);
      const parts = components(out);
      const partOf = new Map(parts.flatMap((part) => part.map((at) => [at, part] as const)));
      const isBack = ({ from, to }: Way): boolean => partOf.get(from) === partOf.get(to);
      const far = (at: number): number => Math.max(0, ...(partOf.get(at) ?? []).flatMap((member) => out[member] ?? []).filter((way) => !isBack(way)).map(({ to, weight }) => weight + far(to)));
      const { length, step } = longest(out, ({ weight }) => weight, isWithin);
      expect(length).to.deep.equal(Array.from({ length: count }, (_, at) => far(at)));
      for (let at = 0; at < count; at += 1) {
        const steps: Weighed[] = [];
        for (let way = step[at]; way !== undefined && steps.length <= count; way = step[way.to]) steps.push(way);
        expect(steps.length).to.be.at.most(count);
        expect(steps.filter((way) => !isBack(way)).reduce((sum, { weight }) => sum + weight, 0)).to.equal(length[at]);
      }
      turning += parts.filter((part) => part.length > 1).length;
    }), { seed: 1, numRuns: 300 });
    expect(turning).to.be.greaterThan(0);
  });

  it('of two hundred thousand moments in a row is no deeper than one of ten', () => {
    const count = 200_000;
    const ways = Array.from({ length: count - 1 }, (_, from) => ({ from, to: from + 1 }));
    const out = leaving(count, ways);
    expect(components(out)).to.have.lengthOf(count);
    expect(longest(out, () => 1).length[0]).to.equal(count - 1);
    expect(wayTo(shortest(out, 0), count - 1)).to.have.lengthOf(count - 1);
    expect(roundThrough(leaving(count, [...ways, { from: count - 1, to: 0 }]), new Set(ways.flatMap(({ from, to }) => [from, to])), 0)).to.have.lengthOf(count);
  });
});
