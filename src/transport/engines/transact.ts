/**
 * Transact — one event into one call: load → step → encode → commit, and again until a commit is won. What the service is
 * still to be told (`outbox.ts`) goes through the same commit.
 *
 * Nobody owns a call: whoever wins the commit made that step, and a loser reads again and decides again (pure, cheap). Where
 * a warm call (`warm-calls.ts`) would answer that there is nothing to do, the store is asked whether another process has gone
 * on with it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError, isCallError } from '../../errors.ts';
import { abandon, type CallSnapshot, isSecret, sealEvent, step, type StepEvent, type StepResult } from '../../machines/index.ts';
import { type CallRecord, hasSeen, replyTo } from '../record.ts';
import type { GoingOn } from '../versions.ts';
import { attention, type AttentionOptions } from './attention.ts';
import { type Decided, type Decider, decider, type DeciderOptions } from './decide.ts';
import { answeredAlready, replyDue, settled, type Settled, type Taking } from './happening.ts';
import type { Holder } from './heartbeat.ts';
import { leasesFor, takenOver } from './leases.ts';
import { afterNote, afterStep, isUnseen } from './next-record.ts';
import { farewell } from './quarantine.ts';
import { owesApology, type SetAsideOptions, settingAside, type Unknown } from './set-aside.ts';
import { type Known, type Looked, readStored, warmCalls } from './warm-calls.ts';

export interface TransactOptions extends AttentionOptions, DeciderOptions, SetAsideOptions {
  /** How many calls are kept as live actors. Default 1,000; 0 keeps none. */
  readonly liveCalls?: number;
}

/** What became of an event. `record` is the call as it is now on record. `noted`: the bot has no part in it. */
export type Taken =
  | CommittedStep
  | { readonly kind: 'noted'; readonly record: CallRecord; readonly dueAt: number | undefined }
  | { readonly kind: 'repeated' | 'ignored'; readonly record: CallRecord };

/** A step that counts. */
export interface CommittedStep {
  readonly kind: 'committed';
  readonly record: CallRecord;
  readonly machine: AnyStateMachine;
  readonly commit: Committed;
}

/** What a step was, and what came of it. */
export interface Committed {
  /** What was taken: with its secrets sealed. */
  readonly event: StepEvent;
  readonly before: CallRecord | undefined;
  readonly result: StepResult;
  /** Why the bot's batch did not go out, the last word last. */
  readonly failures: readonly CallError[];
  /** How many of these are batches that the service does not take. */
  readonly refused: number;
  /** When the call wants attention next. */
  readonly dueAt: number | undefined;
  /** Why nobody can go on with the call: it was kept aside, and this is the beginning of its end. */
  readonly lost?: CallError<'ERR_RECORD_UNKNOWN'>;
}

/** A step that is decided on, of the call that is kept as `key` and was committed `revision` times. */
interface Step extends Pick<Committed, 'event' | 'before' | 'lost'>, Pick<CommittedStep, 'machine'>, Pick<Taking, 'request'> {
  readonly key: string;
  readonly revision: number;
  readonly decided: Decided;
  readonly chain: string | undefined;
}

const mostAttempts = 8;

/** Where nobody else is. */
const here: Holder = { name: () => 'here', show: () => undefined };

export interface Transactor extends Pick<Decider, 'contextOf'> {
  /** @throws `ERR_CALL_UNKNOWN`, `ERR_CALL_CONFLICT`, `ERR_CALL_ELSEWHERE`, `ERR_STORE_UNAVAILABLE`, `ERR_ROUTE_UNKNOWN`; the call is then as it was. */
  transact(taking: Taking): Promise<Taken>;
  /** The call as it is on record, without an event. @throws `ERR_RECORD_UNKNOWN` for one that nobody here can go on with */
  look(callId: string): Promise<Looked | undefined>;
  /** The call as it is on record, whoever can go on with it; undefined where its revision still is `known`. @throws `ERR_RECORD_UNKNOWN` for one that is damaged */
  changed(callId: string, known: number): Promise<Looked | undefined>;
  /** The call as it was last committed or loaded here, while it is kept warm and nobody works on it. */
  warmed(callId: string): CallRecord | undefined;
  /** Whether there is a record of the call, whatever is in it. */
  isKept(callId: string): Promise<boolean>;
  /**
   * Takes up for this process the work of the call that `isFree` by the name of who holds it, if nobody has committed since it was
   * looked at; keeps what is its own a while longer. Undefined where somebody has.
   */
  lease(callId: string, looked: Looked, isFree: (holder: string) => boolean, at: number): Promise<Looked | undefined>;
  /** What the keys of all calls of the service begin with; the id of the call follows. */
  readonly prefix: string;
  /** The id of the call that is kept as `key`; undefined for one of another service. */
  callOf(key: string): string | undefined;
}

