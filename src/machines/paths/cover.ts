/**
 * Cover — walks through all that was discovered, as few as can be found and then as short as can be found, that meet every point between them.
 *
 * A walk always goes next to what cuts it off from the least of what is still to be met: so it is over only when nothing is left that it could come to.
 *
 * @module
 */
import { components } from '../check/graph.ts';
import { type Discovery, networkOf, over, type Way } from './discover.ts';

/** Ways one after the other, the first of them from where the phone rings. */
export type Walk = readonly Way[];

/** Walks of at most `mostActs` acts that meet what can be met; when there are no more than `fewest`, nobody looks for fewer. */
export const walksThrough = (discovery: Discovery, mostActs: number, fewest: number): readonly Walk[] => {
  const graph = graphOf(discovery);
  const left = new Set(discovery.met);
  const walks: Walk[] = [];
  while (left.size > 0) {
    const walk = walkTo(graph, left, mostActs);
    if (walk.length === 0) break;
    for (const point of metBy(walk)) left.delete(point);
    walks.push(walk);
  }
  return tightened(graph, fewer(graph, tightened(graph, walks, mostActs), mostActs, fewest), mostActs);
};

const metBefore = new WeakMap<Walk, ReadonlySet<number>>();

/** Points that are met on `walk`. */
export const metBy = (walk: Walk): ReadonlySet<number> => {
  const known = metBefore.get(walk);
  if (known !== undefined) return known;
  const met = new Set(walk.flatMap((way) => way.met));
  metBefore.set(walk, met);
  return met;
};

/** How many acts a walk takes; a call that nobody ends is hung up on by the caller. */
export const actsOf = (walk: Walk): number => walk.length - 1 + (walk.at(-1)?.to === over ? 0 : 1);

// ---- one walk ----

/** A walk that meets as many as it can of the points `wanted`. */
const walkTo = (graph: Graph, wanted: ReadonlySet<number>, mostActs: number): Walk => {
  const { leaving } = graph;
  const left = new Set(wanted);
  const walk: Way[] = [];
  for (let at = -1; at !== over;) {
    const found = nearest(graph, at, left, mostActs - Math.max(0, walk.length - 1) - (walk.length === 0 ? -1 : 0));
    if (found.length === 0) break;
    for (const way of found) way.met.forEach((point) => left.delete(point));
    walk.push(...found);
    at = found.at(-1)?.to ?? over;
  }
  const last = walk.at(-1);
  const end = last === undefined || last.to === over ? undefined : leaving.get(last.to)?.find(({ to }) => to === over); // rather than that the caller hangs up
  return end === undefined ? walk : [...walk, end];
};

/** The ways from `start` to the best that is left: what leaves the most of it within reach, and of that the nearest. */
const nearest = ({ leaving, reach }: Graph, start: number, left: ReadonlySet<number>, mostSteps: number): Walk => {
  const from = new Map<number, Way | null>([[start, null]]);
  const depth = new Map<number, number>([[start, 0]]);
  const score = reach.scoring(left);
  let best: { readonly way: Way; readonly worth: number } | undefined;
  const most = Math.max(0, ...(leaving.get(start) ?? []).map(score)); // nothing leaves more than there is
  for (const at of from.keys()) { // a map goes on to what is added meanwhile
    if (best?.worth === most) break;
    const steps = (depth.get(at) ?? 0) + 1;
    for (const way of leaving.get(at) ?? []) {
      if (steps + (way.to === over ? 0 : 1) > mostSteps) continue;
      if (way.met.some((point) => left.has(point))) {
        const worth = score(way);
        if (best === undefined || worth > best.worth) best = { way, worth };
      }
      if (way.to !== over && !from.has(way.to)) {
        from.set(way.to, way);
        depth.set(way.to, steps);
      }
    }
  }
  if (best === undefined) return [];
  const ways = [best.way];
  for (let way = from.get(best.way.from); way !== null && way !== undefined; way = from.get(way.from)) ways.unshift(way);
  return ways;
};

// ---- all of them ----

/** The same with fewer acts, and without walks that meet nothing which no other does. */
const tightened = (graph: Graph, walks: readonly Walk[], mostActs: number): readonly Walk[] => {
  let best = walks;
  for (let round = 0; round < 4; round += 1) {
    const before = best;
    for (const walk of [...best].sort((one, other) => actsOf(other) - actsOf(one))) best = withShorter(graph, best, walk, mostActs);
    if (best.every((walk, index) => walk === before[index])) return best;
  }
  return best;
};

/** Plans that are made to save walks, at most. */
const mostPlans = 600;

