/**
 * Supposing — a call machine whose guards hold or not as somebody says, and which is the same machine in everything else.
 *
 * Guards of the author's are answered by an oracle: functions, wherever they stand, also in XState's `and`, `or` and `not`, and also
 * in the dialogs that the machine runs. Those of the framework, which know how often a question was asked, are its own still.
 *
 * @module
 */
import { type AnyStateMachine, StateMachine } from 'xstate';
import { authorTexts } from '../authored.ts';
import { isMachine } from '../naming.ts';
import { behind, original } from '../noted.ts';
import { type Transition, transitions } from '../state-config.ts';

/** What a guard is asked about. */
export interface Asked {
  readonly context: unknown;
  readonly event: unknown;
}

/** Says whether the guard called `guard` holds; `evaluate` gives what it says itself, about what it is asked or about something else, or throws what it throws. */
export type Oracle = (guard: string, evaluate: (about?: Asked) => boolean, asked: Asked) => boolean;

/** What somebody who looks on sees of the machine, beside what every inspector sees. */
export interface Onlooker {
  /** The state `state` of the machine `machine` is entered. */
  readonly entered?: (machine: string, state: string) => void;
  /** Calls end, or are refused, because a state says so: with these parameters. */
  readonly closing?: (params: object) => void;
}

/**
 * `machine` with its author's guards answered by `oracle`. A function that stands in several places is one guard, called by the
 * first of them; {@link guardPlaces} has them all.
 */
export const supposing = (machine: AnyStateMachine, oracle: Oracle, onlooker: Onlooker = {}): AnyStateMachine => {
  const names = naming();
  const supposed = (place: string, known: unknown, evaluate: Guard): Guard => {
    const name = names(place, known);
    return (args, params) => oracle(name, (about = args) => evaluate(about, params), args);
  };
  return copied(machine, supposed, onlooker);
};

/** The places of the author's guards in `machine`, and the name of the guard that stands there: that of its first place. */
export const guardPlaces = (machine: AnyStateMachine): ReadonlyMap<string, string> => {
  const names = naming();
  const places = new Map<string, string>();
  copied(machine, (place, known, evaluate) => {
    places.set(place, names(place, known));
    return evaluate;
  }, {});
  return places;
};

/** The source of the author's guards in `machine`, by place: what he wrote, and not what was put around it. One that is given parameters is more than its source, and is not among them. */
export const guardTexts = (machine: AnyStateMachine): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>();
  copied(machine, (place, known, evaluate) => {
    if (typeof known === 'function') texts.set(place, authorTexts(known).join('\n'));
    return evaluate;
  }, {});
  return texts;
};

/**
 * `machine` in which a transition whose guard has parts of the author's is taken if `holds` says so of its id (`transition-ids.ts`), whatever they say. They are
 * asked all the same, for those who watch what they do.
 */
export const deciding = (machine: AnyStateMachine, holds: (transition: string) => boolean): AnyStateMachine =>
  copiedWith(machine, (owner, guard, place) => {
    const parts: Guard[] = [];
    const same = guardOf(owner, guard, place, (_place, _known, evaluate) => {
      parts.push(evaluate);
      return evaluate;
    });
    if (parts.length === 0) return same;
    return (args: Asked, params: unknown): boolean => {
      for (const part of parts) {
        try {
          part(args, params);
        } catch (error) {
          original(error); // and nothing more comes of it
        }
      }
      return holds(place);
    };
  }, {});

type Guard = (args: Asked, params: unknown) => boolean;

/** What takes the place of the guard at `place`. `known` is the same wherever the same guard stands. */
type Exchange = (place: string, known: unknown, evaluate: Guard) => Guard;

const naming = (): ((place: string, known: unknown) => string) => {
  const names = new Map<unknown, string>();
  return (place, known) => {
    const name = names.get(known) ?? place;
    names.set(known, name);
    return name;
  };
};

// ---- copies ----

/** A machine's config, or a state's, looked at without its types. */
interface Loose {
  readonly [property: string]: unknown;
  readonly states?: Readonly<Record<string, Loose>>;
}

const copied = (machine: AnyStateMachine, exchange: Exchange, onlooker: Onlooker): AnyStateMachine => copiedWith(machine, (owner, guard, place) => guardOf(owner, guard, place, exchange), onlooker);

/** What takes the place of the guard `guard`, which stands at `place` in `machine`. */
type Regard = (machine: AnyStateMachine, guard: unknown, place: string) => unknown;

const copiedWith = (machine: AnyStateMachine, regard: Regard, onlooker: Onlooker): AnyStateMachine => {
  const copies = new Map<AnyStateMachine, AnyStateMachine>();
  const copy = (original: AnyStateMachine): AnyStateMachine => {
    const known = copies.get(original);
    if (known !== undefined) return known;
    const { actors, actions } = original.implementations as { readonly actors: Loose; readonly actions: Loose };
    const config = stateOf(original, original.config as unknown as Loose, '', regard, onlooker);
    const made = new StateMachine(config as never, { ...original.implementations, actions: { ...actions, ...closings(onlooker) } as never, actors: each(actors, (actor) => (isMachine(actor) ? copy(actor) : actor)) as never });
    copies.set(original, made);
    return made;
  };
  return copy(machine);
};

