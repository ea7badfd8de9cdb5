/**
 * Standing — a call at rest, and what of it decides what can happen next: two calls that stand the same go on the same, but for
 * their authors' own data.
 *
 * @module
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { Batch, Operation } from '../../actions/index.ts';
import type { Asked } from '../call-context.ts';
import { pathBelow, stateName } from '../chart.ts';
import { isMachine } from '../naming.ts';
import { activeIn } from '../nodes.ts';
import { promptsOf } from '../outcomes.ts';
import type { CallSnapshot, PendingTimer } from '../snapshot.ts';

/** A call at rest, with the batch that the service works on: of that the snapshot does not keep everything. */
export interface Standing {
  readonly snapshot: CallSnapshot;
  /** Empty while the service works on nothing. */
  readonly batch: Batch;
}

/** Where a call stands after `result`, which came of what happened where it stood `before`. */
export const standingAfter = (before: Standing | undefined, { snapshot, batch }: Standing): Standing => ({ snapshot, batch: batch.length > 0 ? batch : snapshot.awaiting === null ? [] : (before?.batch ?? []) });

/** One text for all moments in which a call of `machine` stands the same. `delayMs` says how long a timer was set for. */
export const momentOf = (machine: AnyStateMachine, { snapshot, batch }: Standing, delayMs: (timer: PendingTimer) => number, followed: (machine: string) => ReadonlySet<string> = () => new Set()): string => {
  if (snapshot.ended !== null) return `ended: ${snapshot.ended}`;
  const { awaiting, parked, timers, tasks, answered, held, failed } = snapshot;
  return JSON.stringify({
    actors: actorsOf(machine, snapshot).map(({ path, logic, chart, nodes }) => ({ path, status: chart.status, value: chart.value, history: historyOf(chart), asked: nodes.some(isQuestionNode) ? countsOf(chart) : null, ...dataOf(chart, isMachine(logic) ? followed(logic.id) : new Set()) })),
    awaiting: awaiting && { ...awaiting, revision: 0 },
    batch: batch.map((operation) => [operation.type, says(operation), ...waits(operation)]),
    parked,
    timers: timers.map((timer) => [timer.path, timer.id, delayMs(timer)]).sort(byText),
    tasks: tasks.map(({ path }) => path).sort(),
    answered, held, failed,
  });
};

/** Whether the caller hears something of `operation`. */
export const says = (operation: Operation): boolean => promptsOf(operation).length > 0;

const waits = ({ type, params }: Operation): readonly number[] => (type === 'recognize' ? [params.timeoutMs, params.interdigitMs] : type === 'record' ? [params.timeoutMs] : []);

const byText = (one: unknown, other: unknown): number => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);

// ---- actors ----

/** XState's persisted snapshot of an actor, as far as it is looked into. */
interface Chart {
  readonly status: string;
  readonly value?: unknown;
  readonly historyValue?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly context?: { readonly call?: { readonly asked: Asked } };
  readonly children?: Readonly<Record<string, { readonly src: unknown; readonly snapshot: Chart } | undefined>>;
}

/** An active state. */
export interface ActiveNode {
  /** Id as XState has it. */
  readonly id: string;
  /** What its maker calls it; undefined of a state that was written by hand. */
  readonly kind: string | undefined;
}

/** An actor of a call at rest: a machine, or what stands for a task. */
export interface StandingActor {
  readonly path: string;
  readonly chart: Chart;
  readonly logic: unknown;
  /** The active states; none of a task. */
  readonly nodes: readonly ActiveNode[];
}

/** The actors of the call, parents first. */
export const actorsOf = (machine: AnyStateMachine, { machine: kept }: CallSnapshot): readonly StandingActor[] => {
  const found: StandingActor[] = [];
  const visit = (path: string, logic: unknown, chart: Chart): void => {
    const isChart = isMachine(logic) && chart.value !== undefined;
    found.push({ path, chart, logic, nodes: isChart ? activeIn(logic.root, chart.value).map((node) => ({ id: node.id, kind: kindOf(node) })) : [] });
    for (const [id, child] of Object.entries(chart.children ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (child !== undefined) visit(pathBelow(path, id), (logic as AnyStateMachine).implementations.actors[String(child.src)], child.snapshot);
    }
  };
  if (kept !== null) visit('', machine, kept as Chart);
  return found;
};

const kindOf = ({ meta }: AnyStateNode): string | undefined => (meta as { readonly call?: { readonly kind?: string } } | undefined)?.call?.kind;

const isQuestionNode = ({ kind }: ActiveNode): boolean => kind === 'recognize' || kind === 'record';

const historyOf = ({ historyValue = {} }: Chart): readonly (readonly [string, readonly string[]])[] =>
  Object.entries(historyValue).map(([id, nodes]) => [id, nodes.map((node) => node.id).sort()] as const).sort(byText);

const countsOf = ({ context }: Chart): readonly number[] | null => {
  const asked = context?.call?.asked;
  return asked === undefined ? null : [asked.attempts, asked.noinput, asked.nomatch, asked.failed];
};

/** The part of an actor's own data that moments differ by. */
const dataOf = ({ context = {} }: Chart, names: ReadonlySet<string>): object => (names.size === 0 ? {} : { data: Object.fromEntries(Object.entries(context).filter(([name]) => names.has(name))) });

/** How often the question was asked that the actor at `path` has open; 0 where it has none of a maker's. */
export const attemptsOf = (actors: readonly StandingActor[], path: string): number => {
  const actor = actors.find((one) => one.path === path);
  return actor?.nodes.some(isQuestionNode) === true ? (actor.chart.context?.call?.asked.attempts ?? 0) : 0;
};

/** Where the actor at `path` stands, as people name it. */
export const nameOf = (actors: readonly StandingActor[], path: string): string => stateName(path, actors.find((one) => one.path === path)?.chart.value ?? '');