/** The same with walks left out whose points others can take over. */
const fewer = (graph: Graph, walks: readonly Walk[], mostActs: number, fewest: number): readonly Walk[] => {
  let best = walks;
  let plans = 0;

  const plan = (wanted: ReadonlySet<number>): Walk | undefined => {
    plans += 1;
    const walk = walkTo(graph, wanted, mostActs);
    const met = metBy(walk);
    return [...wanted].every((point) => met.has(point)) ? walk : undefined;
  };

  /** `some` with `points` met as well: by one of them, or by one that leaves how it ends to another. */
  const taking = (points: ReadonlySet<number>, some: readonly Walk[], asked: readonly number[]): readonly Walk[] | undefined => {
    for (const [index, walk] of some.entries()) {
      if (asked.includes(index) || plans > mostPlans) continue;
      const own = ownOf(some, walk);
      const whole = plan(new Set([...own, ...points]));
      if (whole !== undefined) return some.with(index, whole);
      const end = new Set(walk.at(-1)?.met.filter((point) => own.has(point)));
      if (end.size === 0 || asked.length > 1) continue;
      const other = plan(new Set([...[...own].filter((point) => !end.has(point)), ...points]));
      const further = other && taking(end, some.with(index, other), [...asked, index]);
      if (further !== undefined) return further;
    }
    return undefined;
  };

  for (const walk of [...walks].sort((one, other) => actsOf(one) - actsOf(other))) {
    if (best.length <= fewest || plans > mostPlans) return best;
    if (best.includes(walk)) best = taking(ownOf(best, walk), best.filter((other) => other !== walk), []) ?? best;
  }
  return best;
};

/** Points that `walk` alone meets. */
const ownOf = (walks: readonly Walk[], walk: Walk): ReadonlySet<number> => {
  const own = new Set(metBy(walk));
  for (const other of walks) {
    if (other === walk) continue;
    const met = metBy(other);
    for (const point of own) if (met.has(point)) own.delete(point);
  }
  return own;
};

const withShorter = (graph: Graph, walks: readonly Walk[], walk: Walk, mostActs: number): readonly Walk[] => {
  const own = ownOf(walks, walk);
  if (own.size === 0) return walks.filter((other) => other !== walk);
  const again = walkTo(graph, own, mostActs);
  const met = metBy(again);
  const isBetter = [...own].every((point) => met.has(point)) && actsOf(again) < actsOf(walk);
  return isBetter ? walks.map((other) => (other === walk ? again : other)) : walks;
};

// ---- what is within reach ----

interface Graph {
  readonly leaving: ReadonlyMap<number, readonly Way[]>;
  readonly reach: Reach;
}

interface Reach {
  /** Gives how many of `wanted` are met on a way, or can be behind it. */
  scoring(wanted: ReadonlySet<number>): (way: Way) => number;
}

const graphOf = ({ moments, ways, points }: Discovery): Graph => {
  const leaving = new Map<number, Way[]>();
  for (const way of ways) {
    const before = leaving.get(way.from);
    if (before === undefined) leaving.set(way.from, [way]);
    else before.push(way);
  }
  return { leaving, reach: reachOf(components(networkOf(moments.length, ways)).map((round) => round.map((at) => at - 1)), leaving, Math.ceil(points.length / 32)) };
};

/** By rounds: moments that lead to one another, each such round before those that lead to it. */
const reachOf = (rounds: readonly (readonly number[])[], leaving: ReadonlyMap<number, readonly Way[]>, words: number): Reach => {
  const behind = new Map<number, Uint32Array>();
  const nothing = new Uint32Array(words);
  for (const round of rounds) {
    const bits = new Uint32Array(words);
    for (const moment of round) behind.set(moment, bits);
    for (const moment of round) {
      for (const { to, met } of leaving.get(moment) ?? []) {
        for (const point of met) bits[point >>> 5] = (bits[point >>> 5] ?? 0) | (1 << (point & 31));
        const further = behind.get(to);
        if (further !== undefined && further !== bits) further.forEach((word, index) => { bits[index] = (bits[index] ?? 0) | word; });
      }
    }
  }
  const scoring = (wanted: ReadonlySet<number>): ((way: Way) => number) => {
    const all = bitsOf(wanted, words);
    const counts = new Map<Uint32Array, number>();
    const countOf = (bits: Uint32Array): number => {
      const count = counts.get(bits) ?? common(bits, all);
      counts.set(bits, count);
      return count;
    };
    return ({ to, met }) => {
      const bits = behind.get(to) ?? nothing;
      return countOf(bits) + met.filter((point) => wanted.has(point) && ((bits[point >>> 5] ?? 0) & (1 << (point & 31))) === 0).length;
    };
  };
  return { scoring };
};

const bitsOf = (points: ReadonlySet<number>, words: number): Uint32Array => {
  const bits = new Uint32Array(words);
  for (const point of points) bits[point >>> 5] = (bits[point >>> 5] ?? 0) | (1 << (point & 31));
  return bits;
};

const common = (some: Uint32Array, others: Uint32Array): number => some.reduce((sum, word, index) => sum + ones(word & (others[index] ?? 0)), 0);

const ones = (word: number): number => {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count += 1;
  return count;
};
