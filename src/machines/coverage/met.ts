/**
 * Met — which points of a bot a step of a call has met.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { actorsOf } from '../check/standing.ts';
import type { StepResult } from '../step.ts';
import { askingId, pointsOf } from './points.ts';

/** What of a bot's points is looked up. */
interface Index {
  /** Points by the transitions that meet them. */
  readonly byTransition: ReadonlyMap<string, readonly string[]>;
  readonly ids: ReadonlySet<string>;
}

const indexes = new WeakMap<AnyStateMachine, Index>();

const indexOf = (machine: AnyStateMachine): Index => {
  const before = indexes.get(machine);
  if (before !== undefined) return before;
  const points = pointsOf(machine);
  const byTransition = new Map<string, string[]>();
  for (const { id, transitions } of points) for (const one of transitions) byTransition.set(one, [...(byTransition.get(one) ?? []), id]);
  const index = { byTransition, ids: new Set(points.map(({ id }) => id)) };
  indexes.set(machine, index);
  return index;
};

/** Ids of the points of `machine` that the step with this result has met, each once. */
export const pointsMet = (machine: AnyStateMachine, { moves, snapshot }: Pick<StepResult, 'moves' | 'snapshot'>): readonly string[] => {
  if (moves.length === 0) return [];
  const { byTransition, ids } = indexOf(machine);
  const met = moves.flatMap(({ machine: id, transitions, value }) => [...transitions.flatMap((one) => byTransition.get(one) ?? []), ...statesIn(value, id)]);
  return [...new Set([...met, ...askings(machine, snapshot)])].filter((id) => ids.has(id));
};

/** Ids of the active states in `value`, behind the place of the state around them. */
const statesIn = (value: unknown, place: string): readonly string[] => {
  if (typeof value === 'string') return [`${place}.${value}`];
  return Object.entries(value as object).flatMap(([name, inner]) => [`${place}.${name}`, ...statesIn(inner, `${place}.${name}`)]);
};

const askings = (machine: AnyStateMachine, snapshot: StepResult['snapshot']): readonly string[] =>
  actorsOf(machine, snapshot).flatMap(({ chart, nodes }) => {
    const attempts = chart.context?.call?.asked.attempts ?? 0;
    return attempts < 2 ? [] : nodes.filter(({ kind }) => kind === 'recognize' || kind === 'record').map(({ id }) => askingId(id, attempts));
  });
