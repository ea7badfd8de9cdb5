/**
 * Transact — one event into one call: load → step → encode → commit, and again until a commit is won. What the service is
 * still to be told (`outbox.ts`) goes through the same commit.
 *
 * Nobody owns a call: whoever wins the commit made that step, and a loser reads again and decides again (pure, cheap).
 *
 * Recent calls are kept warm, with their live actors: a bounded cache and never the truth. A call is not in the cache while
 * it is worked on and comes back as it was committed, so nobody ever meets an actor whose step was not. And where a warm
 * call would answer that there is nothing to do, the store is asked whether another process has gone on with it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Batch } from '../../actions/index.ts';
import { CallError, isCallError } from '../../errors.ts';
import { abandon, type CallSnapshot, giveUp, isSecret, openRun, type PendingTask, type Run, sealEvent, step, type StepEvent, type StepResult } from '../../machines/index.ts';
import type { Bots } from '../bots.ts';
import { timesAskedAgain } from '../detail.ts';
import { answered, heard, onItsWay, type Outbox, overdue, overdueAt, remembered, replaced, toSend } from '../outbox.ts';
import { type CallRecord, hasSeen, type Leases, noLeases, nothing, readRecord, replyTo, unasked, withReply, writeRecord } from '../record.ts';
import type { Secrets } from '../secrets.ts';
import { type CallService, canTell, type CommandContext, type Sent, type ServiceMemory } from '../service.ts';
import type { Holder } from './heartbeat.ts';
import type { GoingOn, VersionsOptions } from '../versions.ts';
import { farewell, isEnd, keepAside, lastEvent, remains } from './quarantine.ts';
import type { CallStore, StoredRecord } from './store.ts';

export interface TransactOptions extends Pick<VersionsOptions, 'unknownVersions'> {
  readonly store: CallStore;
  readonly bots: Bots;
  readonly service: CallService;
  /** How long a finished call is remembered after it was last heard of, ms: at least 30 s, so that what is told late of it is taken for what it is. Default 1 h. */
  readonly tombstoneMs?: number;
  /** How long a record that nobody can go on with is kept aside, ms. Default 30 days. */
  readonly quarantineMs?: number;
  /** A call of which nothing was heard for this long is over: the service lost it. ms. Default 24 h. */
  readonly silentCallMs?: number;
  /** How many calls are kept as live actors. Default 1,000; 0 keeps none. */
  readonly liveCalls?: number;
  /** Without them no bot may ask for a secret. */
  readonly secrets?: Secrets | undefined;
}

/** What can happen to a call that is kept: to its bot, or to what the service is still to be told. */
export type Happening =
  | StepEvent
  /** How it went with the command `id`. */
  | { readonly type: 'sent'; readonly at: number; readonly id: string; readonly sent: Sent }
  /** The service has told nothing of a command for too long. */
  | { readonly type: 'overdue'; readonly at: number }
  /** The call was looked at, and nobody here can go on with it. */
  | { readonly type: 'unread'; readonly at: number };

/** What is to be taken, and what for. */
export interface Taking {
  readonly callId: string;
  readonly event: Happening;
  /** Hash of the id of the request that a reply would go to. */
  readonly request: string | undefined;
  /** Given when that request brings the event: it is then taken once, and may begin a call. */
  readonly arrival?: { readonly bot: () => AnyStateMachine; readonly chain: string | undefined; readonly memory: ServiceMemory | undefined };
}

/** What became of an event. `record` is the call as it is now on record. `noted`: the bot has no part in it. */
export type Taken =
  | { readonly kind: 'committed'; readonly record: CallRecord; readonly machine: AnyStateMachine; readonly commit: Committed }
  | { readonly kind: 'noted'; readonly record: CallRecord; readonly dueAt: number | undefined }
  | { readonly kind: 'repeated' | 'ignored'; readonly record: CallRecord };

/** A step that counts. */
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

/** What a step comes to, and what carries it. */
interface Decided {
  readonly result: StepResult;
  readonly failures: readonly CallError[];
  readonly refused: number;
  /** For the request at hand; null while its reply is owed. */
  readonly body: string | null;
  readonly outbox: Outbox;
  readonly memory: ServiceMemory;
}

/** What else is known of a step that is decided on. */
interface Deciding extends Pick<Taking, 'request'> {
  /** Whether somebody hears of it if not even the hangup can be sent. */
  readonly isHeard: boolean;
  readonly isBusy?: boolean;
}

