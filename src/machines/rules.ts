/**
 * Rules — what `tsc` refuses in a bot, each as one readable sentence at the key of the state that breaks it.
 *
 * The type of a state's key becomes the sentence itself when the state breaks a rule, so that the compiler prints it:
 * “state `menu`: outcome `support` is not handled”. `load-rules.ts` holds the same rules, with the same sentences, for
 * bots that no compiler has seen; `test/types/refused` has a bot for each.
 *
 * @module
 */
import type { AskedAction, CallActionType } from '../actions/index.ts';
import type { FixedEvents } from './call-event.ts';
import type { StateFacts, TargetOf } from './state-config.ts';

/** Names that no choice may have, since they are outcomes of their own. */
export type ReservedOutcome = 'exhausted' | 'noinput' | 'nomatch' | 'failed' | 'digits' | 'choice' | 'speech';

/** Names that no state of the author may have at the top of a machine. */
export type ReservedState = 'idle' | 'ended';

/** Properties that a state may have. */
type StateProperty =
  | 'type' | 'initial' | 'history' | 'target' | 'entry' | 'exit' | 'always' | 'after' | 'on' | 'onDone' | 'invoke'
  | 'output' | 'tags' | 'description' | 'id' | 'meta' | 'states';

// ---- sentences ----

export type Says<State extends string, What extends string> = `state \`${State}\`: ${What}`;

/** One name of a union, so that a sentence names one and the compiler does not print their product. */
export type First<U> = (U extends unknown ? (u: () => U) => void : never) extends (i: infer I) => void ? (I extends () => infer L ? L : never) : never;

/** One of the names `Bad` in a sentence; nothing when there is none. */
type Sentence<State extends string, Bad, Before extends string, After extends string> = [Bad] extends [never] ? never : Says<State, `${Before} \`${First<Bad> & string}\` ${After}`>;

/** All sentences of a list as one string: of a union the compiler prints one member, and not always the telling one. */
export type Together<Sentences extends readonly unknown[]> = Sentences extends readonly [infer One, ...infer Rest] ? Joined<One, Together<Rest>> : never;
type Joined<One, More> = [One] extends [never] ? More : [More] extends [never] ? One : `${One & string}; ${More & string}`;

// ---- facts of made states ----

type Names<F, K extends keyof StateFacts> = F extends { readonly [P in K]: readonly (infer N)[] } ? N & string : never;

type ReservedIn<F> = Extract<Names<F, 'choices'>, ReservedOutcome>;
type DottedIn<F> = Extract<Names<F, 'choices'>, `${string}.${string}` | `${string}*${string}`>;
type MissingIn<F> = Exclude<Names<F, 'required'>, Names<F, 'handled'>>;
type ExtraIn<F> = Exclude<Names<F, 'handled'>, Names<F, 'required'> | Names<F, 'optional'>>;

/** A handler that is always among those which the maker of a kind wrote. */
export interface Telltale {
  readonly recognize: 'recognize.nomatch.*';
  readonly record: 'record.done.*';
  readonly transfer: 'transfer.failed';
  readonly hold: 'hold.done';
  readonly unhold: 'unhold.done';
  readonly createcall: 'createcall.failed';
  readonly raw: 'raw.failed';
  readonly prompt: 'play.done';
  readonly answer: 'answer.done';
}

/** What a maker wrote and a spread has replaced: `{ ...recognize(…), on: … }` forgets every outcome, unless it spreads the maker's `on` too. */
type Replaced<S, F> =
  | (F extends { readonly kind: 'task' | 'dialog' } ? (S extends { readonly invoke: unknown } ? 'invoke' : never) : S extends { readonly entry: unknown } ? 'entry' : never)
  | (S extends { readonly on: infer On } ? (F extends { readonly kind: infer Kind extends keyof Telltale } ? ([Names<F, 'required'>] extends [never] ? never : Telltale[Kind] extends keyof On ? never : 'on') : never) : never);

/** The actions in a made state's handlers. */
export type MadeActions<F> = F extends { readonly '~on'?: infer On } ? ActionsIn<Property<Each<Values<On>>, 'actions'>> : never;

