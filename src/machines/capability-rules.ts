/**
 * Capability rules — what `tsc` refuses of a bot beside a service: a state that asks for what the service cannot do, as one
 * readable sentence at the bot.
 *
 * The states of a machine are remembered in its type, and so are those of the dialogs that it runs; the service says in its type
 * what it can do. A bot that was loaded while the program runs has no such type, nor have actions that a function makes up:
 * `refusals.ts` holds the same rule, with the same sentence, when the program starts.
 *
 * @module
 */
import type { AnyStateMachine, StateSchemaFrom } from 'xstate';
import type { CallActionType, Capability, ServiceLimits } from '../actions/index.ts';
import type { First, HandActions, MadeActions, NestedIn, Says } from './rules.ts';
import type { WithStates } from './states/dialog.ts';

/**
 * What the bots `B` must be besides themselves, to be served by `Service`: nothing, or the sentence that says what it cannot do. `B` is
 * a machine, or machines by path and number.
 */
export type Served<B, Service> = [Service] extends [ServiceLimits<infer Name, infer Can>]
  ? Capability extends Can ? unknown : B extends AnyStateMachine ? Able<B, Name, Can> : { readonly [P in keyof B]: Served<B[P], Service> }
  : unknown;

type Able<Machine extends AnyStateMachine, Name extends string, Can extends Capability> = StateSchemaFrom<Machine> extends WithStates<infer S> ? ([BeyondAll<S, '', Name, Can>] extends [never] ? unknown : First<BeyondAll<S, '', Name, Can>>) : unknown;

/** A sentence for each thing that the states `S` need beyond `Can`; none where their names are not known. */
type BeyondAll<S, Before extends string, Name extends string, Can extends Capability> = string extends keyof S ? never : { [K in keyof S & string]: Beyond<`${Before}${K}`, S[K], Name, Can> }[keyof S & string];

type Beyond<State extends string, S, Name extends string, Can extends Capability> =
  | Cannot<State, Exclude<NeedsOf<S>, Can>, Name>
  | (S extends { readonly meta: { readonly call: { readonly '~runs'?: infer Within } } } ? BeyondAll<Within, '', Name, Can> : never)
  | BeyondAll<NestedIn<S>, `${State}.`, Name, Can>;

type Cannot<State extends string, Lacking extends Capability, Name extends string> = Lacking extends Capability ? Says<State, `the service \`${Name}\` cannot do \`${Lacking}\``> : never;

/** What the state `S` needs by itself, of its maker, of its handlers, and of actions by hand. */
type NeedsOf<S> = NeededBy<HandActions<S>> | (S extends { readonly meta: { readonly call: infer F } } ? NeededBy<MadeActions<F>> | (F extends { readonly '~needs'?: infer Needs } ? Extract<Needs, Capability> : never) : never);

/** What the actions `A` need, as far as they stand there as data. */
type NeededBy<A> = A extends (...args: never) => unknown ? never
  : A extends { readonly type: 'raw'; readonly params: { readonly service: infer Service extends string } } ? `raw:${Service}`
  : A extends { readonly type: infer T extends Exclude<CallActionType, 'raw'> } ? T | (A extends { readonly type: 'recognize'; readonly params: { readonly speech: true } } ? 'speech' : never) : never;
