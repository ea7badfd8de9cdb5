/**
 * Build — turns the author's states into the states of an XState machine.
 *
 * These things are done to them and nothing else: actors that stand inline get a name of their own (an inline source
 * would be spelled out in every snapshot), what a state runs gets that state's path as its id, a state with a wildcard
 * that would swallow the end of the call gets the transition to `ended` in front of it, a made state that leads back to
 * itself is entered anew (XState would stay inside, and the question would not be asked), what an author computes
 * on entry is told apart by its state when it throws, a guard notes what it throws, a task is told when its time is over, and of
 * a dialog in a library the targets by its own name lead to its new one.
 *
 * @module
 */
import { CallError, isCallError } from '../errors.ts';
import type { LooseState } from './load-rules.ts';
import { isMachine, register } from './naming.ts';
import { notADialog } from './no-dialog.ts';
import { noting, standingFor } from './noted.ts';
import type { Exchange } from './origin.ts';
import { transitions } from './state-config.ts';
import { isNamedTask, isTaskLogic, type TaskFunction, taskLogic } from './task-logic.ts';

/** The states, the actors that were found in them, and what cannot be. */
export interface Built {
  readonly states: Readonly<Record<string, unknown>>;
  readonly actors: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
}

interface Invoke {
  readonly id?: string;
  readonly src: unknown;
  readonly [key: string]: unknown;
}

/** A machine that is to be built. */
export interface Plan {
  readonly id: string;
  /** What its author calls it in targets: its `id`, unless a library has made it again under another. */
  readonly local: string;
  readonly kind: 'bot' | 'dialog';
  readonly states: Readonly<Record<string, LooseState>>;
  readonly tasks: Readonly<Record<string, TaskFunction<never, unknown>>>;
  readonly exchange: Exchange;
}

/** Builds the states of a machine. */
export const build = ({ id, local, kind, states: given, tasks, exchange }: Plan): Built => {
  const actors: Record<string, unknown> = {};
  const problems: string[] = [];
  const enter = register(id);

  /** Gives the actor `src` of the state `path` the name `name`, which nothing else in the machine has. */
  const called = (name: string, src: unknown, path: string): string => {
    if (Object.hasOwn(tasks, name) || (actors[name] !== undefined && actors[name] !== src)) problems.push(`state \`${path}\`: what it runs is called \`${name}\`, as something else is that the machine runs`);
    actors[name] = src;
    return name;
  };

  const actorName = (src: unknown, path: string): string => {
    if (typeof src === 'string') return src;
    if (isTaskLogic(src)) return called(path, src, path);
    if (isNamedTask(src)) {
      const run = tasks[src.task];
      // Where there is no such task, the rules have told it.
      return run === undefined ? path : called(`${path}:${src.task}`, taskLogic(run, src.output, src.task), path);
    }
    if (!isMachine(src)) {
      problems.push(`state \`${path}\`: runs an actor that cannot be restored; use \`task\` or \`dialog\``);
      return path;
    }
    const wrong = notADialog(src);
    if (wrong !== undefined) {
      problems.push(`state \`${path}\`: ${wrong}`);
      return path;
    }
    const dialog = exchange(src);
    const clashes = enter(dialog);
    problems.push(...clashes.map((what) => `state \`${path}\`: ${what}`));
    return clashes.length > 0 ? dialog.id : called(dialog.id, dialog, path);
  };

  /** `handler` with the author's way of naming the machine made its own. */
  const located = (handler: unknown): unknown => (id === local ? handler : transitions(handler).map((step) => (step.target === undefined ? step : { ...step, target: moved(step.target) })));
  const moved = (target: string): string => (target === `#${local}` || target.startsWith(`#${local}.`) ? `#${id}${target.slice(local.length + 1)}` : target);

  const buildState = (state: LooseState, path: string): unknown => {
    const { invoke, on, always, entry, states: nested, ...rest } = state;
    const name = path.slice(path.lastIndexOf('.') + 1);
    const again = (handler: unknown): unknown => guarded(located(state.meta?.call === undefined ? handler : entersAnew(handler, name)));
    const all = (given: unknown): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(given as object).map(([event, handler]) => [event, again(handler)]));
    const invokes = (Array.isArray(invoke) ? invoke : invoke === undefined ? [] : [invoke]) as readonly Invoke[];
    const single = invokes.length === 1;
    const handlers = on as Readonly<Record<string, unknown>> | undefined;
    const swallows = kind === 'bot' && handlers !== undefined && ('*' in handlers || 'call.*' in handlers);
    return {
      ...rest,
      ...(entry !== undefined && { entry: Array.isArray(entry) ? entry.map((action: unknown) => named(action, path)) : named(entry, path) }),
      ...(always !== undefined && { always: again(always) }),
      ...('onDone' in rest && { onDone: again(rest['onDone']) }),
      ...(typeof rest['target'] === 'string' && { target: id === local ? rest['target'] : moved(rest['target']) }),
      ...('after' in rest && { after: timingOut(all(rest['after']), path) }),
      ...(invokes.length > 0 && {
        invoke: invokes.map(({ onDone, onError, ...one }, index) => ({
          ...one, id: single ? path : `${path}:${index}`, src: actorName(one.src, path),
          ...(onDone !== undefined && { onDone: again(onDone) }), ...(onError !== undefined && { onError: again(onError) }),
          ...('input' in one && { input: computed(one['input'], path) }),
        })),
      }),
      ...(handlers !== undefined && { on: { ...all(handlers), ...(swallows && { 'call.ended': { target: `#${id}.ended`, actions: { type: 'call.end' } } }) } }),
      ...(nested !== undefined && { states: buildStates(nested, `${path}.`) }),
    };
  };

  const buildStates = (some: Readonly<Record<string, LooseState>>, prefix: string): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(some).map(([name, state]) => [name, buildState(state, `${prefix}${name}`)]));

  return { states: buildStates(given, ''), actors, problems };
};

