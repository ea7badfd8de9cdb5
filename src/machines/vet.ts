/**
 * Vet — what a chart may not do, found while it runs: run an actor that cannot be restored, write the framework's part of
 * the context, or hold what JSON cannot carry.
 *
 * @module
 */
import type { AnyActor, AnyActorRef, AnyMachineSnapshot } from 'xstate';
import { callActions, illegal } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import { isIssued } from './call-context.ts';
import { botFacts } from './bot-facts.ts';
import { isMachine } from './naming.ts';
import { isMachineSnapshot, logicOf, pathOf, stateName, taskInputOf } from './chart.ts';
import { notJson } from './json.ts';
import type { Asking } from './snapshot.ts';
import { isTaskLogic } from './task-logic.ts';

/** Why the actor that begins cannot be kept from one event to the next; undefined when it can. */
export const unsupported = (ref: AnyActorRef): CallError | undefined => {
  const path = pathOf(ref);
  const says = (what: string): CallError => new CallError('ERR_ACTOR_UNSUPPORTED', `actor \`${path}\` ${what}`, { actor: path, state: path });
  if (path === '') return undefined;
  const logic = logicOf(ref);
  if (!isMachine(logic) && !isTaskLogic(logic)) return says('cannot be restored; use `task` or `dialog`');
  if ((ref as AnyActor).options.id === undefined) return says('was spawned without an id'); // XState's own numbers differ from run to run
  if (typeof ref.src !== 'string') return says('was spawned from a machine itself; spawn it by the name of an actor of the machine');
  // XState tells a parent of its child's snapshot again whenever the child is restored.
  if ((ref as unknown as { readonly _syncSnapshot?: boolean })._syncSnapshot === true) return says('has `onSnapshot`, which would be taken again at every restore');
  return undefined;
};

/** @throws `ERR_BATCH_ILLEGAL`, `ERR_CONTEXT_JSON` for parameters that are not what the action takes. */
export const vetAsking = ({ action: { type, params }, state }: Asking): void => {
  if (vetted.has(params)) return;
  if (!callActions[type].is(params)) throw illegal('parameters', { type, state });
  vetJson(params, type, state);
  if (Object.isFrozen(params)) vetted.add(params);
};

/** @throws `ERR_CONTEXT_CALL`, `ERR_CONTEXT_JSON` */
export const vetActor = (ref: AnyActorRef): void => {
  const snapshot: unknown = ref.getSnapshot();
  if (isMachineSnapshot(snapshot)) vetContext(ref, snapshot);
  else vetJson(taskInputOf(ref)?.value ?? null, 'input', pathOf(ref));
};

const vetContext = (ref: AnyActorRef, snapshot: AnyMachineSnapshot): void => {
  const context = snapshot.context as Readonly<Record<string, unknown>>;
  if (vetted.has(context)) return;
  const ours = botFacts(snapshot.machine) !== undefined;
  const state = stateName(pathOf(ref), snapshot.value);
  if (ours && !isIssued(context['call'])) throw new CallError('ERR_CONTEXT_CALL', `state \`${state}\`: \`context.call\` is the framework's and read-only`, { state });
  for (const name in context) if ((!ours || name !== 'call') && context[name] !== undefined) vetJson(context[name], `context.${name}`, state);
  vetted.add(context);
};

/** @throws `ERR_CONTEXT_JSON` with the path of the first value in `value` that would not come back from JSON as it is. */
export const vetJson = (value: unknown, name: string, state: string): void => {
  const path = notJson(value, name);
  if (path !== undefined) throw new CallError('ERR_CONTEXT_JSON', `state \`${state}\`: \`${path}\` is nothing that JSON can carry`, { path, state });
};

/** Contexts and parameters that were found good. Both are replaced and never changed, so each is looked at once. */
const vetted = new WeakSet<object>();
