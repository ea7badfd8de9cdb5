/**
 * Question — what the states that wait for the caller (recognize, record) share: how often they ask, what they say
 * before they ask again, and where it ends.
 *
 * The rules are VoiceXML's (§5.2, event counting): separate `noinput` and `nomatch` counts choose the tapered text,
 * all causes together are limited to `attempts` askings per entry, and `exhausted` is what comes then.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import { type CallActionType, type Prompt, type PromptItem, promptItems, type Reprompts, type RepromptTexts } from '../../actions/index.ts';
import type { AskLimits, ByCall, Cause } from '../call-context.ts';
import { defaultText, type TextLanguage } from '../default-texts.ts';
import { shared } from '../copies.ts';
import { behind, standingFor } from '../noted.ts';
import { computed, type Kind, kinds } from '../options.ts';
import type { CallInput } from '../service-event.ts';
import { type Computed, type Transition, transitions } from '../state-config.ts';

/** One text, or a list that tapers by count. */
export type Tapering = string | PromptItem | readonly Prompt[];

/** Options that every question has. */
export interface QuestionOptions<C extends MachineContext> {
  /** What is asked. Nothing is said when it is absent. */
  readonly prompt?: Computed<C, Prompt>;
  /** Askings per entry, all causes together. Default 3. */
  readonly attempts?: number;
  /** This many silences end the question sooner. */
  readonly maxNoinput?: number;
  /** This many inputs that match nothing end the question sooner. */
  readonly maxNomatch?: number;
  /** Said before the question is asked again after a silence: one text, or a list that tapers by count. */
  readonly noinput?: Computed<C, Tapering>;
  /** Said before the question is asked again after an input that matched nothing: one text, or a list that tapers by count. */
  readonly nomatch?: Computed<C, Tapering>;
  /** Whether the question's own prompt follows the texts above. Default true. */
  readonly reprompt?: boolean;
}

/** The options that every question has, by kind. */
export const questionOptions = {
  prompt: computed(kinds.prompt), attempts: kinds.count, maxNoinput: kinds.count, maxNomatch: kinds.count,
  noinput: computed(kinds.prompts), nomatch: computed(kinds.prompts), reprompt: kinds.flag,
} satisfies Record<keyof QuestionOptions<never>, Kind>;

/** `given` as a list that tapers by count. */
const tapering = (given: Tapering): RepromptTexts['noinput'] => (Array.isArray(given) ? (given as readonly Prompt[]) : [given as Prompt]).map((prompt) => promptItems(prompt));

/** The texts of `options`, evaluated for `context`. */
export const reprompts = <C extends MachineContext>(options: QuestionOptions<C>, evaluate: <T>(value: Computed<C, T>) => T): Reprompts => ({
  ...(options.noinput !== undefined && { noinput: tapering(evaluate(options.noinput)) }),
  ...(options.nomatch !== undefined && { nomatch: tapering(evaluate(options.nomatch)) }),
  repeat: options.reprompt ?? true,
});

/** What a bot says before it asks again: one text, or a list that tapers by count; or a function of the call that gives it. */
export type BotReprompts = { readonly [K in keyof RepromptTexts]?: ByCall<Tapering> };

/** The texts of a bot, as they are kept. */
export type KeptReprompts = { readonly [K in keyof RepromptTexts]?: ByCall<RepromptTexts[K]> };

/** `given` as it is kept. */
export const botReprompts = ({ noinput, nomatch, failed }: BotReprompts = {}): KeptReprompts => ({
  ...(noinput !== undefined && { noinput: kept(noinput, tapering) }),
  ...(nomatch !== undefined && { nomatch: kept(nomatch, tapering) }),
  ...(failed !== undefined && { failed: kept(failed, tapering) }),
});

/** `made` of what is given: now, or in each call where it is computed. */
export const kept = <T, R>(given: ByCall<T>, made: (value: T) => R): ByCall<R> =>
  typeof given === 'function' ? standingFor((args: { readonly call: CallInput }) => made((given as (args: { readonly call: CallInput }) => T)(args)), given) : made(given);