interface Carrying extends Pick<Decided, 'outbox'>, Pick<Taking, 'request'> {
  readonly holds: boolean;
  readonly context: CommandContext;
  readonly isBusy: boolean;
}

/** A call as it is on record. */
export interface Looked {
  readonly revision: number;
  readonly record: CallRecord;
  /** When it is due; not known of one that was committed here. */
  readonly dueAt?: number | undefined;
}

/** A call as it was last committed, with its actor if that is still warm. */
interface Known extends Looked {
  readonly run: Run | undefined;
}

/**
 * The place of a warm call. It stays while the call lasts and is emptied while the call is worked on: to remove and add
 * it each time would make V8 copy the map's table each time, and a copy in the old generation holds on to what it held.
 */
interface WarmCall {
  known: Known | undefined;
}

const mostAttempts = 8;

/** For so long after something of it was due a call is left to other processes, which may have its bot or its version, ms. */
const othersMs = 60_000;

/** A call that has something to do is due after so long, ms, so that what a dead process left is found among the calls that are due next. */
const leaseMs = 30_000;

/** Rounded up, so that the store's index of due calls is not rewritten at every event. */
const leaseGrain = 10_000;

/** How far ahead the calls are due of which somebody holds work: also those of a process whose clock is two minutes ahead. ms */
export const leasedWithinMs = leaseMs + leaseGrain + 120_000;

/** Where nobody else is. */
const here: Holder = { name: () => 'here', show: () => undefined };

export interface Transactor {
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
  /** What a command of the call is written from. */
  contextOf(snapshot: CallSnapshot, memory: ServiceMemory, at: number): CommandContext;
  /** What the keys of all calls of the service begin with; the id of the call follows. */
  readonly prefix: string;
  /** The id of the call that is kept as `key`; undefined for one of another service. */
  callOf(key: string): string | undefined;
}

