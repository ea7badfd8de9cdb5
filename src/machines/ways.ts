/**
 * Ways — which states a transition leaves and which it enters, by the rules of statecharts that XState goes by. XState tells of a step
 * all transitions that regions ask for, and of these that are at odds with each other it takes the first.
 *
 * @module
 */
import type { AnyStateNode } from 'xstate';
import { childrenOf, withoutHistory } from './nodes.ts';

/** A transition, as XState has it. */
export interface Way {
  readonly source: AnyStateNode;
  readonly target?: readonly AnyStateNode[] | undefined;
  readonly reenter?: boolean;
}

/** What was active when the state around a history was left last, by the history's id. */
export type Histories = Readonly<Record<string, readonly AnyStateNode[] | undefined>>;

/** Those of `ways` that are taken where `active` are the active states: where two would leave the same state, the inner one, else the first. */
export const withoutConflicts = <W extends Way>(ways: readonly W[], active: readonly AnyStateNode[], histories: Histories): readonly W[] => {
  if (ways.length < 2) return ways;
  let taken: readonly W[] = [];
  for (const way of ways) {
    const leaves = new Set(leftBy(way, active, histories));
    const rivals = taken.filter((other) => leftBy(other, active, histories).some((node) => leaves.has(node)));
    if (rivals.every(({ source }) => isWithin(way.source, source))) taken = [...taken.filter((other) => !rivals.includes(other)), way];
  }
  return taken;
};

/** Those of `active` that `way` leaves. */
const leftBy = (way: Way, active: readonly AnyStateNode[], histories: Histories): readonly AnyStateNode[] => {
  if ((way.target ?? []).length === 0) return [];
  const domain = domainOf(way, reachedBy(way.target ?? [], histories));
  return active.filter((node) => isWithin(node, domain));
};

/** Those of `active`, which are active after it, that `way` has entered. Whoever goes back to a history enters all that is in the state around it. */
export const enteredBy = (way: Way, active: readonly AnyStateNode[]): readonly AnyStateNode[] => {
  const { target = [] } = way;
  if (target.length === 0) return [];
  const domain = domainOf(way, target.flatMap((node) => [node, ...withoutHistory(node)]));
  return active.filter((node) => isWithin(node, domain));
};

/** Where a machine with the root `root` stands when it begins. */
export const beginning = (root: AnyStateNode): readonly AnyStateNode[] => {
  const entered = new Set<AnyStateNode>([root]);
  enterBelow(root, entered, {});
  return [...entered];
};

/** What is active when `ways` were taken where `active` was, and the histories then. */
export const arrivedBy = (ways: readonly Way[], active: readonly AnyStateNode[], before: Histories): { readonly active: readonly AnyStateNode[]; readonly histories: Histories } => {
  const left = new Set(ways.flatMap((way) => leftBy(way, active, before)));
  const histories = { ...before };
  for (const around of left) {
    for (const node of childrenOf(around)) {
      if (node.type !== 'history') continue;
      histories[node.id] = active.filter((one) => (node.history === 'deep' ? isLeaf(one) && isWithin(one, around) : one.parent === around));
    }
  }
  const entered = new Set<AnyStateNode>();
  for (const way of ways) enter(way, entered, histories);
  return { active: [...active.filter((node) => !left.has(node) && !entered.has(node)), ...entered], histories };
};

// ---- the rules ----

/** The states that `targets` stand for. */
const reachedBy = (targets: readonly AnyStateNode[], histories: Histories): readonly AnyStateNode[] =>
  targets.flatMap((node) => (node.type === 'history' ? (histories[node.id] ?? reachedBy(withoutHistory(node), histories)) : [node]));

/** The innermost state that stays active: all within it is left, and entered anew. */
const domainOf = ({ source, reenter }: Way, reached: readonly AnyStateNode[]): AnyStateNode => {
  if (reenter !== true && reached.every((node) => node === source || isWithin(node, source))) return source;
  const [first, ...others] = [...reached, source];
  return above(first).find((node) => others.every((other) => isWithin(other, node))) ?? source.machine.root;
};

const enter = (way: Way, entered: Set<AnyStateNode>, histories: Histories): void => {
  const { target: targets = [], source, reenter } = way;
  if (targets.length === 0) return;
  const reached = reachedBy(targets, histories);
  const domain = domainOf(way, reached);
  for (const node of targets) {
    if (node.type !== 'history' && (node !== source || source !== domain || reenter === true)) entered.add(node);
    enterBelow(node, entered, histories);
  }
  for (const node of reached) {
    enterAround([...above(node, domain), ...(domain.type === 'parallel' ? [domain] : [])], entered, histories, domain);
  }
};

const enterBelow = (node: AnyStateNode, entered: Set<AnyStateNode>, histories: Histories): void => {
  if (node.type === 'history') {
    const reached = histories[node.id] ?? withoutHistory(node);
    for (const one of reached) {
      entered.add(one);
      enterBelow(one, entered, histories);
    }
    for (const one of reached) enterAround(above(one, node.parent), entered, histories);
  } else if (node.type === 'compound') {
    for (const first of (node.initial.target as readonly AnyStateNode[]).slice(0, 1)) {
      if (first.type !== 'history') entered.add(first);
      enterBelow(first, entered, histories);
      enterAround(above(first, node), entered, histories);
    }
  } else if (node.type === 'parallel') enterRegions(node, entered, histories);
};

/** Enters the states `around` one that is entered, but for `domain`, which was never left. */
const enterAround = (around: readonly AnyStateNode[], entered: Set<AnyStateNode>, histories: Histories, domain?: AnyStateNode): void => {
  for (const node of around) {
    if (domain === undefined || isWithin(node, domain)) entered.add(node);
    if (node.type === 'parallel') enterRegions(node, entered, histories);
  }
};

const enterRegions = (node: AnyStateNode, entered: Set<AnyStateNode>, histories: Histories): void => {
  for (const region of childrenOf(node)) {
    if (region.type === 'history' || [...entered].some((one) => isWithin(one, region))) continue;
    entered.add(region);
    enterBelow(region, entered, histories);
  }
};

// ---- states ----

const isLeaf = ({ type }: AnyStateNode): boolean => type === 'atomic' || type === 'final';

/** The states around `node`, the innermost first, up to `end` and without it; none around `end` itself. */
const above = (node: AnyStateNode | undefined, end?: AnyStateNode): readonly AnyStateNode[] => {
  if (node === end) return [];
  const parent = node?.parent as AnyStateNode | undefined;
  return parent === undefined || parent === end ? [] : [parent, ...above(parent, end)];
};

/** Whether `node` stands in `around`, and is not it. */
const isWithin = (node: AnyStateNode, around: AnyStateNode): boolean => above(node).includes(around);
