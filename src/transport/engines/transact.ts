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
import { abandon, type CallSnapshot, isSecret, openRun, type PendingTask, type Run, sealEvent, step, type StepEvent, type StepResult } from '../../machines/index.ts';
import type { Bots } from '../bots.ts';
import { timesAskedAgain } from '../detail.ts';
import { answered, heard, type Outbox, overdue, overdueAt, remembered, replaced, toSend } from '../outbox.ts';
import { type CallRecord, hasSeen, nothing, readRecord, replyTo, unasked, withReply, writeRecord } from '../record.ts';
import type { Secrets } from '../secrets.ts';
import type { CallService, CommandContext, Sent, ServiceMemory } from '../service.ts';
import type { CallStore, StoredRecord } from './store.ts';

export interface TransactOptions {
  readonly store: CallStore;
  readonly bots: Bots;
  readonly service: CallService;
  /** How long a finished call is remembered, ms. Default 1 h. */
  readonly tombstoneMs?: number;
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
  | { readonly type: 'overdue'; readonly at: number };

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

interface Carrying extends Pick<Decided, 'outbox'>, Pick<Taking, 'request'> {
  readonly holds: boolean;
  readonly context: CommandContext;
}

/** A call as it was last committed, with its actor if that is still warm. */
interface Known {
  readonly revision: number;
  readonly record: CallRecord;
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

/** How long the tasks of a call are left to the process that began them, ms. */
const leaseMs = 30_000;

export interface Transactor {
  /** @throws `ERR_CALL_UNKNOWN`, `ERR_CALL_CONFLICT`, `ERR_STORE_UNAVAILABLE`, `ERR_RECORD_UNKNOWN`, `ERR_ROUTE_UNKNOWN`; the call is then as it was. */
  transact(taking: Taking): Promise<Taken>;
  /** The call as it is on record, without an event. */
  look(callId: string): Promise<CallRecord | undefined>;
  /** Keeps the tasks of the call for this process a while longer. */
  extendLease(callId: string, at: number): Promise<void>;
  /** What a command of the call is written from. */
  contextOf(snapshot: CallSnapshot, memory: ServiceMemory, at: number): CommandContext;
  /** The id of the call that is kept as `key`; undefined for one of another service. */
  callOf(key: string): string | undefined;
}

/** Makes the one that writes calls. It relies on being asked for one thing a call at a time. */
export const transactor = ({ store, bots, service, tombstoneMs = 3_600_000, silentCallMs = 86_400_000, liveCalls = 1_000, secrets }: TransactOptions): Transactor => {
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
    return stored && { revision: stored.revision, record: readRecord(stored.text), run: undefined };
  };

  const isCurrent = async (key: string, { revision }: Known): Promise<boolean> => (await store.load(key))?.revision === revision;

  /** An actor to keep; a finished call needs none. */
  const openLive = (machine: AnyStateMachine, before: CallRecord | undefined, event: StepEvent): Run | undefined => {
    if (liveCalls === 0 || (before?.snapshot.ended ?? null) !== null) return undefined;
    if (before !== undefined) return reopened(machine, before);
    const incoming = event.type === 'service' ? event.events.find(({ type }) => type === 'call.incoming') : undefined;
    return incoming?.type === 'call.incoming' ? openRun(machine, incoming.call) : undefined;
  };

  /** What carries `batch` to the service: the body of a reply, null while one is owed, and commands. */
  const carried = (batch: Batch, { holds, outbox, request, context }: Carrying): Pick<Decided, 'body' | 'outbox'> => {
    if (service.style === 'command') return { body: '', outbox: batch.length === 0 ? outbox : replaced(outbox, (busy) => service.commands(batch, { ...context, busy })) };
    if (holds) return { body: null, outbox };
    const last = batch.at(-1);
    if (last === undefined) return { body: '', outbox };
    const body = service.encode(batch, context);
    return { body, outbox: request === undefined && service.push !== undefined ? [service.push(body, last)] : [] };
  };