/** Makes the one that writes calls; what they have to do is done by `holder`. It relies on being asked for one thing a call at a time. */
export const transactor = ({ store, bots, service, tombstoneMs = 3_600_000, quarantineMs = 30 * 86_400_000, silentCallMs = 86_400_000, liveCalls = 1_000, secrets, unknownVersions }: TransactOptions, holder: Holder = here): Transactor => {
  const warm = new Map<string, WarmCall>();
  const prefix = `${service.name}:`;

  /** What is known of a call, which nobody else gets until it is kept again. */
  const takeWarm = (key: string): Known | undefined => {
    const call = warm.get(key);
    const known = call?.known;
    if (call !== undefined) call.known = undefined;
    return known;
  };

  const keepWarm = (key: string, known: Known): void => {
    if (liveCalls === 0) return;
    const call = warm.get(key);
    if (known.record.snapshot.ended !== null) warm.delete(key);
    else if (call !== undefined) call.known = known;
    else {
      warm.set(key, { known });
      const [oldest] = warm.size > liveCalls ? warm.keys() : [];
      if (oldest === undefined) return;
      takeWarm(oldest);
      warm.delete(oldest);
    }
  };

  const load = async (key: string): Promise<Known | undefined> => {
    const stored = await store.load(key);
    return stored && knownFrom(stored, readRecord(stored.text));
  };

  /** What takes the next event of the call, or why nobody here can. */
  const takerOf = ({ snapshot, quarantined }: CallRecord): GoingOn | CallError<'ERR_RECORD_UNKNOWN'> =>
    quarantined !== undefined || (snapshot.ended !== null && snapshot.tasks.length === 0) ? { machine: farewell, snapshot } : unlessUnknown(() => bots.goesOn(snapshot));

  /** Keeps a call aside that nobody here can go on with, and begins its end; undefined where somebody else was faster. */
  const setAside = async (key: string, { callId, event: told, request, arrival }: Taking, found: StoredRecord, error: CallError<'ERR_RECORD_UNKNOWN'>, record?: CallRecord): Promise<Taken | undefined> => {
    const { reason } = error.details;
    const { revision } = found;
    const { at } = told;
    if (reason !== 'damaged' && isForOthers(arrival !== undefined, at, found.dueAt ?? at)) throw new CallError('ERR_CALL_ELSEWHERE', error.message, { reason }, { cause: error });
    await keepAside(store, key, { reason, at, revision, text: found.text }, quarantineMs);
    const over = found.expiresAt !== undefined;
    const bot = (record && bots.served(record.snapshot.bot)) ?? routed(arrival) ?? (bots.all.length === 1 ? bots.all[0] : undefined);
    const before = remains({ callId, error, record, revision, over, bot }, told, arrival?.memory);
    const event = lastEvent(told, canTell(service), request !== undefined);
    const decided = lastWords(bot ?? farewell, before, event, error, request, record === undefined);
    await mayHold(before, [], decided.outbox);
    const last = recordOf(before, event, decided, request, arrival?.chain, holder.name());
    const kept = stored(last, revision + 1, at);
    if (!(await store.commit(key, revision, kept))) return undefined;
    return { kind: 'committed', record: last, machine: farewell, commit: { event, before, result: decided.result, failures: [], refused: 0, dueAt: kept.dueAt, lost: error } };
  };

  const isCurrent = async (key: string, { revision }: Known): Promise<boolean> => (await store.load(key))?.revision === revision;

  /** An actor to keep; a finished call needs none. */
  const openLive = (machine: AnyStateMachine, before: CallSnapshot | undefined, event: StepEvent): Run | undefined => {
    if (liveCalls === 0 || machine === farewell || (before?.ended ?? null) !== null) return undefined;
    if (before !== undefined) return reopened(machine, before);
    const incoming = event.type === 'service' ? event.events.find(({ type }) => type === 'call.incoming') : undefined;
    return incoming?.type === 'call.incoming' ? openRun(machine, incoming.call) : undefined;
  };

  /** What carries `batch` to the service: the body of a reply, null while one is owed, and commands. */
  const carried = (batch: Batch, { holds, outbox, request, context, isBusy }: Carrying): Pick<Decided, 'body' | 'outbox'> => {
    if (service.style === 'command') return { body: '', outbox: batch.length === 0 ? outbox : replaced(outbox, (busy) => service.commands(batch, { ...context, busy: busy || isBusy })) };
    if (holds) return { body: null, outbox };
    const last = batch.at(-1);
    if (last === undefined) return { body: '', outbox };
    const body = service.encode(batch, context);
    return { body, outbox: request === undefined && service.push !== undefined ? [...onItsWay(outbox), service.push(body, last)] : [] };
  };

  /** The step, and what carries its batch. A batch that the service cannot take is the author's error, found only now. */
  const decide = (machine: AnyStateMachine, before: CallSnapshot | undefined, event: StepEvent, first: () => StepResult, { outbox, memory, parting }: Settled, { request, isHeard, isBusy = false }: Deciding): Decided => {
    const failures: CallError[] = [];
    let refused = 0;
    let result = first();
    for (;;) {
      if (result.error !== undefined) failures.push(result.error);
      const { batch, snapshot, holds } = result;
      try {
        if (secrets === undefined && isSecret(snapshot)) throw new CallError('ERR_SECRET_KEY', 'a secret is asked for by hand, and there is no key to seal it with', { reason: 'missing' });
        const out = carried(batch, { holds, outbox, request, isBusy, context: contextOf(snapshot, memory, event.at) });
        return { result, failures, refused, memory, body: out.body, outbox: snapshot.ended === null ? out.outbox : parting };
      } catch (error) {
        // First the apology is tried; then, since that cannot be sent either, the hangup by itself.
        const from = before ?? { ...snapshot, revision: 0, answered: snapshot.call.direction === 'outbound', machine: null };
        refused += 1;
        if (failures.length >= 2) {
          if (isHeard) throw error; // not even the hangup goes out: whoever asked hears of it, and clears the line
          const given = giveUp(machine, from, event.at, error); // nobody hears of it, and the next time it would be the same
          return { result: given, failures: [...failures, ...(given.error === undefined ? [] : [given.error])], refused, memory, body: '', outbox: parting };
        }
        result = abandon(machine, failures.length === 0 ? from : { ...from, failed: true }, event, error);
      }
    }
  };

  const contextOf = ({ call, bot }: CallSnapshot, memory: ServiceMemory, at: number): CommandContext => ({ callId: call.id, bot, path: bots.pathOf(bot), call, memory, at });

  /** The apology and the hangup of a call that is lost; of one that is over there is nothing to say. `isBusy`: the service may well be working on something that is not known. */
  const lastWords = (bot: AnyStateMachine, before: CallRecord, event: StepEvent, error: CallError, request: Taking['request'], isBusy: boolean): Decided => {
    const { snapshot, memory, outbox } = before;
    const nothingMore = (result: StepResult): Decided => ({ result, failures: [], refused: 0, body: '', outbox: [], memory });
    if (snapshot.ended !== null) return nothingMore({ ...abandon(farewell, snapshot, hungUp(event.at), error), snapshot: { ...snapshot, revision: snapshot.revision + 1 } });
    if (isEnd(event)) return nothingMore(abandon(farewell, snapshot, event, error));
    const begun = { event: undefined, outbox, memory, parting: [] };
    try {
      return decide(bot, snapshot, event, () => abandon(bot, snapshot, event, error), begun, { request, isHeard: true, isBusy });
    } catch {
      return nothingMore(abandon(farewell, snapshot, hungUp(event.at), error)); // not even the hangup can be written: the line is the service's to clear
    }
  };

  /** Whether a call that nobody here can go on with is left to other processes. */
  const isForOthers = (isAsked: boolean, at: number, dueAt: number): boolean => {
    if (isAsked) return unknownVersions === 'retry';
    return at < dueAt + (unknownVersions === 'retry' ? silentCallMs : othersMs);
  };

  /** `record` as it is stored, at its `revision`. */
  const stored = (record: CallRecord, revision: number, at: number): StoredRecord => {
    const { dueAt, expiresAt } = attention(record, at);
    const text = writeRecord(record);
    return dueAt !== undefined ? { revision, text, dueAt } : expiresAt !== undefined ? { revision, text, expiresAt } : { revision, text };
  };

  /** When the call wants attention next, or until when it is remembered. */
  const attention = ({ snapshot: { timers, ended }, heardAt, leasedBy, outbox, endAsked }: CallRecord, at: number): Pick<StoredRecord, 'dueAt' | 'expiresAt'> => {
    let dueAt = leasedBy === noLeases ? Infinity : Math.ceil((at + leaseMs) / leaseGrain) * leaseGrain;
    if (outbox.length > 0) dueAt = Math.min(dueAt, overdueAt(outbox));
    for (const timer of timers) dueAt = Math.min(dueAt, timer.dueAt);
    if (endAsked !== undefined) dueAt = Math.min(dueAt, heardAt); // past, by whose clock ever
    if (ended === null) return { dueAt: Math.min(dueAt, silentAt(heardAt)) };
    return dueAt === Infinity ? { expiresAt: at + tombstoneMs } : { dueAt };
  };

  /** Rounded up (a day to the hour), so that the store's index of due calls is not rewritten at every event. */
  const silentAt = (heardAt: number): number => Math.ceil((heardAt + silentCallMs) / silentGrain) * silentGrain;
  const silentGrain = Math.max(1, Math.floor(silentCallMs / 24));

  /** Resolves when this process may hold work that is new with `tasks` and `outbox`. Nothing is waited for where none is. */
  const mayHold = (before: CallRecord | undefined, tasks: readonly PendingTask[], outbox: Outbox): Promise<void> | undefined =>
    workOf(tasks, outbox).some((id) => before?.leasedBy[id] === undefined) ? holder.show() : undefined;

  /**
   * Keeps what has changed of a call in which its bot had no part; undefined where somebody else was faster. A request is remembered
   * though nothing comes of it: its late repetition might else be taken. What is told of a call that is over is a late fact.
   */
  const note = async (key: string, known: Known, { outbox, memory }: Pick<Decided, 'outbox' | 'memory'>, request: string | undefined, at: number): Promise<Taken | undefined> => {
    const { record: before, revision, run } = known;
    const isNew = isUnseen(before, request);
    const isIgnored = outbox === before.outbox && memory === before.memory && !(isNew && before.snapshot.ended !== null);
    if (isIgnored && !isNew) {
      keepWarm(key, known);
      return { kind: 'ignored', record: before };
    }
    const { tasks } = before.snapshot;
    const showing = mayHold(before, tasks, outbox);
    if (showing !== undefined) await showing;
    const record: CallRecord = { ...before, outbox, memory, heardAt: at, leasedBy: leasesOf(before, tasks, outbox, holder.name()), seen: withSeen(before.seen, request) };
    const kept = stored(record, revision + 1, at);
    if (!(await store.commit(key, revision, kept))) return undefined;
    keepWarm(key, { revision: revision + 1, record, run });
    return isIgnored ? { kind: 'ignored', record } : { kind: 'noted', record, dueAt: kept.dueAt };
  };

  return {
    prefix,
    contextOf,
    transact: async (taking) => {
      const { callId, event: happened, request: asked, arrival } = taking;
      const key = prefix + callId;
      for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
        const cached = attempt === 0 ? takeWarm(key) : undefined;
        const found = cached === undefined ? await store.load(key) : undefined;
        const read = cached?.record ?? (found && unlessUnknown(() => readRecord(found.text)));
        if (found !== undefined && isCallError(read)) {
          const taken = await setAside(key, taking, found, read);
          if (taken !== undefined) return taken;
          continue;
        }
        const before = isCallError(read) ? undefined : read;
        const known = cached ?? (found && before && knownFrom(found, before));
        // Two processes may hold the same request. What one of them has answered is not answered by the other with something else.
        const isUnanswered = asked === undefined || arrival !== undefined || (before !== undefined && replyTo(before, asked) === null);
        if (!isUnanswered && known !== undefined && happened.type === 'reply.due') {
          keepWarm(key, known);
          return { kind: 'ignored', record: known.record };
        }
        if (happened.type === 'end.asked' && before !== undefined && before.endAsked === undefined) {
          if (cached !== undefined) continue; // whoever asked wrote it into the store
          if (known !== undefined) keepWarm(key, known);
          return { kind: 'ignored', record: before }; // another process has taken it up
        }
        const request = isUnanswered ? asked : undefined;
        const told = isUnanswered ? happened : answeredAlready(happened, service);
        if (known !== undefined && before !== undefined && arrival !== undefined && request !== undefined && hasSeen(before, request)) {
          const owes = replyTo(before, request) === null;
          if (cached !== undefined && owes && !(await isCurrent(key, cached))) continue;
          if (!owes || !isCallError(takerOf(before))) {
            keepWarm(key, known);
            return { kind: 'repeated', record: before };
          } // else nobody here ever has what it waits for
        }
        const going = before && takerOf(before);
        if (isCallError(going)) {
          const taken = found && (await setAside(key, taking, found, going, before));
          if (taken !== undefined) return taken;
          continue;
        }
        const settled = settleOrEnd(before, isOwed(before, told, request) ? { type: 'reply.due', at: told.at } : told, arrival?.memory, service);
        if (settled.event === undefined) {
          if (known === undefined || before === undefined) return unknownCall();
          const noted = await note(key, known, settled, request, told.at);
          if (noted !== undefined) return noted;
          continue;
        }
        const machine = going?.machine ?? arrival?.bot() ?? unknownCall();
        const snapshot = going?.snapshot;
        const event = secrets !== undefined && (bots.confidential.has(machine) || (snapshot !== undefined && isSecret(snapshot))) ? sealEvent(settled.event, snapshot, secrets.seal) : settled.event;
        const run = known?.run?.machine === machine ? known.run : openLive(machine, snapshot, event);
        const decided = decide(machine, snapshot, event, () => (settled.poison === undefined || snapshot === undefined ? step(machine, snapshot, event, run) : abandon(machine, snapshot, event, settled.poison)), settled, { request, isHeard: arrival !== undefined });
        const { result, failures, refused } = decided;
        if (result.ignored) {
          if (known === undefined || before === undefined) return unknownCall();
          if (cached !== undefined && !isUnseen(before, request) && !(await isCurrent(key, cached))) continue; // else the commit tells
          const noted = await note(key, { ...known, run }, settled, request, told.at);
          if (noted !== undefined) return noted;
          continue;
        }
        const showing = mayHold(before, result.snapshot.tasks, decided.outbox);
        if (showing !== undefined) await showing;
        const record = recordOf(before, event, decided, request, arrival?.chain, holder.name());
        const revision = (known?.revision ?? 0) + 1;
        const kept = stored(record, revision, event.at);
        if (!(await store.commit(key, revision - 1, kept))) continue;
        keepWarm(key, { revision, record, run: failures.length === 0 ? run : undefined });
        return { kind: 'committed', record, machine, commit: { event, before, result, failures, refused, dueAt: kept.dueAt } };
      }
      throw new CallError('ERR_CALL_CONFLICT', 'other writers kept winning the commit', { attempts: mostAttempts });
    },

    look: async (callId) => {
      const looked = await load(prefix + callId);
      const going = looked && takerOf(looked.record);
      if (isCallError(going)) throw going;
      return looked;
    },

    changed: async (callId, known) => {
      const stored = await store.load(prefix + callId);
      return stored === undefined || stored.revision === known ? undefined : knownFrom(stored, readRecord(stored.text));
    },

    warmed: (callId) => warm.get(prefix + callId)?.known?.record,

    isKept: async (callId) => (await store.load(prefix + callId)) !== undefined,

    lease: async (callId, { revision, record: before }, isFree, at) => {
      const key = prefix + callId;
      const { snapshot: { tasks }, outbox } = before;
      await holder.show();
      const left = Object.fromEntries(Object.entries(before.leasedBy).filter(([, by]) => !isFree(by)));
      const record: CallRecord = { ...before, leasedBy: leasesOf({ leasedBy: left }, tasks, outbox, holder.name()) };
      const run = takeWarm(key);
      const kept = stored(record, revision + 1, at);
      if (!(await store.commit(key, revision, kept))) return undefined;
      keepWarm(key, { revision: revision + 1, record, run: run?.revision === revision ? run.run : undefined });
      return { revision: revision + 1, record, dueAt: kept.dueAt };
    },

    callOf: (key) => (key.startsWith(prefix) ? key.slice(prefix.length) : undefined),
  };
};