/** What is said before a question is asked again where neither the question nor its bot has a text for `cause`. */
export const defaultReprompt = (cause: Cause, language: TextLanguage): RepromptTexts[Cause] => [[defaultText(cause, language)]];

/** The limits of `options`. */
export const askLimits = (options: QuestionOptions<never>): AskLimits => ({
  attempts: options.attempts ?? 3,
  ...(options.maxNoinput !== undefined && { maxNoinput: options.maxNoinput }),
  ...(options.maxNomatch !== undefined && { maxNomatch: options.maxNomatch }),
});

/** What a question does about `cause`: what the author wrote for it, or ask again while it may, or go to `exhausted`. */
export const askAgain = (cause: Cause, ask: unknown, limits: AskLimits, on: Readonly<Record<string, unknown>>): readonly Transition[] =>
  on[cause] !== undefined
    ? transitions(on[cause])
    : [{ guard: { type: 'call.mayAskAgain', params: { cause, limits } }, actions: [{ type: 'call.askAgain', params: { cause } }, ask] }, ...transitions(on['exhausted'])];

/** An action as the makers write it. */
export interface AskAction {
  readonly type: string;
  readonly params: object | ((args: { context: never; event: never }) => object);
}

/** Gives what an author wrote: as it is, or computed. */
type Evaluate = <T>(value: T | ((args: { context: never }) => T)) => T;

/** How parameters that are computed are made, by the function that computes them. */
const recipes = shared('recipes', () => new WeakMap<object, (evaluate: Evaluate) => object>());

/** What `params`, a function of a maker, gives where `evaluate` computes each thing by itself; undefined of any other function. */
export const paramsBy = (params: object, evaluate: Evaluate): object | undefined => recipes.get(behind(params) as object)?.(evaluate);

/** `ask` with other reprompts, which may depend on the event. */
export const askWith = ({ type, params }: AskAction, reprompts: (args: { context: never; event: never }) => Partial<Reprompts>): AskAction => {
  const again = (args: { context: never; event: never }): object => {
    const base = typeof params === 'function' ? params(args) : params;
    return { ...base, reprompts: { ...(base as { readonly reprompts: Reprompts }).reprompts, ...reprompts(args) } };
  };
  recipes.set(again, typeof params === 'function' ? (evaluate) => paramsBy(params, evaluate) ?? {} : () => params);
  return { type, params: again };
};

/** `ask` without anything before the prompt: the caller wants to hear it again. */
export const askAsBefore = (ask: AskAction): AskAction => {
  const { type, params } = ask;
  return typeof params === 'function' ? askWith(ask, () => nothingBefore) : { type, params: Object.freeze({ ...params, reprompts: nothingBefore }) };
};

const nothingBefore: Reprompts = { noinput: [], nomatch: [], failed: [], repeat: true };

/** Whether any of `values` has to be computed when the state is entered. */
export const isDynamic = (...values: readonly unknown[]): boolean => values.some((value) => typeof value === 'function');

/**
 * The action object that asks: plain data when nothing has to be computed (so that every viewer shows it), else one
 * whose parameters are a function of the context. Frozen parameters are the bot's own, the same at every call: what is
 * derived from them is derived once (`taper.ts`, and the encoders of services).
 */
export const askAction = <P extends object>(type: CallActionType, dynamic: boolean, params: (evaluate: Evaluate) => P): AskAction => {
  const now = <T>(value: T | ((args: { context: never }) => T)): T => value as T;
  if (!dynamic) return { type, params: Object.freeze(params(now)) };
  const computed = ({ context }: { context: never }): P => params((value) => (typeof value === 'function' ? (value as (args: { context: never }) => never)({ context }) : value));
  recipes.set(computed, params);
  return { type, params: computed };
};
