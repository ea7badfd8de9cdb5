/**
 * Transition ids — a name for every transition of a machine, made of where its author wrote it: `acme.menu recognize.choice.sales 1`.
 *
 * That is the id of the machine, the path of the state, the descriptor as it stands in the state (`recognize.choice.sales`, `*`, `always`,
 * `after.500`, `onDone`, `invoke.onDone`, `invoke.onError`), and a number that counts the transitions of that descriptor from 1. One of the machine
 * itself has no path.
 *
 * @module
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { onceFor } from './constant.ts';
import { nodesFrom } from './nodes.ts';

/** The ids of `transitions`, as XState has them, of `machine`. What is no transition of an author's, such as the beginning of an actor, has none. */
export const transitionIds = (machine: AnyStateMachine, transitions: readonly object[]): readonly string[] => {
  const [first] = transitions;
  if (first === undefined) return none;
  const ids = idsOf(machine);
  if (transitions.length > 1) return transitions.flatMap((one) => ids.get(one) ?? []);
  const id = ids.get(first);
  return id === undefined ? none : [id];
};

const none: readonly string[] = [];

/** The ids of all transitions of `machine`, in the author's order. */
export const idsOf = onceFor((machine: AnyStateMachine): ReadonlyMap<object, string> => new Map(nodesFrom(machine.root).flatMap((node) => named(node, machine.id))));

const named = (node: AnyStateNode, machine: string): readonly (readonly [object, string])[] => {
  const place = [machine, ...node.path].join('.');
  const counts = new Map<string, number>();
  return [['', node.always ?? []] as const, ...node.transitions].flatMap(([event, some]) => {
    const descriptor = descriptorOf(event, node);
    return some.map((one) => {
      const count = (counts.get(descriptor) ?? 0) + 1;
      counts.set(descriptor, count);
      return [one, `${place} ${descriptor} ${count}`] as const;
    });
  });
};

/** The name by which the author wrote what XState calls `event`. */
const descriptorOf = (event: string, node: AnyStateNode): string => {
  if (event === '') return 'always';
  if (event === `xstate.done.state.${node.id}`) return 'onDone';
  if (event.startsWith('xstate.done.actor.')) return 'invoke.onDone';
  if (event.startsWith('xstate.error.actor.')) return 'invoke.onError';
  const [, delay] = /^xstate\.after\.(.+?)\./.exec(event) ?? [];
  return delay === undefined ? event : `after.${delay}`;
};
