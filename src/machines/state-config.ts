/**
 * State config — what stands at a state's key: a plain XState state, written by hand or made by a state maker.
 *
 * A maker adds `meta.call`: the outcomes that its state must and may handle. `callMachine` holds them against the
 * machine, at compile time by their types and at load time by their values (`rules.ts`, `load-rules.ts`).
 *
 * @module
 */
import type { Actions, EventObject, MachineContext, ProvidedActor } from 'xstate';
import type { AskedAction, CallActionType, Capability, Choice, VerbEvent } from '../actions/index.ts';
import type { CallData } from './call-context.ts';
import type { CallEvent, ChoiceEvent, FixedEvents } from './call-event.ts';

/** The author's context with the framework's part. */
export type WithCallData<C extends MachineContext> = C & { readonly call: CallData };

/** Actions of a state or transition: call actions as data, inline functions, `assign` and XState's other built-ins. */
export type StateActions<C extends MachineContext, E extends EventObject> = Actions<
  WithCallData<C>, E, CallEvent, undefined, ProvidedActor, AskedAction | { type: string; params?: unknown }, never, string, EventObject
>;

/** One transition: where to, when, and what is done on the way. */
export interface Step<C extends MachineContext, E extends EventObject> {
  readonly target?: string;
  readonly guard?: (args: { context: WithCallData<C>; event: E }) => boolean;
  readonly actions?: StateActions<C, E>;
  readonly reenter?: boolean;
  readonly description?: string;
}

/** What handles an event: a state's name, a transition, or transitions of which the first whose guard holds is taken. */
export type Handler<C extends MachineContext, E extends EventObject> = string | Step<C, E> | readonly (string | Step<C, E>)[];

/** What an author computes from the call: a value, or a function of the context. */
export type Computed<C extends MachineContext, T> = T | ((args: { context: WithCallData<C> }) => T);

/** The wildcards that match something, with what they match. */
type Wildcard<Type extends string = keyof FixedEvents | 'recognize.choice.*' | 'raw.done.*'> = Type extends `${infer Head}.${infer Tail}` ? `${Head}.*` | `${Head}.${Wildcard<Tail>}` : never;
type Matching<W> = W extends `${infer Prefix}.*` ? Extract<CallEvent, { readonly type: Prefix | `${Prefix}.${string}` }> : CallEvent;

type DescriptorHandlers<C extends MachineContext> = {
  readonly [K in keyof FixedEvents]?: Handler<C, FixedEvents[K]>;
} & {
  readonly [K in Wildcard | '*']?: Handler<C, Matching<K>>;
} & {
  readonly [K in `recognize.choice.${string}`]?: Handler<C, ChoiceEvent>;
} & {
  readonly [K in `raw.done.${string}`]?: Handler<C, VerbEvent>;
} & { readonly [descriptor: string]: unknown };

/** What a state maker says of its state; the types carry the names, the values the same names as lists. */
export interface StateFacts {
  readonly kind: string;
  /** Outcomes that must be handled. */
  readonly required: readonly string[];
  /** Outcomes that may be handled. */
  readonly optional: readonly string[];
  /** Outcomes that are handled. */
  readonly handled: readonly string[];
  /** States that the outcomes lead to. */
  readonly targets: readonly string[];
  /** Names of the choices offered. */
  readonly choices: readonly string[];
  /** Call actions that the state uses. */
  readonly actions: readonly string[];
  /** Which verb of which service the state asks for. */
  readonly raw?: { readonly service: string; readonly verb: string };
  /** Name of the task that the state runs. */
  readonly task: readonly string[];
  /** Whether what the caller keys is sealed before anything else happens to it. */
  readonly secret?: boolean;
  /** What is wrong with the options that the maker was given, as sentences; absent when nothing is. */
  readonly oddities?: readonly string[];
  /** What a question that is computed offers, as far as that is known before a call: in each language, which has no name where it makes no difference. */
  readonly offers?: readonly { readonly language: string; readonly choices: readonly Choice[] }[];
}

/** A value that is no function. */
type Constant = string | number | boolean | null | undefined | readonly unknown[] | { readonly [key: string]: unknown };

/** What a state may hold beside what its maker says of it: XState's own config, in the parts that a call needs. */
export interface StateParts<C extends MachineContext> {
  readonly type?: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly initial?: string;
  readonly history?: 'shallow' | 'deep';
  readonly target?: string;
  readonly entry?: StateActions<C, CallEvent>;
  readonly exit?: StateActions<C, CallEvent>;
  readonly always?: Handler<C, CallEvent>;
  readonly after?: { readonly [delayMs: number]: Handler<C, EventObject> };
  readonly on?: DescriptorHandlers<C>;
  readonly onDone?: Handler<C, EventObject>;
  readonly invoke?: unknown;
  /** Of a final state: what the machine ends with. */
  readonly output?: ((args: { readonly context: WithCallData<C>; readonly event: EventObject }) => unknown) | Constant;
  readonly tags?: string | readonly string[];
  readonly description?: string;
  readonly id?: string;
  readonly states?: States<C>;
}

/** A state, made or written by hand. */
export interface StateConfig<C extends MachineContext> extends StateParts<C> {
  readonly meta?: { readonly call?: StateFacts; readonly [key: string]: unknown };
}

/** States by name. */
export interface States<C extends MachineContext> {
  readonly [name: string]: StateConfig<C>;
}

/** A state that a maker made. */
export interface MadeState<C extends MachineContext, F extends StateFacts> extends StateParts<C> {
  readonly meta: { readonly call: F };
}

/** The states that `H` leads to, as a union of names. */
export type TargetOf<H> = H extends string ? H : H extends readonly (infer Item)[] ? TargetOf<Item> : H extends { readonly target: infer T extends string } ? T : never;

/** What the maker of a kind asks for: the action of its name, `play` of a prompt, nothing where others work. */
type Asks<Kind> = Kind extends Exclude<CallActionType, 'raw'> ? Kind : Kind extends 'prompt' ? 'play' : never;

/** The facts of a made state, from unions of names. */
export interface Facts<Kind extends string, Required extends string, Optional extends string, On, Choices extends string = never, Task extends string = never, Needs extends Capability = Asks<Kind>> {
  readonly kind: Kind;
  readonly required: readonly Required[];
  readonly optional: readonly Optional[];
  readonly handled: readonly (keyof On & string)[];
  readonly targets: readonly TargetOf<On[keyof On]>[];
  readonly choices: readonly Choices[];
  readonly actions: readonly string[];
  readonly task: readonly Task[];
  /** What the state needs the service to be capable of; a type only, never a value. */
  readonly '~needs'?: Needs;
  /** The handlers themselves; a type only, never a value. */
  readonly '~on'?: On;
}

/** A transition of XState's config, as the makers write it. */
export interface Transition {
  readonly target?: string;
  readonly guard?: unknown;
  readonly actions?: unknown;
  readonly reenter?: boolean;
  readonly description?: string;
}

/** `handler` as a list of transitions; none when it is absent. */
export const transitions = (handler: unknown): readonly Transition[] =>
  handler === undefined ? [] : (Array.isArray(handler) ? handler : [handler]).map((step: string | Transition) => (typeof step === 'string' ? { target: step } : step));

/** The names of the states that `handlers` lead to. */
export const targetsOf = (handlers: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.values(handlers).flatMap((handler) => transitions(handler).flatMap(({ target }) => (typeof target === 'string' ? [target] : [])));
