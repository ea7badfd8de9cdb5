/**
 * Observe — what XState tells while a call's actors run, gathered: what they asked for, the timers they set, how they
 * moved; and the first thing that went wrong.
 *
 * One `inspect` observer at the root sees the actions of every child, in the order in which they are executed.
 *
 * @module
 */
import type { AnyActorRef, AnyMachineSnapshot, InspectionEvent, StateValue } from 'xstate';
import { type AskedAction, callActions, isQuestion } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import { byCall, unknownCall } from './call-context.ts';
import type { BotFacts } from './bot-facts.ts';
import { isMachine } from './naming.ts';
import { original } from './noted.ts';
import { askingNode, callOf, hasRegions, isMachineSnapshot, type LivingActor, livingActors, logicOf, namesEvent, pathOf, stateName } from './chart.ts';
import { offering } from './commands.ts';
import { spoken } from './default-texts.ts';
import type { Asking } from './snapshot.ts';
import { defaultReprompt } from './states/question.ts';
import { tapered } from './taper.ts';
import { transitionIds } from './transition-ids.ts';
import { type Histories, type Way, withoutConflicts } from './ways.ts';
import { inLanguage } from './words.ts';
import { unsupported, vetActor, vetAsking, vetJson } from './vet.ts';

/** A delayed event that was set, or one that was taken back (`event` undefined). */
export interface TimerChange {
  readonly path: string;
  readonly id: string;
  readonly event: { readonly type: string } | undefined;
  readonly delayMs: number;
}

/** One microstep of one actor: what it was given, the transitions that it took for that, and where it stood then. */
export interface Move {
  /** Path of the actor: '' is the bot itself. */
  readonly path: string;
  /** Id of its machine. */
  readonly machine: string;
  /** Type of the event. A transition without an event follows from the one before it, and has its type. */
  readonly event: string;
  /** Ids of the transitions (`transition-ids.ts`): several in regions, none where an actor begins or lets an event pass. */
  readonly transitions: readonly string[];
  /** The active states, as XState has them. */
  readonly value: StateValue;
  /** How often the question at hand was asked by then; 0 where none was yet. */
  readonly asked: number;
}

/** What the actors did since this was last asked. */
export interface Effects {
  readonly asked: readonly Asking[];
  readonly timers: readonly TimerChange[];
  /** Paths of the actors that began. */
  readonly begun: ReadonlySet<string>;
  /** All that moved, in order. */
  readonly moves: readonly Move[];
  /** Every actor that lives on, parents first. */
  readonly living: readonly LivingActor[];
}

/** An observer of one call's actors. */
export interface Observer {
  inspect(event: InspectionEvent): void;
  fail(error: unknown): void;
  /** Actors were restored: none of them began. */
  restored(): void;
  /** How many transitions were taken so far. */
  moves(): number;
  /** How many microsteps there were so far. */
  passed(): number;
  /** @throws the first thing that went wrong, now or before. */
  effects(root: AnyActorRef): Effects;
}

/** Two actors that wake each other for ever escape XState's own `maxIterations`, which counts within one of them. */
const mostMicrosteps = 2_000;