/** The call that is `stored`, as it was read. */
const knownFrom = ({ revision, dueAt }: StoredRecord, record: CallRecord): Known => ({ revision, record, dueAt, run: undefined });

/** `happening`, once the request that it was to answer has been: what is said of it has to go out some other way. */
const answeredAlready = (happening: Happening, service: CallService): Happening =>
  happening.type === 'timer' || happening.type === 'task' ? { ...happening, reply: canTell(service) } : happening;

/** What a happening comes to before the bot hears of it. */
interface Settled extends Pick<Decided, 'outbox' | 'memory'> {
  /** What the bot hears of; undefined where it has no part in it. */
  readonly event: StepEvent | undefined;
  /** What is left to be sent if the call is over then. */
  readonly parting: Outbox;
  /** What the service threw when it was asked what the event means. */
  readonly poison?: unknown;
}

/** As {@link settle}. What a service cannot make sense of ends the call that it is told of, and no other. */
const settleOrEnd = (before: CallRecord | undefined, happening: Happening, more: ServiceMemory | undefined, service: CallService): Settled => {
  try {
    return settle(before, happening, more, service);
  } catch (poison) {
    if (before === undefined || happening.type !== 'service') throw poison;
    return { outbox: heard(before.outbox, happening.events).outbox, memory: before.memory, event: happening, parting: [], poison };
  }
};