  /** The step, and what carries its batch. A batch that the service cannot take is the author's error, found only now. */
  const decide = (machine: AnyStateMachine, before: CallRecord | undefined, event: StepEvent, run: Run | undefined, { outbox, memory, parting }: Settled, request: Taking['request']): Decided => {
    const failures: CallError[] = [];
    let refused = 0;
    let result = step(machine, before?.snapshot, event, run);
    for (;;) {
      if (result.error !== undefined) failures.push(result.error);
      const { batch, snapshot, holds } = result;
      try {
        if (secrets === undefined && isSecret(snapshot)) throw new CallError('ERR_SECRET_KEY', 'a secret is asked for by hand, and there is no key to seal it with', { reason: 'missing' });
        const out = carried(batch, { holds, outbox, request, context: contextOf(snapshot, memory, event.at) });
        return { result, failures, refused, memory, body: out.body, outbox: snapshot.ended === null ? out.outbox : parting };
      } catch (error) {
        if (failures.length >= 2) throw error; // not even the hangup goes out
        // First the apology is tried; then, since that cannot be sent either, the hangup by itself.
        const from = before?.snapshot ?? { ...snapshot, revision: 0, answered: snapshot.call.direction === 'outbound', machine: null };
        refused += 1;
        result = abandon(machine, failures.length === 0 ? from : { ...from, failed: true }, event, error);
      }
    }
  };

  const contextOf = ({ call, bot }: CallSnapshot, memory: ServiceMemory, at: number): CommandContext => ({ callId: call.id, bot, path: bots.pathOf(bot), call, memory, at });

  /** `record` as it is stored, at its `revision`. */
  const stored = (record: CallRecord, revision: number, at: number): StoredRecord => {
    const { dueAt, expiresAt } = attention(record, at);
    const text = writeRecord(record);
    return dueAt !== undefined ? { revision, text, dueAt } : expiresAt !== undefined ? { revision, text, expiresAt } : { revision, text };
  };

  /** When the call wants attention next, or until when it is remembered. */
  const attention = ({ snapshot: { timers, ended }, heardAt, leasedUntil, outbox }: CallRecord, at: number): Pick<StoredRecord, 'dueAt' | 'expiresAt'> => {
    let dueAt = leasedUntil > 0 ? leasedUntil : Infinity;
    if (outbox.length > 0) dueAt = Math.min(dueAt, overdueAt(outbox));
    for (const timer of timers) dueAt = Math.min(dueAt, timer.dueAt);
    if (ended === null) return { dueAt: Math.min(dueAt, silentAt(heardAt)) };
    return dueAt === Infinity ? { expiresAt: at + tombstoneMs } : { dueAt };
  };

  /** Rounded up (a day to the hour), so that the store's index of due calls is not rewritten at every event. */
  const silentAt = (heardAt: number): number => Math.ceil((heardAt + silentCallMs) / silentGrain) * silentGrain;
  const silentGrain = Math.max(1, Math.floor(silentCallMs / 24));

  /** Keeps what has changed of a call in which its bot had no part; undefined where somebody else was faster. */
  const note = async (key: string, known: Known, { outbox, memory }: Pick<Decided, 'outbox' | 'memory'>, request: string | undefined, at: number): Promise<Taken | undefined> => {
    const { record: before, revision, run } = known;
    if (outbox === before.outbox && memory === before.memory) {
      keepWarm(key, known);
      return { kind: 'ignored', record: before };
    }
    const record: CallRecord = { ...before, outbox, memory, heardAt: at, leasedUntil: leaseOf(before, at, before.snapshot.tasks, outbox), seen: withSeen(before.seen, request) };
    const kept = stored(record, revision + 1, at);
    if (!(await store.commit(key, revision, kept))) return undefined;
    keepWarm(key, { revision: revision + 1, record, run });
    return { kind: 'noted', record, dueAt: kept.dueAt };
  };

  return {
    contextOf,
    transact: async ({ callId, event: told, request, arrival }) => {
      const key = prefix + callId;
      for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
        const cached = attempt === 0 ? takeWarm(key) : undefined;
        const known = cached ?? (await load(key));
        const before = known?.record;
        if (known !== undefined && before !== undefined && arrival !== undefined && request !== undefined && hasSeen(before, request)) {
          if (cached !== undefined && replyTo(before, request) === null && !(await isCurrent(key, cached))) continue;
          keepWarm(key, known);
          return { kind: 'repeated', record: before };
        }
        const settled = settle(before, told, arrival?.memory, service);
        if (settled.event === undefined) {
          if (known === undefined || before === undefined) return unknownCall();
          const noted = await note(key, known, settled, request, told.at);
          if (noted !== undefined) return noted;
          continue;
        }
        const machine = before === undefined ? (arrival?.bot() ?? unknownCall()) : bots.byId(before.snapshot.bot);
        const event = secrets !== undefined && (bots.confidential.has(machine) || (before !== undefined && isSecret(before.snapshot))) ? sealEvent(settled.event, before?.snapshot, secrets.seal) : settled.event;
        const run = known?.run ?? openLive(machine, before, event);
        const decided = decide(machine, before, event, run, settled, request);
        const { result, failures, refused } = decided;
        if (result.ignored) {
          if (known === undefined || before === undefined) return unknownCall();
          if (cached !== undefined && !(await isCurrent(key, cached))) continue;
          const noted = await note(key, { ...known, run }, settled, request, told.at);
          if (noted !== undefined) return noted;
          continue;
        }
        const record = recordOf(before, event, decided, request, arrival?.chain);
        const revision = (known?.revision ?? 0) + 1;
        const kept = stored(record, revision, event.at);
        if (!(await store.commit(key, revision - 1, kept))) continue;
        keepWarm(key, { revision, record, run: failures.length === 0 ? run : undefined });
        return { kind: 'committed', record, machine, commit: { event, before, result, failures, refused, dueAt: kept.dueAt } };
      }
      throw new CallError('ERR_CALL_CONFLICT', 'other writers kept winning the commit', { attempts: mostAttempts });
    },

