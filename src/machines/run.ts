/**
 * Run — one XState actor of a call: events go in, and what it did comes out as data.
 *
 * Built on what XState documents: `createActor` with a snapshot, one `inspect` observer at the root, and a clock that never
 * fires. No effect leaves any other way. What it does not document is the short cut of {@link telling}, which can be done without.
 *
 * @module
 */
import { type AnyActor, type AnyActorRef, type AnyMachineSnapshot, type AnyStateMachine, createActor } from 'xstate';
import { CallError } from '../errors.ts';
import { issue } from './call-context.ts';
import { botFacts } from './bot-facts.ts';
import { actorAt, callOf, hasRegions, isActiveNode, isMachineSnapshot, livingActors, mayTake, parentOf, stateName, takesEvent } from './chart.ts';
import { hasEntries } from './json.ts';
import { type Effects, type Observer, observer } from './observe.ts';
import type { CallInput } from './service-event.ts';

/**
 * A call's actor. A host may keep one from step to step (`step`'s `live`), as long as every step that it was given to was
 * committed and had no error.
 */
export interface Run {
  readonly machine: AnyStateMachine;
  /** Gives `event` to the actor at `path`, or to the first above it that takes it; says whether one did. */
  deliver(path: string, event: { readonly type: string }): boolean;
  /** Gives `event` to the actor at `path` and to no other. */
  send(path: string, event: { readonly type: string }): void;
  /** How many microsteps there were so far: what is looked at now leads to the next. */
  passed(): number;
  /** What happened since the last call of this function. @throws what the author's code threw, or what `vet.ts` found. */
  effects(): Effects;
  /** Whether somebody from the actor at `path` up has a transition for `type`. */
  handles(path: string, type: string): boolean;
  /** Whether the state node `node` of the actor at `path` is active. */
  isActive(path: string, node: string): boolean;
  /** Whether the machine has reached its end. */
  done(): boolean;
  /** XState's persisted snapshot: JSON. */
  persisted(): unknown;
  /** The configuration, for people. */
  state(): string;
}

const stillClock = { setTimeout: (): number => 0, clearTimeout: (): void => {} };

/** Starts the call's machine, in its first state or in the state of `persisted`. @throws `ERR_RECORD_UNKNOWN` when the machine is not the one that was persisted; else nothing, since {@link Run.effects} does */
export const openRun = (machine: AnyStateMachine, input: CallInput, persisted?: unknown): Run => {
  const observed = observer(botFacts(machine) ?? { commands: [], reprompts: {}, language: 'en' });

  const made = (from: unknown): AnyActor => {
    const options = { id: machine.id, input, clock: stillClock as never, inspect: observed.inspect };
    if (from === undefined) return telling(createActor(machine, options), observed);
    const restored: AnyActor = telling(createActor(machine, { ...options, snapshot: from as never }), observed);
    const { status, error: cause } = restored.getSnapshot() as { readonly status: string; readonly error?: unknown };
    const state = stateName('', (from as { readonly value?: unknown }).value);
    if (status !== 'error') { // no call is kept in that status: XState could not find its way back
      const left = leftOut(from as Kept, restored);
      if (left === undefined) return restored;
      throw new CallError('ERR_RECORD_UNKNOWN', `the call waits in state \`${state}\` for \`${left}\`, which this version of the bot does not have`, { reason: 'version' });
    }
    throw new CallError('ERR_RECORD_UNKNOWN', `the call stands in state \`${state}\`, or in a dialog there, which this version of the bot does not have`, { reason: 'version' }, { cause });
  };

  const start = (from: unknown): AnyActor => {
    const actor = made(from);
    actor.subscribe({ error: observed.fail });
    actor.start();
    if (from === undefined) return actor;
    observed.restored();
    for (const { ref } of livingActors(actor)) {
      const call = callOf(ref.getSnapshot());
      if (typeof call === 'object') issue(call);
    }
    return actor;
  };

  let actor = start(persisted);
  let reopenFrom: unknown;

  /**
   * The actor. XState visits regions in the order in which they were entered, and after a restore in that of their names
   * in the snapshot: so that both ways give the same, an actor with regions is restored at every step, also a live one.
   */
  const root = (): AnyActor => {
    if (reopenFrom !== undefined) actor = start(reopenFrom);
    reopenFrom = undefined;
    return actor;
  };

  return {
    machine,
    deliver: (path, event) => {
      for (let at: string | undefined = path; at !== undefined && at !== ''; at = parentOf(at)) {
        const ref = actorAt(root(), at);
        if (ref === undefined || !takesEvent(ref, event)) continue;
        ref.send(event);
        return true;
      }
      const moves = observed.moves();
      root().send(event); // at the top nobody is left to ask: it takes the event or lets it pass
      return observed.moves() > moves;
    },
    send: (path, event) => actorAt(root(), path)?.send(event),
    passed: () => observed.passed(),
    effects: () => observed.effects(root()),
    handles: (path, type) => {
      for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) if (mayTake(actorAt(root(), at), type)) return true;
      return false;
    },
    isActive: (path, node) => isActiveNode(actorAt(root(), path), node),
    done: () => root().getSnapshot().status === 'done',
    persisted: () => {
      const snapshot: unknown = persistedOf(root());
      if (livingActors(actor).some(hasActiveRegions)) reopenFrom = snapshot;
      return snapshot;
    },
    state: () => stateName('', root().getSnapshot().value),
  };
};