/** Makes the one that writes calls; what they have to do is done by `holder`. It relies on being asked for one thing a call at a time. */
export const transactor = (options: TransactOptions, holder: Holder = here): Transactor => {
  const { store, bots, service, liveCalls = 1_000, secrets } = options;
  const warm = warmCalls(liveCalls);
  const { decide, contextOf } = decider(options);
  const { stored } = attention(options);
  const setAside = settingAside(options, decide);
  const prefix = `${service.name}:`;

  /** Undefined where what was known of the call is not what is on record: then it is read again. */
  const attempt = async (taking: Taking, isFirst: boolean): Promise<Taken | undefined> => {
    const { callId, event: happened, request: asked, arrival } = taking;
    const key = prefix + callId;
    const cached = isFirst ? warm.take(key) : undefined;
    const found = cached === undefined ? await store.load(key) : undefined;
    const known = cached ?? (found && unlessUnknown(() => readStored(found)));
    if (isCallError(known)) return found && end(taking, { key, found, error: known, record: undefined });
    const before = known?.record;

    // Two processes may hold the same request. What one of them has answered is not answered by the other with something else.
    const isUnanswered = asked === undefined || arrival !== undefined || (before !== undefined && replyTo(before, asked) === null);
    if (known !== undefined) {
      if (!isUnanswered && happened.type === 'reply.due') return untouched(key, known, 'ignored');
      // Whoever asked for the end wrote it into the store; and if it is not there, another process has taken it up.
      if (happened.type === 'end.asked' && known.record.endAsked === undefined) return cached === undefined ? untouched(key, known, 'ignored') : undefined;
      if (arrival !== undefined && asked !== undefined && hasSeen(known.record, asked)) {
        const owes = replyTo(known.record, asked) === null;
        if (cached !== undefined && owes && !(await isCurrent(key, cached))) return undefined;
        if (!owes || !isCallError(takerOf(known.record))) return untouched(key, known, 'repeated'); // else nobody here ever has what it waits for
      }
    }

    const going = before && takerOf(before);
    if (isCallError(going)) return found && end(taking, { key, found, error: going, record: before }); // one that was warm is read again first
    const request = isUnanswered ? asked : undefined;
    const told = isUnanswered ? happened : answeredAlready(happened, service);
    const what = settled(before, owesApology(before, told, request) ? replyDue(told.at) : told, arrival?.memory, service);
    if (what.event === undefined) return note(key, known ?? unknownCall(), what, request, told.at);

    const machine = going?.machine ?? arrival?.bot() ?? unknownCall();
    const snapshot = going?.snapshot;
    const event = sealed(machine, snapshot, what.event);
    const run = known?.run?.machine === machine ? known.run : warm.actorOf(machine, snapshot, event);
    const first = (): StepResult => (what.poison === undefined || snapshot === undefined ? step(machine, snapshot, event, run) : abandon(machine, snapshot, event, what.poison));
    const decided = decide({ machine, before: snapshot, event, settled: what, first, request, isHeard: arrival !== undefined });
    if (decided.result.ignored) {
      if (known === undefined) return unknownCall();
      if (cached !== undefined && !isUnseen(known.record, request) && !(await isCurrent(key, cached))) return undefined; // else the commit tells
      return note(key, { ...known, run }, what, request, told.at);
    }
    const revision = known?.revision ?? 0;
    const taken = await commit({ key, revision, before, machine, event, decided, request, chain: arrival?.chain });
    if (taken !== undefined) warm.keep(key, { revision: revision + 1, record: taken.record, run: decided.failures.length === 0 ? run : undefined });
    return taken;
  };

  /** Commits a step; undefined where somebody else was faster. */
  const commit = async ({ key, revision, before, machine, event, decided, request, chain, lost }: Step): Promise<CommittedStep | undefined> => {
    const { result, failures, refused, outbox } = decided;
    const leasedBy = await leasesFor(before, { tasks: result.snapshot.tasks, outbox }, holder);
    const record = afterStep(before, event, decided, { leasedBy, request, chain });
    const kept = stored(record, revision + 1, event.at);
    if (!(await store.commit(key, revision, kept))) return undefined;
    return { kind: 'committed', record, machine, commit: { event, before, result, failures, refused, dueAt: kept.dueAt, ...(lost !== undefined && { lost }) } };
  };

  /** Begins the end of a call that nobody here can go on with; undefined where somebody else was faster. */
  const end = async (taking: Taking, unknown: Unknown): Promise<Taken | undefined> => {
    const { key, found: { revision }, error } = unknown;
    const ending = await setAside(taking, unknown);
    return commit({ ...ending, key, revision, machine: farewell, request: taking.request, chain: taking.arrival?.chain, lost: error });
  };

  /**
   * Keeps what has changed of a call in which its bot had no part; undefined where somebody else was faster. A request is remembered
   * though nothing comes of it: its late repetition might else be taken. What is told of a call that is over is a late fact.
   */
  const note = async (key: string, known: Known, { outbox, memory }: Settled, request: string | undefined, at: number): Promise<Taken | undefined> => {
    const { record: before, revision, run } = known;
    const isNew = isUnseen(before, request);
    const isIgnored = outbox === before.outbox && memory === before.memory && !(isNew && before.snapshot.ended !== null);
    if (isIgnored && !isNew) return untouched(key, known, 'ignored');
    const leasedBy = await leasesFor(before, { tasks: before.snapshot.tasks, outbox }, holder);
    const record = afterNote(before, { outbox, memory }, leasedBy, request, at);
    const kept = stored(record, revision + 1, at);
    if (!(await store.commit(key, revision, kept))) return undefined;
    warm.keep(key, { revision: revision + 1, record, run });
    return isIgnored ? { kind: 'ignored', record } : { kind: 'noted', record, dueAt: kept.dueAt };
  };

  /** Nothing comes of it. */
  const untouched = (key: string, known: Known, kind: 'repeated' | 'ignored'): Taken => {
    warm.keep(key, known);
    return { kind, record: known.record };
  };

  const isCurrent = async (key: string, { revision }: Known): Promise<boolean> => (await store.load(key))?.revision === revision;

  /** What takes the next event of the call, or why nobody here can. */
  const takerOf = ({ snapshot, quarantined }: CallRecord): GoingOn | CallError<'ERR_RECORD_UNKNOWN'> =>
    quarantined !== undefined || (snapshot.ended !== null && snapshot.tasks.length === 0) ? { machine: farewell, snapshot } : unlessUnknown(() => bots.goesOn(snapshot));

  /** `event` with its secrets sealed, where the bot asks for some. */
  const sealed = (machine: AnyStateMachine, snapshot: CallSnapshot | undefined, event: StepEvent): StepEvent =>
    secrets !== undefined && (bots.confidential.has(machine) || (snapshot !== undefined && isSecret(snapshot))) ? sealEvent(event, snapshot, secrets.seal) : event;

  return {
    prefix,
    contextOf,
    transact: async (taking) => {
      for (let tried = 0; tried < mostAttempts; tried += 1) {
        const taken = await attempt(taking, tried === 0);
        if (taken !== undefined) return taken;
      }
      throw new CallError('ERR_CALL_CONFLICT', 'other writers kept winning the commit', { attempts: mostAttempts });
    },

    look: async (callId) => {
      const found = await store.load(prefix + callId);
      const looked = found && readStored(found);
      const going = looked && takerOf(looked.record);
      if (isCallError(going)) throw going;
      return looked;
    },

    changed: async (callId, known) => {
      const found = await store.load(prefix + callId);
      return found === undefined || found.revision === known ? undefined : readStored(found);
    },

    warmed: (callId) => warm.of(prefix + callId),

    isKept: async (callId) => (await store.load(prefix + callId)) !== undefined,

    lease: async (callId, { revision, record: before }, isFree, at) => {
      const key = prefix + callId;
      const leasedBy = await takenOver(before, { tasks: before.snapshot.tasks, outbox: before.outbox }, isFree, holder);
      const record: CallRecord = { ...before, leasedBy };
      const cached = warm.take(key);
      const kept = stored(record, revision + 1, at);
      if (!(await store.commit(key, revision, kept))) return undefined;
      warm.keep(key, { revision: revision + 1, record, run: cached?.revision === revision ? cached.run : undefined });
      return { revision: revision + 1, record, dueAt: kept.dueAt };
    },

    callOf: (key) => (key.startsWith(prefix) ? key.slice(prefix.length) : undefined),
  };
};

/** What `work` gives, or why nobody here can go on with the call. */
const unlessUnknown = <T>(work: () => T): T | CallError<'ERR_RECORD_UNKNOWN'> => {
  try {
    return work();
  } catch (error) {
    if (isCallError(error) && error.code === 'ERR_RECORD_UNKNOWN') return error as CallError<'ERR_RECORD_UNKNOWN'>;
    throw error;
  }
};

export const unknownCall = (): never => {
  throw new CallError('ERR_CALL_UNKNOWN', 'this call is not on record', {});
};
