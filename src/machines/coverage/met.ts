/**
 * Met — what of a bot a step of a call has come by, and which of its points that meets.
 *
 * @module
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { onceFor } from '../constant.ts';
import { chartOf } from '../draw/chart.ts';
import { machinesOf } from '../naming.ts';
import { activeIn, nodesFrom } from '../nodes.ts';
import type { Move } from '../observe.ts';
import type { StepResult } from '../step.ts';
import { idsOf } from '../transition-ids.ts';
import { enteredBy, type Way } from '../ways.ts';
import { askingId, type Point, pointsOf } from './points.ts';

/** What happened, each thing as often as it did. */
export interface Happened {
  /** Ids of the states that were entered: `acme.menu`. */
  readonly states: readonly string[];
  /** Ids of the transitions that were taken (`transition-ids.ts`). */
  readonly transitions: readonly string[];
  /** Ids of the askings but for the first (`points.ts`). */
  readonly askings: readonly string[];
}

/** A transition of a bot or of one of its dialogs. */
export interface KnownWay {
  readonly way: Way;
  /** Whether it asks a question again that was not answered. */
  readonly asksAgain: boolean;
}

/** What of a bot is looked up. */
interface Index {
  /** All transitions, by name. */
  readonly ways: ReadonlyMap<string, KnownWay>;
  /** Ids of all states. */
  readonly states: ReadonlySet<string>;
}

const indexOf = onceFor((machine: AnyStateMachine): Index => {
  const ways = new Map<string, KnownWay>();
  const states = new Set<string>();
  for (const one of machinesOf(machine)) {
    const again = new Set(chartOf(one).edges.flatMap(({ id, actions }) => (actions.some(({ type }) => type === 'call.askAgain') ? [id] : [])));
    for (const [way, id] of idsOf(one)) ways.set(id, { way: way as Way, asksAgain: again.has(id) });
    for (const node of nodesFrom(one.root)) if (node !== one.root) states.add(stateId(node));
  }
  return { ways, states };
});

/** The id of the point of the state `node`. */
export const stateId = (node: AnyStateNode): string => [(node.machine as AnyStateMachine).id, ...node.path].join('.');

/** The transition of `machine`, or of one of its dialogs, that is called `id`. */
export const wayOf = (machine: AnyStateMachine, id: string): KnownWay | undefined => indexOf(machine).ways.get(id);

/** Whether `machine`, or one of its dialogs, has the state with this id. */
export const hasState = (machine: AnyStateMachine, id: string): boolean => indexOf(machine).states.has(id);

/** What the steps that moved the chart of `machine` by `moves` came by. */
export const happenedIn = (machine: AnyStateMachine, moves: readonly Move[]): Happened => {
  const { ways } = indexOf(machine);
  const happened = moves.map(({ transitions, value, asked }): Happened => {
    const taken = transitions.flatMap((id) => ways.get(id) ?? []);
    return arrived(transitions, taken, taken.length === 0 ? [] : activeIn(taken[0]?.way.source.machine.root as AnyStateNode, value), () => asked);
  });
  return together(happened);
};

/** What happened when the transitions `taken`, which are called `transitions`, led to where `active` are the active states. */
export const arrived = (transitions: readonly string[], taken: readonly KnownWay[], active: readonly AnyStateNode[], asked: () => number): Happened => ({
  transitions,
  states: [...new Set(taken.flatMap(({ way }) => enteredBy(way, active)))].map(stateId),
  askings: taken.flatMap(({ way, asksAgain }) => (asksAgain ? [askingId(stateId(way.source), asked())] : [])),
});

/** Several happenings as one. */
export const together = (all: readonly Happened[]): Happened => ({ states: all.flatMap(({ states }) => states), transitions: all.flatMap(({ transitions }) => transitions), askings: all.flatMap(({ askings }) => askings) });

/** Ids of the points of `machine` that the step with this result has met, each once. */
export const pointsMet = (machine: AnyStateMachine, { moves }: Pick<StepResult, 'moves'>): readonly string[] => {
  if (moves.length === 0) return [];
  const { states, transitions, askings } = happenedIn(machine, moves);
  const all = new Set([...states, ...transitions, ...askings]);
  return pointsOf(machine).filter((point) => signsOf(point).some((sign) => all.has(sign))).map(({ id }) => id);
};

/** By what it is known that `point` was met: transitions, or the state or the asking itself. */
export const signsOf = ({ id, transitions }: Point): readonly string[] => (transitions.length > 0 ? transitions : [id]);
