/**
 * Moment — a call at rest between two events, as far as the check tells one from another: where every actor stands, what the caller
 * or the service is waited for, the timers that are set. What authors keep in their context is not in it, but for what the check was
 * told to follow.
 *
 * @module
 */
import type { CallActionType } from '../../actions/index.ts';
import { pathBelow } from '../chart.ts';
import type { TaskLogic } from '../task-logic.ts';
import type { Act, Blueprint, StatePlan } from './blueprint.ts';

/** An action that was asked for. */
export type Ask = Extract<Act, { readonly kind: 'ask' }>;

/** Counts of the open question of an actor; null while none is open. */
export interface AskedAt {
  readonly attempts: number;
  readonly noinput: number;
  readonly nomatch: number;
}

/** The bot, or a dialog that it runs. */
export interface ActorAt {
  readonly plan: Blueprint;
  /** Numbers of the states that are active, in order. */
  readonly active: readonly number[];
  readonly history: Readonly<Record<number, readonly number[]>>;
  readonly asked: AskedAt | null;
  /** The part of the author's context that is followed. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly children: ReadonlyMap<string, ActorAt | TaskAt>;
}

/** A task that is waited for. */
export interface TaskAt {
  readonly task: TaskLogic;
}

/** What the service works on, and who waits for it. */
export interface Waiting {
  readonly path: string;
  /** Number of the state that waits, in the machine at `path`; null when it was written by hand. */
  readonly node: number | null;
  readonly ask: Ask;
  /** Types of the batch that can end otherwise than it does, each once. */
  readonly types: readonly CallActionType[];
  /** Whether the caller was on hold before it: he still is where it fails. */
  readonly held: boolean;
}

/** Something that was asked for, with where it stands. */
export interface Asking {
  readonly ask: Ask;
  readonly path: string;
  readonly state: string;
  /** Number of the state that waits for it, in the machine at `path`; null when it was written by hand. */
  readonly node: number | null;
  /** Counts of the question at hand when it was asked. */
  readonly asked: AskedAt | null;
}

/** A timer that is set. */
export interface TimerAt {
  readonly path: string;
  readonly id: string;
  readonly event: { readonly type: string };
  readonly delayMs: number;
}

/** A call between two events. */
export interface Moment {
  readonly root: ActorAt;
  readonly waiting: Waiting | null;
  /** Asked for while the service was still at work: goes out when it has ended what it works on. */
  readonly parked: readonly Asking[];
  /** Whether the machine has come to its end, and the service has not. */
  readonly done: boolean;
  readonly timers: readonly TimerAt[];
  readonly answered: boolean;
  readonly held: boolean;
}

export const isTask = (child: ActorAt | TaskAt): child is TaskAt => 'task' in child;

/** The actor at `path` below `root`. */
export const actorIn = (root: ActorAt, path: string): ActorAt | undefined => {
  if (path === '') return root;
  let at: ActorAt | undefined = root;
  for (const id of path.split('/')) {
    const child: ActorAt | TaskAt | undefined = at?.children.get(id);
    at = child === undefined || isTask(child) ? undefined : child;
  }
  return at;
};

/** The tasks that are waited for, by their paths. */
export const tasksOf = (root: ActorAt, path = ''): readonly (TaskAt & { readonly path: string })[] =>
  [...root.children].flatMap(([id, child]) => {
    const below = pathBelow(path, id);
    return isTask(child) ? [{ ...child, path: below }] : tasksOf(child, below);
  });

/** Whether anything other than the service can move the call on. */
export const isPending = ({ root, timers }: Pick<Moment, 'root' | 'timers'>): boolean => timers.length > 0 || tasksOf(root).length > 0;

/** A numbering of actions: two moments that wait for different questions, written by hand, are two. */
const numbers = new WeakMap<object, number>();
let latest = 0;
export const numberOf = (thing: object): number => {
  const known = numbers.get(thing) ?? (latest += 1);
  numbers.set(thing, known);
  return known;
};

/** What tells `moment` from others. */
export const keyOf = ({ root, waiting, parked, done, timers, answered, held }: Moment): string =>
  [
    actorKey(root), done ? 'd' : '', parkedKey(parked), answered ? 'a' : '', held ? 'h' : '',
    waiting === null ? '' : `${waiting.path}:${waiting.node ?? `ask ${numberOf(waiting.ask)}`}:${waiting.ask.type}:${waiting.types.join()}${waiting.held ? 'h' : ''}`,
    ...timers.map(({ path, id }) => `${path}:${id}`).sort(),
  ].join('|');

/** What is followed of a context, as a text: `?` stands for what nobody knows. */
export const knownText = (value: unknown): string => JSON.stringify(value, (_, part: unknown) => (typeof part === 'symbol' ? '?' : part));

/** So many things that are parked are counted: a timer that says something over and over adds to them for ever. */
export const mostParked = 12;

/** What is parked: how much, what comes last, and what is more than said on the way. */
const parkedKey = (parked: readonly Asking[]): string => {
  if (parked.length === 0) return '';
  const named = ({ ask, path, node }: Asking): string => `${path}:${node ?? '-'}:${numberOf(ask)}`;
  return [Math.min(parked.length, mostParked + 1), named(parked.at(-1) as Asking), ...new Set(parked.filter(({ ask }) => ask.type !== 'play').map(named))].join();
};

const actorKey = ({ plan, active, history, asked, context, children }: ActorAt): string => {
  const memory = Object.entries(history).map(([index, states]) => `${index}=${states.join()}`).join();
  const counts = asked === null ? '' : `${asked.attempts},${asked.noinput},${asked.nomatch}`;
  const known = Object.keys(context).length === 0 ? '' : knownText(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)));
  const below = [...children].map(([id, child]) => `${id}:${isTask(child) ? 't' : actorKey(child)}`).sort().join();
  return `${plan.id}[${active.join()}]${memory}{${counts}}${known}(${below})`;
};

/** The configuration of an actor, as people name it: `menu`, `order.size`, `order.size+price` for regions. */
export const standingOf = ({ plan, active }: Pick<ActorAt, 'plan' | 'active'>): string => {
  const named = (index: number): string => {
    const { path } = plan.states[index] as StatePlan;
    const below = active.filter((child) => plan.states[child]?.parent === index).map(named);
    const name = path.slice(path.lastIndexOf('.') + 1);
    return below.length === 0 ? name : index === 0 ? below.join('+') : `${name}.${below.join('+')}`;
  };
  return named(0);
};

/** The path of the dialog that runs deepest in `root`; '' where none runs. */
export const deepest = (root: ActorAt, path = ''): string => {
  for (const [id, child] of root.children) if (!isTask(child)) return deepest(child, pathBelow(path, id));
  return path;
};
