/**
 * Reading order — which arrows of a figure point back, so that the rest of it is read from the top to the bottom.
 *
 * Only what goes round in circles has to point back somewhere, and there the author's order of the states decides. (ELK's own
 * strategy of the kind, `MODEL_ORDER`, fails on states in states: elkjs 0.12.1.)
 *
 * @module
 */
import type { Box, Figure } from './figure.ts';

/** Two boxes that stand side by side, and that an arrow joins or would join if what is in them were folded up. */
interface Link {
  readonly arrow: string;
  readonly from: string;
  readonly to: string;
}

/** Ids of the arrows of `figure` that point back. */
export const pointingBack = (figure: Figure): ReadonlySet<string> => {
  const chains = new Map(chainsOf(figure.boxes, []));
  const links = figure.arrows.flatMap(({ id, from, target }): readonly Link[] => {
    const [one = [], other = []] = [chains.get(from), chains.get(target)];
    const fork = one.findIndex((step, index) => step !== other[index]);
    const [a, b] = fork === -1 ? [undefined, undefined] : [one[fork], other[fork]];
    return a === undefined || b === undefined ? [] : [{ arrow: id, from: a, to: b }];
  });
  const order = new Map([...chains.keys()].map((id, index) => [id, index]));
  const ahead = new Map<string, Set<string>>();
  for (const { from, to } of links) ahead.set(from, (ahead.get(from) ?? new Set()).add(to));
  const reached = new Map<string, ReadonlySet<string>>();
  const reachedFrom = (start: string): ReadonlySet<string> => {
    const known = reached.get(start);
    if (known !== undefined) return known;
    const found = new Set<string>();
    const open = [start];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const one of ahead.get(next) ?? []) {
        if (found.has(one)) continue;
        found.add(one);
        open.push(one);
      }
    }
    reached.set(start, found);
    return found;
  };
  return new Set(links.filter(({ from, to }) => (order.get(from) ?? 0) > (order.get(to) ?? 0) && reachedFrom(to).has(from)).map(({ arrow }) => arrow));
};

/** Each box with the boxes that it stands in, the outermost first and itself at the end. */
const chainsOf = (boxes: readonly Box[], around: readonly string[]): readonly (readonly [string, readonly string[]])[] =>
  boxes.flatMap(({ id, boxes: inside }) => {
    const chain = [...around, id];
    return [[id, chain] as const, ...chainsOf(inside, chain)];
  });