    look: async (callId) => (await load(prefix + callId))?.record,

    extendLease: async (callId, at) => {
      const key = prefix + callId;
      takeWarm(key);
      const known = await load(key);
      if (known === undefined) return;
      const record: CallRecord = { ...known.record, leasedUntil: at + leaseMs };
      await store.commit(key, known.revision, stored(record, known.revision + 1, at));
    },

    callOf: (key) => (key.startsWith(prefix) ? key.slice(prefix.length) : undefined),
  };
};

/** What a happening comes to before the bot hears of it. */
interface Settled extends Pick<Decided, 'outbox' | 'memory'> {
  /** What the bot hears of; undefined where it has no part in it. */
  readonly event: StepEvent | undefined;
  /** What is left to be sent if the call is over then. */
  readonly parting: Outbox;
}

/** What a happening means for the outbox and for the bot. */
const settle = (before: CallRecord | undefined, happening: Happening, more: ServiceMemory | undefined, service: CallService): Settled => {
  const { outbox, memory } = before ?? unheard;
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

const recordOf = (before: CallRecord | undefined, event: StepEvent, { result: { snapshot }, body, outbox, memory }: Decided, request: string | undefined, chain: string | undefined): CallRecord => {
  const { seen = '', replies = [], heardAt = event.at, begunAt = event.at, answeredAt = null, askedAgain = 0, tasksBegun = 0 } = before ?? {};
  return {
    snapshot,
    heardAt: event.type === 'service' ? event.at : heardAt,
    begunAt,
    answeredAt: answeredAt ?? (snapshot.answered ? event.at : null),
    askedAgain: askedAgain + timesAskedAgain(before?.snapshot.machine, snapshot.machine),
    tasksBegun: snapshot.tasks.length === 0 || snapshot.ended !== null ? tasksBegun : tasksBegun + snapshot.tasks.filter((task) => isNew(before, task)).length,
    leasedUntil: leaseOf(before, event.at, snapshot.tasks, outbox),
    chain: chain ?? before?.chain,
    seen: withSeen(seen, request),
    replies: keptReplies(request !== undefined ? withReply(replies, request, body) : body === null ? replies : withReply(replies, unasked, body), snapshot.ended !== null),
    memory,
    outbox,
  };
};

const withSeen = (seen: string, request: string | undefined): string => (request === undefined || seen.includes(request) ? seen : seen === '' ? request : `${seen} ${request}`);

/** Only the process that begins a task, or decides on a command, leases it: what others take in meanwhile is no sign that it is alive. */
const leaseOf = (before: CallRecord | undefined, at: number, tasks: readonly PendingTask[], outbox: Outbox): number => {
  const sending = toSend(outbox);
  if (tasks.length === 0 && sending === undefined) return 0;
  return before === undefined || tasks.some((task) => isNew(before, task)) || (sending !== undefined && toSend(before.outbox)?.id !== sending.id) ? at + leaseMs : before.leasedUntil;
};

const isNew = (before: CallRecord | undefined, { id }: PendingTask): boolean => before?.snapshot.tasks.some((task) => task.id === id) !== true;

/** With the call ends what is owed; and of a finished call one reply can still be asked for again. */
const keptReplies = (replies: CallRecord['replies'], ended: boolean): CallRecord['replies'] => (ended ? replies.filter(({ body }) => body !== null).slice(-1) : replies);

/** The actor of a call that is on record; of one that no longer fits its bot there is none, and `step` says why. */
const reopened = (machine: AnyStateMachine, { snapshot }: CallRecord): Run | undefined => {
  try {
    return openRun(machine, snapshot.call, snapshot.machine ?? undefined);
  } catch (error) {
    if (isCallError(error)) return undefined;
    throw error;
  }
};

const unknownCall = (): never => {
  throw new CallError('ERR_CALL_UNKNOWN', 'this call is not on record', {});
};