/** `after` with the actor of the state `path` told where its time is over. */
const timingOut = (after: Readonly<Record<string, unknown>>, path: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(after).map(([delay, handler]) => [delay, transitions(handler).map((step) => ((step.actions as { readonly type?: unknown } | undefined)?.type === 'call.timeOut' ? { ...step, actions: { type: 'call.timeOut', params: { task: path } } } : step))]));

/** `handler` with guards that note what they throw; those of XState's `and`, `or` and `not` stay as they are. */
const guarded = (handler: unknown): unknown => {
  const isOwn = (guard: unknown): guard is (...args: readonly unknown[]) => unknown => typeof guard === 'function' && !('check' in guard);
  const steps = transitions(handler);
  return steps.some(({ guard }) => isOwn(guard)) ? steps.map((step) => (isOwn(step.guard) ? { ...step, guard: noting(step.guard) } : step)) : handler;
};

/** `handler` with its way back to the state `name` made a way in. */
const entersAnew = (handler: unknown, name: string): unknown =>
  transitions(handler).map((step) => (step.target === name && step.reenter === undefined ? { ...step, reenter: true } : step));

/** An action of the state `path` whose parameters say where they threw. */
const named = (action: unknown, path: string): unknown => {
  const { params } = (typeof action === 'object' && action !== null ? action : {}) as { readonly params?: unknown };
  return typeof params === 'function' ? { ...(action as object), params: computed(params, path) } : action;
};

const computed = (value: unknown, state: string): unknown =>
  typeof value !== 'function'
    ? value
    : standingFor((...args: readonly unknown[]): unknown => {
        try {
          return (value as (...args: readonly unknown[]) => unknown)(...args);
        } catch (cause) {
          throw isCallError(cause) ? cause : new CallError('ERR_BOT_THREW', `state \`${state}\`: the bot's code threw`, { state }, { cause });
        }
      }, value);