/** Makes an observer of a call of the bot that `facts` are of. */
export const observer = ({ commands, commandsIn, reprompts, language }: Pick<BotFacts, 'commands' | 'commandsIn' | 'reprompts' | 'language'>): Observer => {
  let asked: Asking[] = [];
  let timers: TimerChange[] = [];
  let begun = new Set<string>();
  let moved: Move[] = [];
  /** Where each actor stood last that was in regions: out of others there is one way alone. */
  const stood = new WeakMap<AnyActorRef, AnyMachineSnapshot>();
  let moves = 0;
  let passed = 0;
  /** Places in `asked` whose state is not known before the microstep ends. */
  let unplaced: { readonly ref: AnyActorRef; readonly index: number }[] = [];
  let failure: { readonly error: unknown } | undefined;

  const fail = (error: unknown): void => {
    failure ??= { error: original(error) };
  };
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };

  const begins = (ref: AnyActorRef): void => {
    const error = unsupported(ref);
    if (error !== undefined) {
      fail(error);
      throw error; // into XState, before the actor starts its work
    }
    const path = pathOf(ref);
    begun.add(path);
    timers = timers.filter((timer) => timer.path !== path); // of the one that was there before it
  };

  const acts = (ref: AnyActorRef, type: string, params: unknown): void => {
    if (Object.hasOwn(callActions, type)) {
      if (params === undefined) return; // a function of the author's that is called like an action of ours
      unplaced.push({ ref, index: asked.length });
      asked.push({ action: { type, params } as AskedAction, path: pathOf(ref), state: '', node: null });
    } else if (type === 'xstate.cancel') {
      timers.push({ path: pathOf(ref), id: (params as { readonly sendId: string }).sendId, event: undefined, delayMs: 0 });
    } else if (type === 'xstate.raise' || type === 'xstate.sendTo') {
      delays(ref, type, params as { readonly id?: string; readonly event: { readonly type: string }; readonly delay?: number });
    }
  };

  const delays = (ref: AnyActorRef, type: string, { id, event, delay }: { readonly id?: string; readonly event: { readonly type: string }; readonly delay?: number }): void => {
    if (delay === undefined) return;
    const path = pathOf(ref);
    if (type === 'xstate.sendTo') fail(new CallError('ERR_ACTOR_UNSUPPORTED', 'a delayed event to another actor is lost when the process dies; use `after`', { actor: 'sendTo', state: path }));
    attempt(() => vetJson({ delay, event }, 'raise', path));
    timers.push({ path, id: id ?? event.type, event, delayMs: delay });
  };

  const passes = (ref: AnyActorRef, snapshot: AnyMachineSnapshot, { type }: { readonly type: string }, taken: readonly object[]): void => {
    passed += 1;
    if (moved.length >= mostMicrosteps) throw new Error(`the machine did not come to rest within ${mostMicrosteps} microsteps`); // into XState, which ends the actor
    const { machine, value } = snapshot;
    const path = pathOf(ref);
    moved.push({ path, machine: machine.id, event: type, transitions: transitionIds(machine, taken.length < 2 ? taken : takenFrom(stood.get(ref) ?? (ref.getSnapshot() as AnyMachineSnapshot), taken)), value, asked: askingsIn(snapshot) });
    if (hasRegions(value)) stood.set(ref, snapshot);
    if (taken.length === 0) return;
    moves += 1;
    place(ref, snapshot, path);
  };

  const place = (ref: AnyActorRef, snapshot: AnyMachineSnapshot, path: string): void => {
    if (unplaced.length === 0) return;
    const state = stateName(path, snapshot.value);
    unplaced = unplaced.filter(({ ref: asker, index }) => {
      const one = asked[index];
      if (asker !== ref || one === undefined) return true;
      const { action } = one;
      attempt(() => vetAsking({ ...one, state }));
      const data = callOf(snapshot);
      const call = data ?? unknownCall;
      attempt(() => { // a bot's own texts may be computed
        const speaks = spoken(language, call);
        const worded = inLanguage(tapered(action, data?.asked, (cause) => byCall(reprompts[cause], call) ?? defaultReprompt(cause, speaks)), speaks);
        const byHand = isHandWritten(action);
        const offered = offering(worded, commandsIn === undefined ? commands : commandsIn(call), !byHand);
        asked[index] = { ...one, state, node: byHand ? null : askingNode(snapshot, action.type), action: offered };
      });
      return false;
    });
  };

  /** How a dialog ended. One that failed is the author's code failing, even where a wildcard would take the event. */
  const hears = (ref: AnyActorRef, source: AnyActorRef | undefined, event: { readonly type: string; readonly output?: unknown; readonly error?: unknown }): void => {
    if (source === undefined || !isMachine(logicOf(source))) return;
    if (event.type.startsWith('xstate.done.actor.') && event.output !== undefined) attempt(() => vetJson(event.output, 'output', pathOf(source)));
    if (event.type.startsWith('xstate.error.actor.') && !namesEvent(ref, event)) fail(event.error);
  };

  return {
    inspect: (event) => {
      const ref = event.actorRef as AnyActorRef;
      if (event.type === '@xstate.actor') begins(ref);
      else if (event.type === '@xstate.action') acts(ref, event.action.type, event.action.params);
      else if (event.type === '@xstate.microstep') passes(ref, event.snapshot as AnyMachineSnapshot, event.event, event._transitions);
      else if (event.type === '@xstate.event') hears(ref, event.sourceRef as AnyActorRef | undefined, event.event);
    },
    fail,
    restored: () => begun.clear(),
    moves: () => moves,
    passed: () => passed,
    effects: (root) => {
      for (const { ref } of unplaced) {
        const snapshot: unknown = ref.getSnapshot();
        if (isMachineSnapshot(snapshot)) place(ref, snapshot, pathOf(ref));
      }
      const living = livingActors(root);
      if (failure === undefined) attempt(() => { for (const { ref } of living) vetActor(ref); });
      if (failure !== undefined) throw failure.error;
      const effects: Effects = { asked, timers, begun, moves: moved, living };
      asked = [];
      timers = [];
      if (begun.size > 0) begun = new Set();
      moved = [];
      return effects;
    },
  };
};

/** The states that `moves` came through, in order. */
export const trailOf = (moves: readonly Move[]): readonly string[] => {
  const states: string[] = [];
  for (const { path, transitions, value } of moves) {
    const state = transitions.length === 0 ? undefined : stateName(path, value);
    if (state !== undefined && state !== states.at(-1)) states.push(state);
  }
  return states;
};

/** How often the question at hand was asked. What stands there may be the author's by mistake, which is refused when the chart rests. */
const askingsIn = (snapshot: AnyMachineSnapshot): number => {
  const attempts: unknown = (callOf(snapshot) as { readonly asked?: { readonly attempts?: unknown } } | null | undefined)?.asked?.attempts;
  return typeof attempts === 'number' ? attempts : 0;
};

/** Those of `told` that are taken where a machine stands as in `before`: of two that are at odds, XState tells both. */
const takenFrom = ({ _nodes, historyValue }: AnyMachineSnapshot, told: readonly object[]): readonly object[] => withoutConflicts(told as readonly Way[], _nodes, historyValue as Histories);

/** A question of a maker's always has reprompts. */
const isHandWritten = ({ type, params }: AskedAction): boolean => isQuestion(type) && !('reprompts' in params);
