/**
 * Run — one XState actor of a call, observed: what it asked for, which timers it set, which states it passed.
 *
 * Built on XState's public surface alone: `createActor` with a snapshot, one `inspect` observer at the root (which sees
 * the actions of every child in execution order), and a clock that never fires. No effect leaves any other way.
 *
 * @module
 */
import { type AnyActor, type AnyActorRef, type AnyMachineSnapshot, type AnyStateMachine, createActor, getNextTransitions, type InspectionEvent } from 'xstate';
import { type AskedAction, isCallAction, isQuestion } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import { type CallData, isIssued, issue } from './call-context.ts';
import { isMachine } from './call-machine.ts';
import type { CallInput } from './service-event.ts';
import type { Asking } from './snapshot.ts';
import { isTaskLogic, type TaskLogic } from './task-logic.ts';

/** A delayed event that was set, or one that was taken back (`event` undefined). */
export interface TimerChange {
  readonly path: string;
  readonly id: string;
  readonly event: { readonly type: string } | undefined;
  readonly delayMs: number;
}

/** What a run did since it was last asked. */
export interface Effects {
  readonly asked: readonly Asking[];
  readonly timers: readonly TimerChange[];
  /** Paths of the actors that began. */
  readonly begun: ReadonlySet<string>;
  /** States passed, in order. */
  readonly trail: readonly string[];
}

/** A living actor of the chart. */
export interface LivingActor {
  readonly path: string;
  readonly ref: AnyActorRef;
}

/** A call's actor. */
export interface Run {
  readonly machine: AnyStateMachine;
  /** Sends `event` to the actor at `path`; an actor that cannot take it passes it on to its parent. */
  deliver(path: string, event: { readonly type: string }): void;
  /** What happened since the last call of this function. @throws what the author's code threw, or `ERR_CONTEXT_*`, `ERR_ACTOR_UNSUPPORTED`. */
  effects(): Effects;
  /** Every living actor, parents first. */
  actors(): readonly LivingActor[];
  /** Whether somebody from the actor at `path` up has a transition for `type`. */
  handles(path: string, type: string): boolean;
  /** Whether the machine has reached its end. */
  done(): boolean;
  /** XState's persisted snapshot: JSON. */
  persisted(): unknown;
  /** The configuration, for people. */
  state(): string;
}

const stillClock = { setTimeout: (): number => 0, clearTimeout: (): void => {} };