/** What a happening means for the outbox and for the bot. */
const settle = (before: CallRecord | undefined, happening: Happening, more: ServiceMemory | undefined, service: CallService): Settled => {
  const { outbox, memory } = before ?? unheard;
  if (happening.type === 'unread') return { outbox, memory, event: undefined, parting: [] };
  if (happening.type !== 'service' && happening.type !== 'sent' && happening.type !== 'overdue') return { outbox, memory, event: happening, parting: [] };
  const recalled = happening.type === 'service' ? service.recall?.({ events: happening.events, ...(more !== undefined && { memory: more }) }, memory, happening.at) : undefined;
  const told: typeof happening = happening.type === 'service' && recalled !== undefined ? { ...happening, events: recalled.events } : happening;
  const also = remembered(memory, told.type === 'sent' ? (told.sent.kind === 'taken' ? told.sent.memory : undefined) : (recalled?.memory ?? more));
  const parting = recalled?.parting ?? [];
  if (told.type === 'service' && outbox.length === 0) return { outbox, memory: also, event: told.events.length === 0 ? undefined : told, parting };
  const { at } = told;
  const settled = told.type === 'service' ? heard(outbox, told.events) : told.type === 'sent' ? answered(outbox, told.id, told.sent, at) : overdue(outbox, at);
  return { outbox: settled.outbox, memory: also, event: settled.events.length === 0 ? undefined : { type: 'service', at, events: settled.events }, parting };
};

