/**
 * Rules — what `tsc` refuses in a bot, each as one readable sentence at the key of the state that breaks it.
 *
 * The type of a state's key becomes the sentence itself when the state breaks a rule, so that the compiler prints it:
 * “state `menu`: outcome `support` is not handled”. `load-rules.ts` holds the same rules, with the same sentences, for
 * bots that no compiler has seen.
 *
 * @module
 */
import type { CallActionType } from '../actions/index.ts';
import type { FixedEvents } from './call-event.ts';
import type { StateFacts, TargetOf } from './state-config.ts';

/** Names that no choice may have, since they are outcomes of their own. */
export type ReservedOutcome = 'exhausted' | 'noinput' | 'nomatch' | 'failed' | 'digits' | 'choice';

/** Names that no state of the author may have at the top of a machine. */
export type ReservedState = 'idle' | 'ended';

/** Properties that a state may have. */
type StateProperty =
  | 'type' | 'initial' | 'history' | 'target' | 'entry' | 'exit' | 'always' | 'after' | 'on' | 'onDone' | 'invoke'
  | 'output' | 'tags' | 'description' | 'id' | 'meta' | 'states';

type Says<State extends string, What extends string> = `state \`${State}\`: ${What}`;

/** One name of a union, so that a sentence names one and the compiler does not print their product. */
type First<U> = (U extends unknown ? (u: () => U) => void : never) extends (i: infer I) => void ? (I extends () => infer L ? L : never) : never;

/** The names among `Bad` as a sentence, or nothing. */
type Sentence<State extends string, Bad, Before extends string, After extends string> = [Bad] extends [never] ? never : Says<State, `${Before} \`${First<Bad> & string}\` ${After}`>;

// ---- facts of made states ----

type Names<F, K extends keyof StateFacts> = F extends { readonly [P in K]: readonly (infer N)[] } ? N & string : never;

type ReservedIn<F> = Extract<Names<F, 'choices'>, ReservedOutcome>;
type DottedIn<F> = Extract<Names<F, 'choices'>, `${string}.${string}` | `${string}*${string}`>;
type MissingIn<F> = Exclude<Names<F, 'required'>, Names<F, 'handled'>>;
type ExtraIn<F> = Exclude<Names<F, 'handled'>, Names<F, 'required'> | Names<F, 'optional'>>;

type MadeProblem<State extends string, F, Siblings extends string, Tasks extends string> =
  | Sentence<State, ReservedIn<F>, 'choice', 'is a reserved outcome name'>
  | Sentence<State, DottedIn<F>, 'choice', 'holds a `.` or `*`'>
  | ([ReservedIn<F>] extends [never] ? Sentence<State, MissingIn<F>, 'outcome', 'is not handled'> : never)
  | Sentence<State, ExtraIn<F>, 'outcome', 'does not exist'>
  | Sentence<State, UnknownTarget<Names<F, 'targets'>, Siblings, never>, 'target', 'does not exist'>
  | Sentence<State, Exclude<Names<F, 'task'>, Tasks>, 'task', 'does not exist'>;

// ---- what stands in the config itself ----

/** The targets in `T` that name no state: siblings by name, own children as `.name`; `#id` is looked up at load time. */
type UnknownTarget<T, Siblings extends string, Children extends string> = T extends `#${string}`
  ? never
  : T extends `.${infer Child}`
    ? Child extends Children | `${Children}.${string}` ? never : T
    : T extends Siblings | `${Siblings}.${string}` ? never : T;

type Values<T> = T extends object ? T[keyof T] : never;
type Property<S, K extends string> = S extends { readonly [P in K]: infer V } ? V : never;

type HandTargets<S> = TargetOf<Property<S, 'always'>> | TargetOf<Values<Property<S, 'on'>>> | TargetOf<Values<Property<S, 'after'>>> | TargetOf<Property<S, 'onDone'>>
  | TargetOf<Property<Property<S, 'invoke'>, 'onDone'>> | TargetOf<Property<Property<S, 'invoke'>, 'onError'>>
  | (S extends { readonly type: 'history'; readonly target: infer T } ? T : never);

/** Types of the actions that stand in `A` as data; functions and built-ins of XState are not looked into. */
type ActionTypes<A> = A extends readonly (infer Item)[] ? ActionTypes<Item> : A extends (...args: never) => unknown ? never : A extends { readonly type: infer T extends string } ? T : A extends string ? A : never;

type HandActions<S> = ActionTypes<Property<S, 'entry'> | Property<S, 'exit'>>;

type IsEvent<D> = D extends keyof FixedEvents | '*' | `recognize.choice.${string}` ? true : D extends `${infer Prefix}.*` ? (keyof FixedEvents extends infer E ? (E extends Prefix | `${Prefix}.${string}` ? true : never) : never) : never;
type UnknownEvents<S> = S extends { readonly on: infer On } ? { [D in keyof On & string]: [IsEvent<D>] extends [never] ? D : never }[keyof On & string] : never;

type ChildNames<S> = S extends { readonly states: infer Nested } ? keyof Nested & string : never;

type HandProblem<State extends string, S, Siblings extends string> =
  | Sentence<State, UnknownTarget<HandTargets<S>, Siblings, ChildNames<S>>, 'target', 'does not exist'>
  | Sentence<State, Exclude<HandActions<S>, CallActionType>, 'action', 'does not exist'>
  | Sentence<State, UnknownEvents<S>, 'event', 'does not exist'>
  | Sentence<State, Exclude<keyof S & string, StateProperty>, 'property', 'does not exist'>
  | (S extends { readonly initial: infer I } ? (I extends ChildNames<S> ? never : Says<State, `initial state \`${I & string}\` does not exist`>) : [ChildNames<S>] extends [never] ? never : S extends { readonly type: 'parallel' } ? never : Says<State, 'has states but no `initial`'>);

/** The first level of nested states is told at its parent's key, by its path; deeper levels likewise. */
type NestedProblem<State extends string, S, Tasks extends string> = S extends { readonly states: infer Nested }
  ? { [K in keyof Nested & string]: Problem<`${State}.${K}`, Nested[K], keyof Nested & string, Tasks> }[keyof Nested & string]
  : never;

type Problem<State extends string, S, Siblings extends string, Tasks extends string> =
  | (S extends { readonly meta: { readonly call: infer F } } ? MadeProblem<State, F, Siblings, Tasks> : never)
  | HandProblem<State, S, Siblings>
  | NestedProblem<State, S, Tasks>;

/**
 * What the states `S` must be besides themselves: nothing, or at the key of a state that breaks a rule the sentence that
 * says which.
 */
type Checked<S, Tasks extends string> = {
  readonly [K in keyof S]: [Problem<K & string, S[K], keyof S & string, Tasks>] extends [never] ? unknown : Problem<K & string, S[K], keyof S & string, Tasks>;
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
  readonly [K in keyof S & Blamed<S, Initial>]?: `initial state \`${Initial & string}\` does not exist`;
};

/** The state at whose key a bad `initial` is told: one of them, or none when `initial` is a state. */
type Blamed<S, Initial> = [Exclude<Initial, keyof S>] extends [never] ? never : First<keyof S>;