type MadeProblem<State extends string, S, F, Siblings, Tasks extends string> = Together<[
  Sentence<State, ReservedIn<F>, 'choice', 'is a reserved outcome name'>,
  Sentence<State, DottedIn<F>, 'choice', 'holds a `.` or `*`'>,
  [ReservedIn<F>] extends [never] ? Sentence<State, MissingIn<F>, 'outcome', 'is not handled'> : never,
  Sentence<State, ExtraIn<F>, 'outcome', 'does not exist'>,
  Sentence<State, UnknownTarget<Names<F, 'targets'>, Siblings, never>, 'target', 'does not exist'>,
  Sentence<State, UnknownAction<MadeActions<F>>, 'action', 'does not exist'>,
  Sentence<State, Misused<MadeActions<F>>, 'action', 'has wrong parameters'>,
  Sentence<State, Exclude<Names<F, 'task'>, Tasks>, 'task', 'does not exist'>,
  Sentence<State, Replaced<S, F>, 'property', 'replaces what the maker wrote there'>,
]>;

// ---- targets ----

export type NestedIn<S> = S extends { readonly states: infer Nested } ? Nested : Record<never, never>;

/** Whether `Path` leads from one of `States` down to a state. */
type IsPath<Path, States> = Path extends keyof States ? true : Path extends `${infer Head}.${infer Tail}` ? (Head extends keyof States ? IsPath<Tail, NestedIn<States[Head]>> : false) : false;

/**
 * The targets in `T` that name no state: siblings by name or path, own children as `.name`. An `#id`, and a target of
 * which only `string` is known, is looked up at load time.
 */
type UnknownTarget<T, Siblings, Children> = string extends T ? never
  : T extends `#${string}` ? never
  : T extends keyof Siblings ? never
  : T extends `.${infer Child}` ? (IsPath<Child, Children> extends true ? never : T)
  : IsPath<T, Siblings> extends true ? never : T;

// ---- what stands in the config itself ----

type Values<T> = T extends object ? T[keyof T] : never;
type Property<S, K extends string> = S extends { readonly [P in K]: infer V } ? V : never;
type Each<T> = T extends readonly (infer Item)[] ? Item : T;

/** What the state `S` runs, as far as it is written by hand. */
type Invoked<S> = Each<Property<S, 'invoke'>>;

/** Every handler that stands in the state `S` itself. */
type HandHandlers<S> = Property<S, 'always'> | Values<Property<S, 'on'>> | Values<Property<S, 'after'>> | Property<S, 'onDone'> | Property<Invoked<S>, 'onDone'> | Property<Invoked<S>, 'onError'>;

type HandTargets<S> = TargetOf<HandHandlers<S>> | (S extends { readonly type: 'history'; readonly target: infer T } ? T : never);

/** The actions that stand in `A` as data, and as functions; XState's built-ins are functions. */
type ActionsIn<A> = A extends readonly (infer Item)[] ? Item : A;
export type HandActions<S> = ActionsIn<Property<S, 'entry'>> | ActionsIn<Property<S, 'exit'>> | ActionsIn<Property<Each<HandHandlers<S>>, 'actions'>>;

/** Types of actions that do not exist. */
type UnknownAction<A> = A extends (...args: never) => unknown ? never : A extends { readonly type: infer T extends string } ? Exclude<T, CallActionType> : A extends string ? Exclude<A, CallActionType> : never;

/** Types of actions whose parameters are wrong; those that are computed are not known here. */
type Misused<A> = A extends (...args: never) => unknown ? never
  : A extends { readonly type: infer T extends CallActionType }
    ? A extends Extract<AskedAction, { readonly type: T }> | { readonly params: (...args: never) => unknown } ? never : T
    : A extends CallActionType ? A : never;

type IsEvent<D> = D extends keyof FixedEvents | '*' | `recognize.choice.${string}` | `raw.done.${string}` ? true : D extends `${infer Prefix}.*` ? (keyof FixedEvents extends infer E ? (E extends Prefix | `${Prefix}.${string}` ? true : never) : never) : never;
type UnknownEvents<S> = S extends { readonly on: infer On } ? { [D in keyof On & string]: string extends D ? never : [IsEvent<D>] extends [never] ? D : never }[keyof On & string] : never;

/** The end of the call, where a state would keep it from the framework. */
type EndOfCall<S> = S extends { readonly on: { readonly 'call.ended': unknown } } ? 'call.ended' : never;

type ChildNames<S> = keyof NestedIn<S> & string;

type InitialProblem<State extends string, S> = S extends { readonly initial: infer I }
  ? I extends ChildNames<S> ? never : Says<State, `initial state \`${I & string}\` does not exist`>
  : [ChildNames<S>] extends [never] ? never : S extends { readonly type: 'parallel' } ? never : Says<State, 'has states but no `initial`'>;

