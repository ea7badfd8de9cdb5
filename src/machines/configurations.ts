/**
 * Configurations — where a call stands, by the names that the `trail` of a step has for it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { pathBelow, stateName } from './chart.ts';
import { isMachine } from './naming.ts';
import { nodesFrom } from './nodes.ts';
import type { CallSnapshot } from './snapshot.ts';

/** XState's persisted snapshot of one actor, as far as it is looked into. */
interface Chart {
  readonly status?: unknown;
  readonly value?: unknown;
  readonly children?: Readonly<Record<string, { readonly snapshot: unknown } | undefined>>;
}

/** The configuration of the bot, then of each dialog that runs, parents first: `order`, `order/size`. Empty once the call has ended. */
export const configurations = ({ machine, ended }: CallSnapshot): readonly string[] => (ended === null ? gathered(machine, (path, value) => [stateName(path, value)]) : []);

/** The configuration of the bot itself; `idle` before it has begun, `ended` once the call has. */
export const botState = (snapshot: CallSnapshot | undefined): string => (snapshot === undefined ? 'idle' : snapshot.ended !== null ? 'ended' : (configurations(snapshot)[0] ?? 'idle'));

/** Every active state of the bot and of the dialogs that run, parents first: `order`, `order.size`, `order/size`. */
export const activeStates = ({ machine }: CallSnapshot): readonly string[] => gathered(machine, (path, value) => pathsIn(value).map((state) => stateName(path, state)));

/** Every state that {@link activeStates} may name in a call of `machine`. */
export const stateNames = (machine: AnyStateMachine): readonly string[] => namesBelow(machine, '');

const namesBelow = (machine: AnyStateMachine, path: string): readonly string[] =>
  nodesFrom(machine.root).flatMap((node) => [
    ...(node.parent === undefined ? [] : [stateName(path, node.path.join('.'))]),
    ...node.invoke.flatMap(({ id, src }) => {
      const runs: unknown = typeof src === 'string' ? machine.implementations.actors[src] : src;
      return isMachine(runs) ? namesBelow(runs, pathBelow(path, id)) : [];
    }),
  ]);

/** The paths of the states that are active by `value`, each behind the one that it stands in. */
export const pathsIn = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, nested]) => [name, ...pathsIn(nested).map((path) => `${name}.${path}`)]) : value === null ? [] : [String(value)];

const gathered = (machine: unknown, of: (path: string, value: unknown) => readonly string[]): readonly string[] => {
  const found: string[] = [];
  const visit = (path: string, chart: unknown): void => {
    if (typeof chart !== 'object' || chart === null) return;
    const { status, value, children = {} } = chart as Chart;
    if (value === undefined || (path !== '' && status !== 'active')) return; // a task's actor, and a dialog that is over
    found.push(...of(path, value));
    for (const id in children) visit(pathBelow(path, id), children[id]?.snapshot);
  };
  visit('', machine);
  return found;
};
