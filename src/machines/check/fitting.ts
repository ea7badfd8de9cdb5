/**
 * Fitting — whether a stored call of one version of a bot finds in another version all that it stands on: its states, what runs in
 * them, where histories lead back to, the work of its tasks.
 *
 * XState itself only misses states: a dialog or a task that is not there any more it leaves away without a word, and the call would
 * wait for it for ever; and what a state has got since is not begun in a call that stands in it already.
 *
 * @module
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { pathBelow, stateName } from '../chart.ts';
import { isMachine } from '../naming.ts';
import { activeIn, childrenOf, nodesFrom } from '../nodes.ts';
import type { CallSnapshot } from '../snapshot.ts';
import { isTaskLogic } from '../task-logic.ts';
import { tasksDeclared } from '../uses.ts';

/** What a stored call does not find. */
export interface Misfit {
  readonly cause: 'state' | 'dialog' | 'task' | 'history';
  /** What is wrong, as a sentence about the new version. */
  readonly what: string;
}

/** XState's persisted snapshot of an actor, as far as it is looked into. */
interface Chart {
  readonly value?: unknown;
  readonly historyValue?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly children?: Readonly<Record<string, { readonly src: unknown; readonly snapshot: Chart } | undefined>>;
}

/** Whether a call can still come back by the history of this id. */
type Returns = (history: string) => boolean;

/** What the call `snapshot` of `before` does not find in `after`; nothing where it finds everything. */
export const misfits = (before: AnyStateMachine, after: AnyStateMachine, { machine, tasks }: CallSnapshot, returns: Returns): readonly Misfit[] => [
  ...(machine === null ? [] : actorMisfits(before, after, machine as Chart, '', returns)),
  ...workMisfits(before, after, tasks),
];

const actorMisfits = (before: AnyStateMachine, after: AnyStateMachine, chart: Chart, path: string, returns: Returns): readonly Misfit[] => {
  const place = stateName(path, chart.value);
  const [was, is] = [before.root as AnyStateNode, after.root as AnyStateNode];
  const odd = stateMisfits(was, is, chart.value, path);
  if (odd.length > 0) return odd;
  const [ran, runs] = [runsIn(was, chart.value), runsIn(is, chart.value)];
  const children = Object.entries(chart.children ?? {}).flatMap(([id, child]) => (child === undefined ? [] : [{ id, child, src: String(child.src) }]));
  return [
    ...historyMisfits(before, after, chart, { place, returns }),
    ...[...runs].filter(([id]) => !ran.has(id) && !children.some((one) => one.id === id)).map(([, src]) => ({ cause: isMachine(after.implementations.actors[src]) ? 'dialog' : 'task', what: `state \`${place}\`: runs \`${src}\`, which was not begun in this call` }) as const),
    ...children.flatMap(({ id, child, src }) => childMisfits(before.implementations.actors[src], ran.has(id) && runs.get(id) !== src ? undefined : after.implementations.actors[src], { src, chart: child.snapshot, place, path: pathBelow(path, id), returns })),
  ];
};

/** Every state that is active, and no other, has to be active there too. */
const stateMisfits = (was: AnyStateNode, is: AnyStateNode, value: unknown, path: string): readonly Misfit[] => {
  const nested = typeof value === 'string' ? { [value]: {} } : ((value ?? {}) as Readonly<Record<string, unknown>>);
  const names = Object.keys(nested);
  const known = Object.keys(is.states).filter((name) => is.states[name]?.type !== 'history');
  const named = (node: AnyStateNode, ...more: readonly string[]): string => pathBelow(path, [...node.path, ...more].join('.'));
  const gone = names.filter((name) => !known.includes(name));
  if (gone.length > 0) return gone.map((name) => ({ cause: 'state', what: `there is no state \`${named(is, name)}\`` }));
  if (names.length === 0 ? known.length > 0 : is.type !== was.type) return [{ cause: 'state', what: `state \`${named(is)}\`: is ${kindOf(is)}, and was ${kindOf(was)}` }];
  if (is.type === 'parallel') {
    const added = known.filter((name) => !names.includes(name));
    if (added.length > 0) return added.map((name) => ({ cause: 'state', what: `state \`${named(is, name)}\`: is active beside the others, and was not begun in this call` }));
  }
  return names.flatMap((name) => {
    const [old, now] = [was.states[name], is.states[name]];
    if (old === undefined || now === undefined) return [];
    if ((old.type === 'final') !== (now.type === 'final')) return [{ cause: 'state', what: `state \`${named(now)}\`: is ${kindOf(now)}, and was ${kindOf(old)}` } as const];
    return stateMisfits(old, now, nested[name], path);
  });
};

