/**
 * Nodes — the states of a machine as XState has them: those in a state, those that are active, those that a history leads to.
 *
 * @module
 */
import type { AnyStateNode } from 'xstate';

/** The states directly in `node`. */
export const childrenOf = (node: AnyStateNode): readonly AnyStateNode[] => Object.values(node.states as Readonly<Record<string, AnyStateNode>>);

/** `node` and all states in it, each before those in it. */
export const nodesFrom = (node: AnyStateNode): readonly AnyStateNode[] => [node, ...childrenOf(node).flatMap(nodesFrom)];

/** The states in `node` that are active by `value`, each before those in it. */
export const activeIn = (node: AnyStateNode, value: unknown): readonly AnyStateNode[] => {
  const names = typeof value === 'string' ? [value] : Object.keys(value as object);
  return names.flatMap((name) => {
    const child = (node.states as Readonly<Record<string, AnyStateNode | undefined>>)[name];
    return child === undefined ? [] : [child, ...(typeof value === 'string' ? [] : activeIn(child, (value as Readonly<Record<string, unknown>>)[name]))];
  });
};

/** Where the history `node` leads while there is none yet; nowhere for a state that is no history. */
export const withoutHistory = (node: AnyStateNode): readonly AnyStateNode[] => {
  const { parent } = node as { readonly parent?: AnyStateNode };
  if (node.type !== 'history' || parent === undefined) return [];
  const { target } = node.config as { readonly target?: unknown };
  if (typeof target === 'string') return resolve(target, parent);
  return parent.type === 'parallel' ? childrenOf(parent).filter(({ type }) => type !== 'history') : parent.initial.target;
};

/** The state that a history's `target` names, seen from the state around the history; XState keeps its own way private. */
const resolve = (target: string, from: AnyStateNode): readonly AnyStateNode[] => {
  if (!target.startsWith('#')) return descend(from, target);
  const all = nodesFrom(from.machine.root as AnyStateNode);
  const named = all.find(({ id }) => target === `#${id}`);
  if (named !== undefined) return [named];
  const above = all.find(({ id, key }) => id !== key && target.startsWith(`#${id}.`));
  return above === undefined ? [] : descend(above, target.slice(above.id.length + 2));
};

const descend = (from: AnyStateNode, path: string): readonly AnyStateNode[] =>
  path.split('.').filter((name) => name !== '').reduce<readonly AnyStateNode[]>((found, name) => {
    const next = found[0]?.states[name] as AnyStateNode | undefined;
    return next === undefined ? [] : [next];
  }, [from]);