/** Starts the call's machine, in its first state or in the state of `persisted`. */
export const openRun = (machine: AnyStateMachine, input: CallInput, persisted?: unknown): Run => {
  let asked: Asking[] = [];
  let timers: TimerChange[] = [];
  let begun = new Set<string>();
  let trail: string[] = [];
  let unlabelled: { readonly ref: AnyActorRef; readonly action: AskedAction }[] = [];
  let failure: { readonly error: unknown } | undefined;

  const label = (ref: AnyActorRef, snapshot: AnyMachineSnapshot): void => {
    if (unlabelled.length === 0) return;
    const path = pathOf(ref);
    const state = stateName(path, snapshot);
    unlabelled = unlabelled.filter((entry) => {
      if (entry.ref !== ref) return true;
      asked.push({ action: entry.action, path, state, node: isQuestion(entry.action.type) ? questionNode(snapshot) : null });
      return false;
    });
  };

  const observe = (event: InspectionEvent): void => {
    const ref = event.actorRef as AnyActorRef;
    if (event.type === '@xstate.actor') begun.add(pathOf(ref));
    else if (event.type === '@xstate.microstep') {
      const snapshot = event.snapshot as AnyMachineSnapshot;
      if (snapshot.value === undefined) return;
      label(ref, snapshot);
      const state = stateName(pathOf(ref), snapshot);
      if (trail.at(-1) !== state) trail.push(state);
    } else if (event.type === '@xstate.action') {
      const { type, params } = event.action as { readonly type: string; readonly params?: { readonly id?: string; readonly sendId?: string; readonly event?: { readonly type: string }; readonly delay?: number } };
      if (type === 'xstate.raise' && params?.delay !== undefined && params.event !== undefined) {
        timers.push({ path: pathOf(ref), id: params.id ?? params.event.type, event: params.event, delayMs: params.delay });
      } else if (type === 'xstate.cancel' && params?.sendId !== undefined) {
        timers.push({ path: pathOf(ref), id: params.sendId, event: undefined, delayMs: 0 });
      } else if (type === 'xstate.sendTo' && params?.delay !== undefined) {
        failure ??= { error: new CallError('ERR_ACTOR_UNSUPPORTED', 'a delayed event to another actor is lost when the process dies; use `after`', { actor: 'sendTo', state: '' }) };
      } else if (isCallAction({ type, params })) unlabelled.push({ ref, action: { type, params } as AskedAction });
    }
  };

  const actor: AnyActor = createActor(machine, {
    input, clock: stillClock as never, inspect: observe, ...(persisted !== undefined && { snapshot: persisted as never }),
  });
  actor.subscribe({ error: (error) => { failure ??= { error }; } });
  actor.start();
  if (persisted !== undefined) {
    begun = new Set();
    trail = [];
    for (const { ref } of livingActors(actor)) {
      const call = callOf(ref);
      if (call !== undefined) issue(call);
    }
  }

  const find = (path: string): AnyActorRef | undefined => {
    let ref: AnyActorRef | undefined = actor;
    for (const id of path === '' ? [] : path.split('/')) ref = ref === undefined ? undefined : (ref.getSnapshot() as Partial<AnyMachineSnapshot>).children?.[id];
    return ref;
  };

  return {
    machine,
    deliver: (path, event) => {
      for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
        const ref = find(at);
        if (ref === undefined) continue;
        const snapshot = ref.getSnapshot() as Partial<AnyMachineSnapshot>;
        if (at !== '' && snapshot.can !== undefined && !guarded(() => snapshot.can?.(event) ?? false)) continue;
        ref.send(event);
        return;
      }
    },
    effects: () => {
      if (failure !== undefined) throw failure.error;
      const living = livingActors(actor);
      for (const { ref, path } of living) {
        if (isMachineSnapshot(ref.getSnapshot())) label(ref, ref.getSnapshot() as AnyMachineSnapshot);
        checkActor(ref, path);
      }
      if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
      const effects: Effects = { asked, timers, begun, trail };
      asked = [];
      timers = [];
      begun = new Set();
      trail = [];
      unlabelled = [];
      return effects;
    },
    actors: () => livingActors(actor),
    handles: (path, type) => {
      for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
        const snapshot = find(at)?.getSnapshot() as AnyMachineSnapshot | undefined;
        if (snapshot !== undefined && isMachineSnapshot(snapshot) && snapshot.status === 'active' && descriptors(snapshot).some((descriptor) => covers(descriptor, type))) return true;
      }
      return false;
    },
    done: () => (actor.getSnapshot() as AnyMachineSnapshot).status === 'done',
    persisted: () => actor.getPersistedSnapshot(),
    state: () => stateName('', actor.getSnapshot() as AnyMachineSnapshot),
  };
};

/** The task logic at an actor, if it is a task's. */
export const taskAt = (ref: AnyActorRef): TaskLogic | undefined => {
  const { logic } = ref as unknown as { readonly logic: unknown };
  return isTaskLogic(logic) ? logic : undefined;
};

const paths = new WeakMap<AnyActorRef, string>();

const pathOf = (ref: AnyActorRef): string => {
  const known = paths.get(ref);
  if (known !== undefined) return known;
  const parent = ref._parent;
  const path = parent === undefined ? '' : pathOf(parent) === '' ? ref.id : `${pathOf(parent)}/${ref.id}`;
  paths.set(ref, path);
  return path;
};

