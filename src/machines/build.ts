/**
 * Build — turns the author's states into the states of an XState machine.
 *
 * Three things are done to them and nothing else: actors that stand inline get a name of their own (an inline source
 * would be spelled out in every snapshot), what a state runs gets that state's path as its id, and a state with a
 * wildcard that would swallow the end of the call gets the transition to `ended` in front of it.
 *
 * @module
 */
import type { LooseState } from './load-rules.ts';
import { isTaskLogic } from './task-logic.ts';

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

/** Builds the states of the machine `id`. */
export const build = (id: string, states: Readonly<Record<string, LooseState>>, kind: 'bot' | 'dialog'): Built => {
  const actors: Record<string, unknown> = {};
  const problems: string[] = [];

  const actorName = (src: unknown, path: string): string => {
    if (typeof src === 'string') return src;
    if (isTaskLogic(src)) {
      actors[path] = src;
      return path;
    }
    const machine = src as { readonly id?: unknown; readonly root?: unknown } | null;
    if (typeof machine !== 'object' || machine === null || typeof machine.id !== 'string' || machine.root === undefined) {
      problems.push(`state \`${path}\`: runs an actor that cannot be restored; use \`task\` or \`dialog\``);
      return path;
    }
    if (actors[machine.id] !== undefined && actors[machine.id] !== src) problems.push(`state \`${path}\`: two dialogs are both called \`${machine.id}\``);
    actors[machine.id] = src;
    return machine.id;
  };

  const buildState = (state: LooseState, path: string): unknown => {
    const { invoke, on, states: nested, ...rest } = state;
    const invokes = (Array.isArray(invoke) ? invoke : invoke === undefined ? [] : [invoke]) as readonly Invoke[];
    const single = invokes.length === 1;
    const handlers = on as Readonly<Record<string, unknown>> | undefined;
    const swallows = kind === 'bot' && handlers !== undefined && ('*' in handlers || 'call.*' in handlers);
    return {
      ...rest,
      ...(invokes.length > 0 && { invoke: invokes.map((one, index) => ({ ...one, id: single ? path : `${path}:${index}`, src: actorName(one.src, path) })) }),
      ...(handlers !== undefined && { on: { ...handlers, ...(swallows && { 'call.ended': { target: `#${id}.ended`, actions: { type: 'call.end' } } }) } }),
      ...(nested !== undefined && { states: buildStates(nested, `${path}.`) }),
    };
  };

  const buildStates = (some: Readonly<Record<string, LooseState>>, prefix: string): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(some).map(([name, state]) => [name, buildState(state, `${prefix}${name}`)]));

  return { states: buildStates(states, ''), actors, problems };
};