type HandProblem<State extends string, S, Siblings, Tasks extends string> = Together<[
  Sentence<State, UnknownTarget<HandTargets<S>, Siblings, NestedIn<S>>, 'target', 'does not exist'>,
  Sentence<State, UnknownAction<HandActions<S>>, 'action', 'does not exist'>,
  Sentence<State, Misused<HandActions<S>>, 'action', 'has wrong parameters'>,
  Sentence<State, UnknownEvents<S>, 'event', 'does not exist'>,
  Sentence<State, EndOfCall<S>, 'event', 'is handled by the framework'>,
  Sentence<State, Exclude<Extract<Property<Invoked<S>, 'src'>, string>, Tasks>, 'task', 'does not exist'>,
  Sentence<State, Exclude<keyof S & string, StateProperty>, 'property', 'does not exist'>,
  InitialProblem<State, S>,
]>;

/** Problems of nested states are told at the key of the state at the top, by their path. */
type NestedProblem<State extends string, S, Tasks extends string> = S extends { readonly states: infer Nested }
  ? First<{ [K in keyof Nested & string]: Problem<`${State}.${K}`, K, Nested[K], Nested, Tasks> }[keyof Nested & string]>
  : never;

type Problem<State extends string, Name extends string, S, Siblings, Tasks extends string> = Together<[
  Name extends `${string}${'.' | '#'}${string}` ? Says<State, 'its name holds a `.` or `#`'> : never,
  S extends { readonly meta: { readonly call: infer F } } ? MadeProblem<State, S, F, Siblings, Tasks> : never,
  HandProblem<State, S, Siblings, Tasks>,
  NestedProblem<State, S, Tasks>,
]>;

/**
 * What the states `S` must be besides themselves: nothing, or at the key of a state that breaks a rule the sentence that
 * says which.
 */
type Checked<S, Tasks extends string> = {
  readonly [K in keyof S]: [Problem<K & string, K & string, S[K], S, Tasks>] extends [never] ? unknown : Problem<K & string, K & string, S[K], S, Tasks>;
};

/**
 * The same for the top of a machine, where two names are the framework's and `initial` has to be one of the states.
 *
 * All three are mapped types, and a bad `initial` is told at one state's key: a conditional type in the parameter, or
 * `keyof S` at `initial`, makes the compiler settle `S` before it has seen an inline `assign` (seen with TypeScript 7.0).
 */
export type CheckedTop<S, Initial, Tasks extends string = never> = Checked<S, Tasks> & {
  readonly [K in keyof S & ReservedState]?: Says<K, 'is a name of the framework'>;
} & {
  readonly [K in keyof S & Blamed<S, Initial>]?: string extends Initial ? 'the bot has no `initial` that the compiler can read' : `initial state \`${Initial & string}\` does not exist`;
};

/**
 * What the states `S` must be for commands that lead to the states `Led`. It is told at a state's key, as a bad `initial`
 * is: `keyof S` at the command itself would settle `S` before an inline function among the states was seen.
 */
export type CheckedCommands<S, Led extends string> = {
  readonly [K in keyof S & (string extends Led ? never : Blamed<S, Led>)]?: `target \`${First<Exclude<Led, keyof S>> & string}\` of a command does not exist`;
};

/** What the final states `S` of a dialog must be: their output is what the dialog promises. */
export type Promised<S, Output> = { readonly [K in keyof S]: [Broken<S[K], Frozen<Output>>] extends [never] ? unknown : `the output of state \`${K & string}\` is not what the dialog promises` };

/** What a dialog of the states `S` ends with: whatever its final states give. */
export type Ending<S> = { readonly [K in keyof S]: OutputOf<S[K]> }[keyof S];

type Broken<S, Output> = S extends { readonly type: 'final' } ? Outside<OutputOf<S>, Output> : never;
type OutputOf<S> = S extends { readonly type: 'final' } ? (S extends { readonly output: infer Given } ? (Given extends (...args: never) => infer Result ? Result : Given) : undefined) : never;
type Outside<Given, Output> = [Given] extends [Output] ? never : 'outside';

/** `T` as a literal of it is inferred: read-only all the way down. */
type Frozen<T> = T extends (...args: never) => unknown ? T : T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** The state at whose key it is told that `Named` are no states all: one of them, or none when they are. */
type Blamed<S, Named> = [Exclude<Named, keyof S>] extends [never] ? never : First<keyof S>;