const parentOf = (path: string): string | undefined => (path === '' ? undefined : path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');

const isMachineSnapshot = (snapshot: unknown): snapshot is AnyMachineSnapshot => typeof snapshot === 'object' && snapshot !== null && 'value' in snapshot && 'children' in snapshot;

const livingActors = (root: AnyActorRef): readonly LivingActor[] => {
  const { children } = root.getSnapshot() as Partial<AnyMachineSnapshot>;
  return [{ path: pathOf(root), ref: root }, ...Object.values(children ?? {}).flatMap((child) => (child === undefined || child === null ? [] : livingActors(child as AnyActorRef)))];
};

const callOf = (ref: AnyActorRef): CallData | undefined => (ref.getSnapshot() as { readonly context?: { readonly call?: CallData } }).context?.call;

/** Guards of the author may throw; then the event is sent, so that the actor meets the same error itself. */
const guarded = (can: () => boolean): boolean => {
  try {
    return can();
  } catch {
    return true;
  }
};

const checked = new WeakSet<object>();

const checkActor = (ref: AnyActorRef, path: string): void => {
  const { logic } = ref as unknown as { readonly logic: unknown };
  const snapshot = ref.getSnapshot() as AnyMachineSnapshot;
  if (!isMachine(logic)) {
    if (!isTaskLogic(logic)) throw new CallError('ERR_ACTOR_UNSUPPORTED', `actor \`${path}\` cannot be restored; use \`task\` or \`dialog\``, { actor: path, state: path });
    return;
  }
  if (/^x:\d+$/.test(ref.id) && path !== '') throw new CallError('ERR_ACTOR_UNSUPPORTED', 'an actor was spawned without an id', { actor: path, state: path });
  const context = snapshot.context as Record<string, unknown>;
  if (checked.has(context)) return;
  const state = stateName(path, snapshot);
  if ('call' in context && !isIssued(context['call'])) throw new CallError('ERR_CONTEXT_CALL', `state \`${state}\`: \`context.call\` is the framework's and read-only`, { state });
  const problem = notJson(context, 'context');
  if (problem !== undefined) throw new CallError('ERR_CONTEXT_JSON', `state \`${state}\`: \`${problem}\` is nothing that JSON can carry`, { path: problem, state });
  checked.add(context);
};

/** The path of the first value in `value` that would not come back from JSON as it is. */
const notJson = (value: unknown, path: string, above: readonly unknown[] = []): string | undefined => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : path;
  if (typeof value !== 'object' || above.includes(value)) return path;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return path;
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined && !Array.isArray(value)) continue; // an absent key reads the same as an undefined one
    const problem = notJson(item, `${path}.${key}`, [...above, value]);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

/** The active states as one readable name: `menu`, `order.size`, `a+b` for regions, behind the path of a dialog. */
const stateName = (path: string, snapshot: AnyMachineSnapshot): string => {
  const name = (value: unknown): string =>
    typeof value === 'string' ? value : Object.entries(value as object).map(([key, nested]) => (Object.keys(nested as object).length === 0 ? key : `${key}.${name(nested)}`)).join('+');
  return path === '' ? name(snapshot.value) : `${path}/${name(snapshot.value)}`;
};

/** The id of an active state node that is a question by its maker's word. */
const questionNode = (snapshot: AnyMachineSnapshot): string | null =>
  questionNodes(snapshot).at(-1) ?? null;

/** The ids of the active state nodes that are questions by their maker's word. */
const questionNodes = (snapshot: AnyMachineSnapshot): readonly string[] =>
  Object.entries(snapshot.getMeta() as Record<string, { readonly call?: { readonly kind?: string } } | undefined>)
    .filter(([, meta]) => meta?.call?.kind === 'recognize' || meta?.call?.kind === 'record')
    .map(([id]) => id);

/** Whether the question node `node` of the actor at `path` is still active. */
export const isAsking = (run: Run, path: string, node: string): boolean => {
  const snapshot = run.actors().find((living) => living.path === path)?.ref.getSnapshot() as AnyMachineSnapshot | undefined;
  return snapshot !== undefined && isMachineSnapshot(snapshot) && snapshot.status === 'active' && questionNodes(snapshot).includes(node);
};

const descriptors = (snapshot: AnyMachineSnapshot): readonly string[] => getNextTransitions(snapshot).map(({ eventType }) => eventType);

const covers = (descriptor: string, type: string): boolean =>
  descriptor === type || descriptor === '*' || (descriptor.endsWith('.*') && (type === descriptor.slice(0, -2) || type.startsWith(descriptor.slice(0, -1))));
