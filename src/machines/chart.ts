/**
 * Chart — reading XState's actors and snapshots: where an actor stands, which states are active, what they take.
 *
 * @module
 */
import { type AnyActorRef, type AnyMachineSnapshot, type AnyStateMachine, getNextTransitions } from 'xstate';
import { type CallActionType, isQuestion } from '../actions/index.ts';
import type { CallData } from './call-context.ts';
import type { StateFacts } from './state-config.ts';
import { isTaskLogic, type TaskInput, taskInput } from './task-logic.ts';

// ---- actors ----

/** A living actor of the chart. */
export interface LivingActor {
  /** '' is the bot itself, `pin` the dialog that its state `pin` runs, `pin/ask` what that one runs. */
  readonly path: string;
  readonly ref: AnyActorRef;
  /** Id of the machine that runs it; the bot's own for the bot. */
  readonly machine: string;
}

/** What runs in an actor. */
export const logicOf = (ref: AnyActorRef): unknown => (ref as unknown as { readonly logic: unknown }).logic;

/** The path of `ref`: the ids of its ancestors below the bot, and its own. */
export const pathOf = (ref: AnyActorRef): string => {
  if (ref._parent === undefined) return '';
  return pathBelow(pathOf(ref._parent), ref.id);
};

/** The path of `id` in the actor at `path`. */
export const pathBelow = (path: string, id: string): string => (path === '' ? id : `${path}/${id}`);

/** The path above `path`; undefined above the bot. */
export const parentOf = (path: string): string | undefined => (path === '' ? undefined : path.slice(0, Math.max(0, path.lastIndexOf('/'))));

/** What the actor at `path` is called in the one above it. */
export const idAt = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The actor at `path` below `root`, if there is one. */
export const actorAt = (root: AnyActorRef, path: string): AnyActorRef | undefined => {
  if (path === '') return root;
  let ref: AnyActorRef | undefined = root;
  for (const id of path.split('/')) ref = ref && childrenOf(ref)[id];
  return ref;
};

/** Every actor from `root` down that has not ended, parents first. */
export const livingActors = (root: AnyActorRef): readonly LivingActor[] => {
  const found: LivingActor[] = [];
  const visit = (ref: AnyActorRef, machine: string): void => {
    if (!isActive(ref)) return;
    found.push({ path: pathOf(ref), ref, machine });
    const children = childrenOf(ref);
    for (const id in children) if (children[id] !== undefined) visit(children[id], (logicOf(ref) as AnyStateMachine).id);
  };
  visit(root, (logicOf(root) as AnyStateMachine).id);
  return found;
};

/** Whether the actor still takes events. */
export const isActive = (ref: AnyActorRef): boolean => (ref.getSnapshot() as { readonly status: string }).status === 'active';

/** What the task at `ref` is given; undefined when there is no task. An `invoke` written by hand has its input as it is. */
export const taskInputOf = (ref: AnyActorRef): TaskInput | undefined => {
  if (!isTaskLogic(logicOf(ref))) return undefined;
  const { input } = ref.getSnapshot() as { readonly input: unknown };
  return isTaskInput(input) ? input : taskInput(input, []);
};

/** The name of the task at `ref`. */
export const taskNameOf = (ref: AnyActorRef): string => {
  const logic = logicOf(ref);
  return (isTaskLogic(logic) ? logic.task : undefined) ?? String(ref.src);
};

/** The framework's part of a machine's context. */
export const callOf = (snapshot: unknown): CallData | undefined => (snapshot as { readonly context?: { readonly call?: CallData } }).context?.call;

const isTaskInput = (input: unknown): input is TaskInput => typeof input === 'object' && input !== null && 'value' in input && 'filler' in input && Array.isArray(input.filler);

const childrenOf = (ref: AnyActorRef): Readonly<Record<string, AnyActorRef | undefined>> => (ref.getSnapshot() as Partial<AnyMachineSnapshot>).children ?? {};

// ---- states ----

/** Whether `snapshot` is a machine's. */
export const isMachineSnapshot = (snapshot: unknown): snapshot is AnyMachineSnapshot =>
  typeof snapshot === 'object' && snapshot !== null && 'value' in snapshot && 'children' in snapshot;

/** A configuration as one readable name: `menu`, `order.size`, `a+b` for regions, behind the path of a dialog. */
export const stateName = (path: string, value: unknown): string => pathBelow(path, nameOf(value));

const nameOf = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value).map(([key, nested]) => (Object.keys(nested as object).length === 0 ? key : `${key}.${nameOf(nested)}`)).join('+');
};

/** Whether regions are active side by side anywhere in `value`. */
export const hasRegions = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const nested: readonly unknown[] = Object.values(value);
  return nested.length > 1 || nested.some(hasRegions);
};

/** The id of the active state, of those that makers made, that asks for `type`. */
export const askingNode = (snapshot: AnyMachineSnapshot, type: CallActionType): string | null => nodes(snapshot, ({ actions }) => actions.includes(type)).at(-1) ?? null;

/** How many active states, of those that makers made, are questions. */
export const openQuestions = (snapshot: AnyMachineSnapshot): number => nodes(snapshot, ({ kind }) => isQuestion(kind as CallActionType)).length;

const nodes = (snapshot: AnyMachineSnapshot, holds: (facts: StateFacts) => boolean): readonly string[] => {
  const metas = snapshot.getMeta() as Readonly<Record<string, { readonly call?: StateFacts } | undefined>>;
  return Object.keys(metas).filter((id) => {
    const facts = metas[id]?.call;
    return facts?.actions !== undefined && holds(facts); // the bot's own facts have no actions
  });
};

/** Whether the state node `id` of the actor is active. */
export const isActiveNode = (ref: AnyActorRef | undefined, id: string): boolean => {
  const snapshot = activeSnapshot(ref);
  return snapshot !== undefined && Object.hasOwn(snapshot.getMeta(), id);
};

// ---- events ----

/** Whether the actor has a transition for `event`. A guard that throws takes it: the actor then meets the same error itself. */
export const takesEvent = (ref: AnyActorRef, event: { readonly type: string }): boolean => {
  const snapshot = activeSnapshot(ref);
  if (snapshot === undefined) return false;
  try {
    return snapshot.machine.getTransitionData(snapshot, event).length > 0;
  } catch {
    return true;
  }
};

/** Whether the actor takes `event` by its very name, and not by a wildcard. */
export const namesEvent = (ref: AnyActorRef, event: { readonly type: string }): boolean => {
  const snapshot = activeSnapshot(ref);
  return snapshot !== undefined && snapshot.machine.getTransitionData(snapshot, event).some(({ eventType }) => eventType === event.type);
};

/** Whether some active state of the actor has a transition for `type`, whatever its guard would say. */
export const mayTake = (ref: AnyActorRef | undefined, type: string): boolean => {
  const snapshot = activeSnapshot(ref);
  return snapshot !== undefined && getNextTransitions(snapshot).some(({ eventType }) => covers(eventType, type));
};

const activeSnapshot = (ref: AnyActorRef | undefined): AnyMachineSnapshot | undefined => {
  const snapshot: unknown = ref?.getSnapshot();
  return isMachineSnapshot(snapshot) && snapshot.status === 'active' ? snapshot : undefined;
};

/** Whether an event descriptor of SCXML stands for events of a type: exact, `prefix.*`, or `*`. */
export const covers = (descriptor: string, type: string): boolean =>
  descriptor === type || descriptor === '*' || (descriptor.endsWith('.*') && `${type}.`.startsWith(descriptor.slice(0, -1)));