/** Of a call that begins. */
const unheard: { readonly outbox: Outbox; readonly memory: ServiceMemory } = { outbox: [], memory: nothing };

const recordOf = (before: CallRecord | undefined, event: StepEvent, { result: { snapshot }, body, outbox, memory }: Decided, request: string | undefined, chain: string | undefined, holder: string): CallRecord => {
  const { seen = '', replies = [], heardAt = event.at, begunAt = event.at, answeredAt = null, askedAgain = 0, tasksBegun = 0, quarantined } = before ?? {};
  return {
    snapshot,
    heardAt: event.type === 'service' ? event.at : heardAt,
    begunAt,
    answeredAt: answeredAt ?? (snapshot.answered ? event.at : null),
    askedAgain: askedAgain + timesAskedAgain(before?.snapshot.machine, snapshot.machine),
    tasksBegun: snapshot.tasks.length === 0 || snapshot.ended !== null ? tasksBegun : tasksBegun + snapshot.tasks.filter((task) => isNew(before, task)).length,
    leasedBy: leasesOf(before, snapshot.tasks, outbox, holder),
    chain: chain ?? before?.chain,
    seen: withSeen(seen, request),
    replies: keptReplies(request !== undefined ? withReply(replies, request, body) : body === null ? replies : withReply(replies, unasked, body), snapshot.ended !== null),
    memory,
    outbox,
    quarantined,
    ...(before?.endAsked !== undefined && event.type !== 'end.asked' && snapshot.ended === null && { endAsked: before.endAsked }),
  };
};