/** An actor as it is kept, with what it runs. */
interface Kept {
  readonly children?: Readonly<Record<string, { readonly src: unknown; readonly snapshot: Kept }>>;
}

/**
 * What ran by `kept` and runs not by `restored`, as a task that was renamed: XState leaves out what it does not find, and the state would wait for
 * ever. Undefined where nothing is left out.
 */
const leftOut = ({ children = {} }: Kept, restored: AnyActorRef): string | undefined => {
  for (const id in children) {
    const child = children[id];
    if (child === undefined) continue;
    const ref = actorAt(restored, id);
    const left = ref === undefined ? String(child.src) : leftOut(child.snapshot, ref);
    if (left !== undefined) return left;
  }
  return undefined;
};

/** How the actors of one root tell what they do; none of XState's documented parts. */
interface TellingSystem {
  _sendInspectionEvent?: Observer['inspect'];
}

/**
 * `actor`, whose events `observed` gets as they are from now on. On the way to an `inspect` observer XState copies each and adds a field that nobody
 * reads here: a tenth of a step. An XState that tells on no other way than that loses nothing: the observer stays.
 */
const telling = (actor: AnyActor, observed: Observer): AnyActor => {
  const system = actor.system as unknown as TellingSystem;
  if (typeof system._sendInspectionEvent === 'function') system._sendInspectionEvent = observed.inspect;
  return actor;
};

/** Whether the plain way of {@link persistedOf} gives what XState gives, by machine and status: looked at once, since a later XState may keep more. */
const isPlain = { active: new WeakMap<AnyStateMachine, boolean>(), done: new WeakMap<AnyStateMachine, boolean>() };

/**
 * XState's persisted snapshot. The one of an actor without children and histories holds nothing that has to be worked out,
 * and to put it together costs a fortieth of what XState's general way does (1.8 µs, at every event of every call).
 */
const persistedOf = (actor: AnyActor): unknown => {
  const { machine, status, output, value, historyValue, context, children } = actor.getSnapshot() as AnyMachineSnapshot;
  if ((status !== 'active' && status !== 'done') || hasEntries(children) || hasEntries(historyValue as object)) return actor.getPersistedSnapshot();
  const known = isPlain[status].get(machine);
  if (known === false) return actor.getPersistedSnapshot();
  const plain = { status, output: output as unknown, error: undefined, value, historyValue: {}, context, children: {} };
  if (known === true) return plain;
  const theirs: unknown = actor.getPersistedSnapshot();
  isPlain[status].set(machine, JSON.stringify(plain) === JSON.stringify(theirs));
  return theirs;
};

const hasActiveRegions = ({ ref }: { readonly ref: AnyActorRef }): boolean => {
  const snapshot: unknown = ref.getSnapshot();
  return isMachineSnapshot(snapshot) && hasRegions(snapshot.value);
};