const stateOf = (machine: AnyStateMachine, state: Loose, path: string, regard: Regard, onlooker: Onlooker): Loose => {
  const { entered } = onlooker;
  const place = path === '' ? machine.id : `${machine.id}.${path}`;
  const again = (handler: unknown, descriptor: string, from = 0): unknown => handlerOf(handler, (guard, index) => regard(machine, guard, `${place} ${descriptor} ${from + index + 1}`));
  const all = (handlers: unknown, prefix: string): Loose => each(handlers as Loose, (handler, name) => again(handler, `${prefix}${name}`));
  return {
    ...state,
    ...(entered !== undefined && path !== '' && state['type'] !== 'history' && { entry: [...list(state['entry']), () => entered(machine.id, path)] }),
    ...('on' in state && { on: all(state['on'], '') }),
    ...('always' in state && { always: again(state['always'], 'always') }),
    ...('after' in state && { after: all(state['after'], 'after.') }),
    ...('onDone' in state && { onDone: again(state['onDone'], 'onDone') }),
    ...('invoke' in state && { invoke: invokesOf(list(state['invoke']) as readonly Loose[], again) }),
    ...(state.states !== undefined && { states: each(state.states, (child, name) => stateOf(machine, child as Loose, path === '' ? name : `${path}.${name}`, regard, onlooker)) as Readonly<Record<string, Loose>> }),
  };
};

/** What a state runs; where that is several actors, their transitions are counted on. */
const invokesOf = (invokes: readonly Loose[], again: (handler: unknown, descriptor: string, from: number) => unknown): readonly Loose[] => {
  const counts = { onDone: 0, onError: 0 };
  const counted = (handler: unknown, end: keyof typeof counts): unknown => {
    const from = counts[end];
    counts[end] += transitions(handler).length;
    return again(handler, `invoke.${end}`, from);
  };
  return invokes.map((invoke) => ({
    ...invoke, ...('onDone' in invoke && { onDone: counted(invoke['onDone'], 'onDone') }), ...('onError' in invoke && { onError: counted(invoke['onError'], 'onError') }),
  }));
};

const handlerOf = (handler: unknown, exchanged: (guard: unknown, index: number) => unknown): unknown => {
  const steps = transitions(handler);
  if (steps.every(({ guard }) => guard === undefined)) return handler;
  return steps.map((step, index): Transition => (step.guard === undefined ? step : { ...step, guard: exchanged(step.guard, index) }));
};

// ---- guards ----

/** XState's own guards out of guards: `and`, `or`, `not`. */
interface Composed {
  readonly check: unknown;
  readonly guards: readonly unknown[];
}

const guardOf = (machine: AnyStateMachine, guard: unknown, place: string, exchange: Exchange): unknown => {
  if (isComposed(guard)) return Object.assign(unreachable(), { check: guard.check, guards: guard.guards.map((one, index) => guardOf(machine, one, `${place}.${index + 1}`, exchange)) });
  if (typeof guard === 'function') return 'check' in guard ? guard : exchange(place, behind(guard), guard as Guard);
  const { type, params } = (typeof guard === 'string' ? { type: guard } : guard) as { readonly type: string; readonly params?: unknown };
  const named: unknown = type.startsWith('call.') ? undefined : (machine.implementations.guards as Loose)[type]; // of a machine that XState itself made
  if (named === undefined) return guard;
  if (typeof named !== 'function' || 'check' in named) return guardOf(machine, named, place, exchange);
  const given = (args: Asked): unknown => (typeof params === 'function' ? (params as (args: Asked) => unknown)(args) : params);
  return exchange(place, params === undefined ? named : {}, (args) => (named as unknown as Guard)(args, given(args)));
};

const isComposed = (guard: unknown): guard is Composed => typeof guard === 'function' && 'check' in guard && Array.isArray((guard as unknown as Composed).guards);

const unreachable = () => (): never => {
  throw new Error('XState asks `check` instead');
};

// ---- actions ----

/** Actions that end a call, which tell the onlooker. XState carries out nothing else for them, and nothing for the others. */
const closings = ({ closing }: Onlooker): Readonly<Record<string, unknown>> =>
  closing === undefined ? {} : Object.fromEntries(['hangup', 'reject'].map((type) => [type, (_: unknown, params: object | undefined) => { if (params !== undefined) closing(params); }]));

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const each = (some: Loose, made: (one: unknown, name: string) => unknown): Loose => Object.fromEntries(Object.entries(some).map(([name, one]) => [name, made(one, name)]));
