/**
 * Graph — what can be said of any graph of moments and the ways between them: what is reached, what goes round, the shortest
 * way there and the longest way through. Iterative throughout: a graph of a chain of a million moments is no deeper than one of ten.
 *
 * @module
 */

/** A way from one moment to another. Moments are numbered from 0. */
export interface Way {
  readonly from: number;
  readonly to: number;
}

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

/** The strongly connected components that go round: of more than one moment, or of one with a way to itself. */
export const rounds = <W extends Way>(out: readonly (readonly W[])[]): readonly (readonly number[])[] =>
  components(out).filter((part) => part.length > 1 || out[part[0] as number]?.some(({ to }) => to === part[0]));

/** A shortest round through `start` within `part`, as its ways; empty when there is none. */
export const roundThrough = <W extends Way>(out: readonly (readonly W[])[], part: ReadonlySet<number>, start: number): readonly W[] => {
  const by = new Map<number, W>();
  const queue = [start];
  for (let next = 0; next < queue.length; next += 1) {
    const from = queue[next] as number;
    for (const way of out[from] ?? []) {
      if (!part.has(way.to)) continue;
      if (way.to === start) {
        const ways = [way];
        for (let at = from; at !== start; ) {
          const step = by.get(at) as W;
          ways.push(step);
          at = step.from;
        }
        return ways.reverse();
      }
      if (by.has(way.to)) continue;
      by.set(way.to, way);
      queue.push(way.to);
    }
  }
  return [];
};

/**
 * The longest way from each moment of a graph that does not go round, by the `weight` of its ways; and the first step of it.
 *
 * @throws `RangeError` when the graph goes round
 */
export const longest = <W extends Way>(out: readonly (readonly W[])[], weight: (way: W) => number): { readonly length: readonly number[]; readonly step: readonly (W | undefined)[] } => {
  const length = Array.from<number>({ length: out.length }).fill(0);
  const step = Array.from<W | undefined>({ length: out.length });
  for (const part of components(out)) { // what is led to comes before what leads there
    const at = part[0] as number;
    if (part.length > 1 || out[at]?.some(({ to }) => to === at)) throw new RangeError('the graph goes round');
    for (const way of out[at] ?? []) {
      const total = weight(way) + (length[way.to] as number);
      if (step[at] !== undefined && total <= (length[at] as number)) continue;
      length[at] = total;
      step[at] = way;
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
