/**
 * The states `hold` and `unhold` — leave the caller to music while the call waits for something, and take him back.
 *
 * Both move on by themselves, within the same batch, when they are given the next state; given `on` they wait for the
 * service to say how it went.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import { type Prompt, promptItems } from '../../actions/index.ts';
import { computed, kinds, noted, oddValue } from '../options.ts';
import type { Computed, MadeState } from '../state-config.ts';
import { askAction, isDynamic } from './question.ts';
import { type Ends, type Next, speaking, type SpeakFacts, thenOddities } from './speak.ts';

/**
 * A state that puts the caller on hold and moves on to `next` in the same batch; or, with `on`, waits until he is. He hears
 * `meanwhile` over and over, or the service's own music where it is the empty text. Whatever needs him again (a prompt, a
 * question, a recording, an outgoing call) takes him back by itself; no filler is heard while he is on hold.
 *
 * @example
 * ```ts
 * holding: hold({ audio: 'https://media.example.test/waltz.wav' }, 'looking'),
 * looking: task({ run: find, on: { done: 'tell', failed: 'sorry' } }),
 * ```
 */
export function hold<C extends MachineContext, const N extends string>(meanwhile: Computed<C, Prompt>, next: N): MadeState<C, SpeakFacts<'hold', N>>;
export function hold<C extends MachineContext, const T extends Exclude<Next<C>, string> | { readonly on: Ends<C, 'hold'> }>(meanwhile: Computed<C, Prompt>, then: T): MadeState<C, SpeakFacts<'hold', T>>;
export function hold(meanwhile: Computed<never, Prompt>, then: unknown): unknown {
  const state = speaking('hold', 'hold', [askAction('hold', isDynamic(meanwhile), (evaluate) => ({ prompts: promptItems(evaluate(meanwhile)) }))], then);
  return noted([...oddValue('meanwhile', meanwhile, computed(kinds.prompt)), ...thenOddities(then)], state);
}

/**
 * A state that takes the caller back from hold. Seldom needed: a caller is taken back by himself when anything needs him.
 *
 * @example
 * ```ts
 * unhold({ on: { done: 'tell', failed: 'gone' } })
 * ```
 */
export function unhold<C extends MachineContext, const N extends string>(next: N): MadeState<C, SpeakFacts<'unhold', N>>;
export function unhold<C extends MachineContext, const T extends Exclude<Next<C>, string> | { readonly on: Ends<C, 'unhold'> }>(then: T): MadeState<C, SpeakFacts<'unhold', T>>;
export function unhold(then: unknown): unknown {
  return noted(thenOddities(then), speaking('unhold', 'unhold', [{ type: 'unhold', params: {} }], then));
}