const isUnseen = (before: CallRecord, request: string | undefined): boolean => request !== undefined && !hasSeen(before, request);

const withSeen = (seen: string, request: string | undefined): string => (request === undefined || seen.includes(request) ? seen : seen === '' ? request : `${seen} ${request}`);

/** Work stays with the process that began it; new work is done by the one that decides on it. */
const leasesOf = (before: Pick<CallRecord, 'leasedBy'> | undefined, tasks: readonly PendingTask[], outbox: Outbox, holder: string): Leases => {
  const work = workOf(tasks, outbox);
  return work.length === 0 ? noLeases : Object.fromEntries(work.map((id) => [id, before?.leasedBy[id] ?? holder]));
};

/** The ids of what is to be done of a call: the tasks, and the command that is to be sent now. */
export const workOf = (tasks: readonly PendingTask[], outbox: Outbox): readonly string[] => {
  const command = toSend(outbox);
  return tasks.length === 0 ? (command === undefined ? noWork : [command.id]) : [...tasks.map(({ id }) => id), ...(command === undefined ? [] : [command.id])];
};

const noWork: readonly string[] = [];

const isNew = (before: CallRecord | undefined, { id }: PendingTask): boolean => before?.snapshot.tasks.some((task) => task.id === id) !== true;

/** With the call ends what is owed, and nobody asks again for what was sent unasked. */
const keptReplies = (replies: CallRecord['replies'], ended: boolean): CallRecord['replies'] => (ended ? replies.filter(({ id, body }) => body !== null && id !== unasked) : replies);

/** The actor of a call that is on record; of one that no longer fits its bot there is none, and `step` says why. */
const reopened = (machine: AnyStateMachine, { call, machine: chart }: CallSnapshot): Run | undefined => {
  try {
    return openRun(machine, call, chart ?? undefined);
  } catch {
    return undefined; // `step` meets the same, and abandons the call
  }
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

/** The bot that the request would begin a call with; undefined where it does not say which. */
const routed = (arrival: Taking['arrival']): AnyStateMachine | undefined => {
  try {
    return arrival?.bot();
  } catch (error) {
    if (isCallError(error)) return undefined;
    throw error;
  }
};

/** Whether a call that was kept aside has not heard its apology yet, and can hear it now. */
const isOwed = (before: CallRecord | undefined, told: Happening, request: string | undefined): boolean =>
  before?.quarantined !== undefined && before.snapshot.parked.length > 0 && request !== undefined && !isEnd(told);

/** The service has lost the call. */
export const hungUp = (at: number): StepEvent => ({ type: 'service', at, events: [{ type: 'call.ended', reason: 'service' }] });

const unknownCall = (): never => {
  throw new CallError('ERR_CALL_UNKNOWN', 'this call is not on record', {});
};
