/**
 * Graph — what can be said of any graph of moments and the ways between them: what is reached, what goes round, the shortest
 * way there and the longest way through. Iterative throughout: a graph of a chain of a million moments is no deeper than one of ten.
 *
 * Ways may be *passing*: they can be gone again and again, and yet not for ever, unless others are gone in between. A round of such
 * ways alone is none, and adds nothing to the length of a way.
 *
 * @module
 */

/** A way from one moment to another. Moments are numbered from 0. */
export interface Way {
  readonly from: number;
  readonly to: number;
}

/** Which ways are passing: none, unless it is said. */
type Passing<W> = (way: W) => boolean;

const never = (): boolean => false;

/** The ways that leave each of `count` moments, in the order of `ways`. */
export const leaving = <W extends Way>(count: number, ways: readonly W[]): readonly (readonly W[])[] => {
  const out: W[][] = Array.from({ length: count }, () => []);
  for (const way of ways) out[way.from]?.push(way);
  return out;
};

/** The shortest way from `start` to each moment that can be reached, as the last step of it; absent for `start` itself and for what cannot be reached. */
export const shortest = <W extends Way>(out: readonly (readonly W[])[], start: number): ReadonlyMap<number, W> => {
  const by = new Map<number, W>();
  const queue = [start];
  for (let next = 0; next < queue.length; next += 1) {
    for (const way of out[queue[next] as number] ?? []) {
      if (way.to === start || by.has(way.to)) continue;
      by.set(way.to, way);
      queue.push(way.to);
    }
  }
  return by;
};

/** The ways that lead to `end`, of those that {@link shortest} found. */
export const wayTo = <W extends Way>(by: ReadonlyMap<number, W>, end: number): readonly W[] => {
  const ways: W[] = [];
  for (let way = by.get(end); way !== undefined; way = by.get(way.from)) ways.push(way);
  return ways.reverse();
};

/** The strongly connected components that go round: with a way from one of their moments to another or to itself, that is not passing. */
export const rounds = <W extends Way>(out: readonly (readonly W[])[], isPassing: Passing<W> = never): readonly (readonly number[])[] =>
  components(out).filter((part) => within(out, part).some((way) => !isPassing(way)));

/** The ways from the moments of `part` to one another. */
const within = <W extends Way>(out: readonly (readonly W[])[], part: readonly number[]): readonly W[] => {
  if (part.length === 1) return (out[part[0] as number] ?? []).filter(({ from, to }) => to === from);
  const members = new Set(part);
  return part.flatMap((at) => (out[at] ?? []).filter(({ to }) => members.has(to)));
};

/** A shortest round through `start` within `part`, as its ways; empty when there is none. One of its ways at least is not passing. */
export const roundThrough = <W extends Way>(out: readonly (readonly W[])[], part: ReadonlySet<number>, start: number, isPassing: Passing<W> = never): readonly W[] => {
  const [begin, end] = [2 * start, 2 * start + 1]; // each moment is two: before the first way that is not passing, and behind it
  const by = new Map<number, { readonly way: W; readonly from: number }>();
  const queue = [begin];
  for (let next = 0; next < queue.length && !by.has(end); next += 1) {
    const from = queue[next] as number;
    for (const way of out[from >> 1] ?? []) {
      const to = 2 * way.to + (from % 2 === 1 || !isPassing(way) ? 1 : 0);
      if (!part.has(way.to) || by.has(to)) continue;
      by.set(to, { way, from });
      queue.push(to);
    }
  }
  const ways: W[] = [];
  for (let last = by.get(end); last !== undefined; last = last.from === begin ? undefined : by.get(last.from)) ways.push(last.way);
  return ways.reverse();
};

/**
 * The longest way from each moment of a graph that does not go round, by the `weight` of its ways; and the first step of it. Passing
 * ways that lead back weigh nothing.
 *
 * @throws `RangeError` when the graph goes round
 */
export const longest = <W extends Way>(out: readonly (readonly W[])[], weight: (way: W) => number, isPassing: Passing<W> = never): { readonly length: readonly number[]; readonly step: readonly (W | undefined)[] } => {
  const length = Array.from<number>({ length: out.length }).fill(0);
  const step = Array.from<W | undefined>({ length: out.length });
  for (const part of components(out)) { // what is led to comes before what leads there
    const inner = within(out, part);
    if (inner.some((way) => !isPassing(way))) throw new RangeError('the graph goes round');
    const back = new Set(inner);
    let most = 0;
    let last: W | undefined;
    for (const way of part.flatMap((at) => out[at] ?? [])) {
      const total = weight(way) + (length[way.to] as number);
      if (back.has(way) || (last !== undefined && total <= most)) continue;
      most = total;
      last = way;
    }
    for (const at of part) length[at] = most;
    if (last === undefined) continue;
    step[last.from] = last;
    const into = new Map(part.map((at): [number, W[]] => [at, []]));
    for (const way of inner) into.get(way.to)?.push(way);
    const queue = [last.from];
    for (let next = 0; next < queue.length; next += 1) {
      for (const way of into.get(queue[next] as number) ?? []) { // the others go first to where the part is left
        if (step[way.from] !== undefined) continue;
        step[way.from] = way;
        queue.push(way.from);
      }
    }
  }
  return { length, step };
};

/** Strongly connected components, each before those that lead to it (Tarjan 1972, without recursion). */
export const components = <W extends Way>(out: readonly (readonly W[])[]): readonly (readonly number[])[] => {
  const count = out.length;
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const open = new Uint8Array(count);
  const stack: number[] = [];
  const found: number[][] = [];
  let visited = 0;

  const enter = (at: number): { readonly at: number; next: number } => {
    index[at] = low[at] = visited;
    visited += 1;
    stack.push(at);
    open[at] = 1;
    return { at, next: 0 };
  };
  const lower = (at: number, to: number): void => {
    if (to < (low[at] as number)) low[at] = to;
  };

  for (let root = 0; root < count; root += 1) {
    if (index[root] !== -1) continue;
    const calls = [enter(root)];
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const { at } = call;
      const to = out[at]?.[call.next]?.to;
      call.next += 1;
      if (to !== undefined) {
        if (index[to] === -1) calls.push(enter(to));
        else if (open[to] === 1) lower(at, index[to] as number);
        continue;
      }
      calls.pop();
      const above = calls.at(-1);
      if (above !== undefined) lower(above.at, low[at] as number);
      if (low[at] !== index[at]) continue;
      const part = stack.splice(stack.lastIndexOf(at));
      for (const member of part) open[member] = 0;
      found.push(part);
    }
  }
  return found;
};
