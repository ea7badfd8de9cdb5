/**
 * The states that do not wait for the caller: `answer`, `prompt`, `hangup`, `reject`.
 *
 * `prompt` and `answer` move on by themselves, within the same batch, when they are given the next state; given `on`
 * they wait for the service to say how it went.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import { type CallActionType, type Modality, type Prompt, promptItems } from '../../actions/index.ts';
import type { CallEvent, FixedEvents } from '../call-event.ts';
import { computed, kinds, type Known, noted, oddities, oddValue } from '../options.ts';
import { type Computed, type Facts, type Handler, type MadeState, targetsOf, transitions } from '../state-config.ts';
import { askAction, isDynamic } from './question.ts';

/** What follows a state that moves on by itself. */
export type Next<C extends MachineContext> = Handler<C, CallEvent>;

/** The two ends of `Action`, for a state that waits for them. */
export interface Ends<C extends MachineContext, Action extends 'play' | 'answer' | 'hold' | 'unhold'> {
  readonly done?: Handler<C, FixedEvents[`${Action}.done`]>;
  /** Also when what was to be said before it cannot be played. */
  readonly failed?: Handler<C, FixedEvents[`${Action}.failed` | 'play.failed']>;
}

/** With `on` both endings must be handled; with the next state there is nothing to handle. */
export type SpeakFacts<Kind extends string, T> = T extends { readonly on: infer On } ? Facts<Kind, 'done' | 'failed', never, On> : Facts<Kind, never, 'next', { readonly next: T }>;

/**
 * A state that plays `what` and moves on to `next` in the same batch; or, with `on`, waits until it was played.
 *
 * @example
 * ```ts
 * prompt('Welcome.', 'menu')
 * prompt('Please hold.', { on: { done: 'lookup', failed: 'lookup' } })
 * ```
 */
export function prompt<C extends MachineContext, const N extends string>(what: Computed<C, Prompt>, next: N): MadeState<C, SpeakFacts<'prompt', N>>;
export function prompt<C extends MachineContext, const T extends Exclude<Next<C>, string> | { readonly on: Ends<C, 'play'> }>(what: Computed<C, Prompt>, then: T): MadeState<C, SpeakFacts<'prompt', T>>;
export function prompt(what: Computed<never, Prompt>, then: unknown): unknown {
  const play = askAction('play', isDynamic(what), (evaluate) => ({ prompts: promptItems(evaluate(what)) }));
  return noted([...oddValue('prompt', what, computed(kinds.prompt)), ...thenOddities(then)], speaking('prompt', 'play', [play], then));
}

/**
 * A state that answers the call. Seldom needed: a call is answered by itself when anything is to be played on it.
 *
 * @example
 * ```ts
 * answer('welcome')
 * answer({ modalities: ['audio'], on: { done: 'welcome', failed: 'gone' } })
 * ```
 */
export function answer<C extends MachineContext, const N extends string>(next: N): MadeState<C, SpeakFacts<'answer', N>>;
export function answer<C extends MachineContext, const T extends Exclude<Next<C>, string> | { readonly modalities?: readonly Modality[]; readonly on: Ends<C, 'answer'> }>(then: T): MadeState<C, SpeakFacts<'answer', T>>;
export function answer(then: unknown): unknown {
  const modalities = waits(then) ? ((then as { readonly modalities?: readonly Modality[] }).modalities ?? ['audio']) : ['audio'];
  return noted(waits(then) ? oddities(then, answerOptions) : [], speaking('answer', 'answer', [{ type: 'answer', params: { modalities } }], then));
}

const answerOptions: Known = { modalities: kinds.any, on: kinds.object };

/**
 * A state that says `parting`, if anything, and ends the call. It waits for the end; on a call that was never answered
 * and has nothing to say, it refuses the call instead.
 */
export function hangup<C extends MachineContext>(parting?: Computed<C, Prompt>): MadeState<C, Facts<'hangup', never, never, Record<never, never>>>;
export function hangup(parting?: Computed<never, Prompt>): unknown {
  const words = parting === undefined ? [] : [askAction('play', isDynamic(parting), (evaluate) => ({ prompts: promptItems(evaluate(parting)) }))];
  return noted(oddValue('parting', parting, computed(kinds.prompt)), { entry: [...words, { type: 'hangup', params: {} }], meta: { call: closing('hangup', words.length > 0 ? ['play', 'hangup'] : ['hangup']) } });
}

/** A state that refuses a call that was not answered. It says nothing: a refused caller hears nothing. */
export function reject<C extends MachineContext>(reason?: 'declined' | 'busy'): MadeState<C, Facts<'reject', never, never, Record<never, never>>>;
export function reject(reason: 'declined' | 'busy' = 'declined'): unknown {
  return { entry: [{ type: 'reject', params: { reason } }], meta: { call: closing('reject', ['reject']) } };
}

const waits = (then: unknown): then is { readonly on: Readonly<Record<string, unknown>> } => typeof then === 'object' && then !== null && 'on' in then;

/** What is wrong with what follows. */
export const thenOddities = (then: unknown): readonly string[] => (waits(then) ? oddities(then, { on: kinds.object }) : []);

/** A state that asks for `entry`, the `action` last, and moves on, or waits for the end of it where `then` has an `on`. */
export const speaking = (kind: string, action: CallActionType, entry: readonly unknown[], then: unknown) => {
  const on = waits(then) ? then.on : undefined;
  return {
    entry,
    ...(on === undefined ? { always: transitions(then) } : { on: { [`${action}.done`]: transitions(on['done']), [`${action}.failed`]: transitions(on['failed']), 'play.failed': transitions(on['failed']) } }),
    meta: {
      call: {
        kind, required: on === undefined ? [] : ['done', 'failed'], optional: on === undefined ? ['next'] : [], handled: Object.keys(on ?? { next: then }),
        targets: targetsOf(on ?? { next: then }), choices: [], actions: [action], task: [],
      },
    },
  };
};

const closing = (kind: string, actions: readonly string[]) => ({ kind, required: [], optional: [], handled: [], targets: [], choices: [], actions, task: [] });