const kindOf = ({ type }: AnyStateNode): string => (type === 'final' ? 'an end' : type === 'parallel' ? 'a state of several regions' : type === 'compound' ? 'a state with states in it' : 'a state without others in it');

/** What the active states run, by its id in the call. */
const runsIn = (node: AnyStateNode, value: unknown): ReadonlyMap<string, string> => new Map([node, ...activeIn(node, value)].flatMap(({ invoke }) => invoke.map(({ id, src }) => [id, String(src)])));

/** Where a call has been, and can come back to. What is remembered of a state that is active is remembered anew when it is left. */
const historyMisfits = (before: AnyStateMachine, after: AnyStateMachine, { historyValue = {}, value }: Chart, { place, returns }: { readonly place: string; readonly returns: Returns }): readonly Misfit[] => {
  const types = new Map(nodesFrom(after.root).map(({ id, type }) => [id, type]));
  const active = new Set([before.root as AnyStateNode, ...activeIn(before.root, value)].flatMap((node) => childrenOf(node).map(({ id }) => id)));
  const withoutMachine = (id: string): string => (id.startsWith(`${after.id}.`) ? id.slice(after.id.length + 1) : id);
  return Object.entries(historyValue).filter(([id]) => !active.has(id) && returns(id)).flatMap(([id, nodes]): readonly Misfit[] => {
    if (types.get(id) !== 'history') return [{ cause: 'history', what: `state \`${place}\`: the call remembers where to come back to, and there is no history \`${withoutMachine(id)}\`` }];
    return nodes.filter((node) => !types.has(node.id)).map((node) => ({ cause: 'history', what: `state \`${place}\`: the history \`${withoutMachine(id)}\` leads back to \`${withoutMachine(node.id)}\`, which is not there` }));
  });
};

/** What runs below an actor. `after` is undefined where the state runs something else now. */
const childMisfits = (before: unknown, after: unknown, { src, chart, place, path, returns }: { readonly src: string; readonly chart: Chart; readonly place: string; readonly path: string; readonly returns: Returns }): readonly Misfit[] => {
  if (isMachine(before)) return isMachine(after) && after.id === before.id ? actorMisfits(before, after, chart, path, returns) : [{ cause: 'dialog', what: `state \`${place}\`: does not run the dialog \`${before.id}\`` }];
  return isTaskLogic(before) === isTaskLogic(after) ? [] : [{ cause: 'task', what: `state \`${place}\`: does not run the task \`${src}\`` }];
};

/** Hosts find the work of a task by its machine and its name. */
const workMisfits = (before: AnyStateMachine, after: AnyStateMachine, tasks: CallSnapshot['tasks']): readonly Misfit[] => {
  const [was, is] = [workIn(before), workIn(after)];
  return tasks.filter(({ machine, name }) => was.has(`${machine}: ${name}`) && !is.has(`${machine}: ${name}`)).map(({ machine, name }) => ({ cause: 'task', what: `there is no task \`${name}\` in \`${machine}\`` }));
};

const workIn = (machine: AnyStateMachine): ReadonlySet<string> => new Set(tasksDeclared(machine).map((one) => `${one.machine}: ${one.name}`));
