/**
 * Embedded — the engine over a store in this process or on this disk: load → step → encode → commit.
 *
 * Nobody owns a call: whoever wins the commit wrote that step, and a loser reads again and decides again (pure, cheap).
 * Recent calls are kept as live actors, a bounded cache and never the truth: a copy whose commit lost is thrown away.
 *
 * A request whose call waits for its own tasks or timers is held: its reply is owed, in the record, until one of them
 * brings a batch or the service's patience is nearly over (`reply.due`).
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError, isCallError } from '../../errors.ts';
import { abandon, openRun, type Run, step, type StepEvent, type StepResult } from '../../machines/index.ts';
import type { Bots } from '../bots.ts';
import type { Engine, Reply } from '../deliver.ts';
import { taskHost } from '../host.ts';
import type { Log } from '../log.ts';
import { type CallRecord, eventHash, readRecord, withReply, writeRecord } from '../record.ts';
import type { CallService } from '../service.ts';
import { attendant } from './attendant.ts';
import type { CallStore } from './store.ts';

/** What happened to a call in one step; for inspectors. */
export interface Stepped {
  readonly machine: AnyStateMachine;
  readonly event: StepEvent;
  readonly result: StepResult;
}

export interface EmbeddedOptions {
  readonly store: CallStore;
  readonly bots: Bots;
  readonly service: CallService;
  readonly log: Log;
  /** How long a finished call is remembered, ms. Default 1 h. */
  readonly tombstoneMs?: number;
  /** A call of which nothing was heard for this long is over: the service lost it. ms. Default 24 h. */
  readonly silentCallMs?: number;
  /** How long before the service's deadline the filler goes out, ms. Default 500. */
  readonly marginMs?: number;
  /** How many calls are kept as live actors. Default 1,000; 0 keeps none. */
  readonly liveCalls?: number;
  readonly now?: () => number;
  readonly onStep?: (stepped: Stepped) => void;
}

/** A call as it was last committed, with its actor if that is still warm. */
interface Known {
  readonly revision: number;
  readonly record: CallRecord;
  readonly run?: Run;
}

/** A request that is being held. */
interface Held {
  readonly id: string;
  readonly reply: Promise<Reply>;
  readonly answer: (body: string) => void;
}

/** What a decision came to, once committed. */
interface Taken {
  readonly result: StepResult;
  readonly body: string | null;
}

const longestTry = 8;

/** Makes the engine. */
export const embeddedEngine = (options: EmbeddedOptions): Engine => {
  const { store, bots, service, log, tombstoneMs = 3_600_000, silentCallMs = 86_400_000, marginMs = 500, liveCalls = 1_000, now = Date.now, onStep } = options;
  const warm = new Map<string, Known>();
  const held = new Map<string, Held>();
  const queues = new Map<string, Promise<unknown>>();
  const keyOf = (callId: string): string => `${service.name}:${callId}`;

  /** Events of one call are taken one after the other in this process; between processes the commit decides. */
  const inTurn = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(key) ?? Promise.resolve()).then(work, work);
    queues.set(key, turn);
    const leave = (): void => {
      if (queues.get(key) === turn) queues.delete(key);
    };
    turn.then(leave, leave);
    return turn;
  };

  const load = async (key: string): Promise<Known | undefined> => {
    const cached = warm.get(key);
    if (cached !== undefined) return cached;
    const stored = await store.load(key);
    return stored === undefined ? undefined : { revision: stored.revision, record: readRecord(stored.text) };
  };

  const keepWarm = (key: string, known: Known): void => {
    warm.delete(key);
    if (liveCalls === 0 || known.record.snapshot.ended !== null) return;
    warm.set(key, known);
    const [oldest] = warm.keys();
    if (warm.size > liveCalls && oldest !== undefined) warm.delete(oldest);
  };

  /** One event into one call: decided, encoded, committed. `id` is the hash of the request that the reply belongs to. */
  const take = async (key: string, event: StepEvent, id: string | undefined, begin?: () => AnyStateMachine): Promise<Taken> => {
    for (let attempt = 0; attempt < longestTry; attempt += 1) {
      const known = await load(key);
      const before = known?.record.snapshot;
      const machine = before === undefined ? (begin?.() ?? unknownCall()) : bots.byId(before.bot);
      const run = known?.run ?? warmRun(machine, known, event);
      const { result, body } = decide(machine, known, event, run);
      if (result.ignored) return { result, body };
      const record: CallRecord = { snapshot: result.snapshot, at: event.at, ...(id === undefined ? { seen: known?.record.seen ?? [], replies: known?.record.replies ?? [] } : withReply(known?.record ?? { seen: [], replies: [] }, id, body)) };
      const revision = (known?.revision ?? 0) + 1;
      if (await store.commit(key, revision - 1, { revision, text: writeRecord(record), ...attention(record) })) {
        keepWarm(key, { revision, record, ...(run !== undefined && result.error === undefined && { run }) });
        after(key, machine, event, result);
        return { result, body };
      }
      warm.delete(key);
    }
    throw new CallError('ERR_CALL_CONFLICT', 'other writers kept winning the commit', { attempts: longestTry });
  };

  const decide = (machine: AnyStateMachine, known: Known | undefined, event: StepEvent, run: Run | undefined): Taken => {
    const before = known?.record.snapshot;
    const result = step(machine, before, event, run);
    const encode = ({ batch, snapshot }: StepResult): string => service.encode(batch, { callId: snapshot.call.id, revision: snapshot.revision, bot: machine.id });
    try {
      return { result, body: result.holds ? null : encode(result) };
    } catch (error) {
      // The service could not take the batch: the author's error, found when it was to be sent.
      const sorry = abandon(machine, before ?? { ...result.snapshot, revision: 0, answered: false, machine: null }, event, error);
      return { result: sorry, body: encode(sorry) };
    }
  };

  const warmRun = (machine: AnyStateMachine, known: Known | undefined, event: StepEvent): Run | undefined => {
    if (liveCalls === 0) return undefined;
    const before = known?.record.snapshot;
    const incoming = event.type === 'service' ? event.events.find((one) => one.type === 'call.incoming') : undefined;
    const call = before?.call ?? incoming?.call;
    return call === undefined || (before !== undefined && before.ended !== null) ? undefined : openRun(machine, call, before?.machine ?? undefined);
  };

  /** When the call wants attention next, and until when it is remembered. */
  const attention = ({ snapshot, at }: CallRecord): { readonly dueAt?: number; readonly expiresAt?: number } => {
    const pending = [...snapshot.timers.map(({ dueAt }) => dueAt), ...(snapshot.tasks.length > 0 ? [at + attendant.leaseMs] : [])];
    if (snapshot.ended !== null) return pending.length > 0 ? { dueAt: Math.min(...pending) } : { expiresAt: at + tombstoneMs };
    // Rounded up to the hour, so that the index of due calls is not rewritten at every event.
    return { dueAt: Math.min(...pending, Math.ceil((at + silentCallMs) / 3_600_000) * 3_600_000) };
  };

  const after = (key: string, machine: AnyStateMachine, event: StepEvent, result: StepResult): void => {
    const { snapshot } = result;
    host.reconcile(key, snapshot.call.id, snapshot.bot, result.tasks);
    const { dueAt } = attention({ snapshot, at: event.at, seen: [], replies: [] });
    if (dueAt !== undefined) attend.wakeAt(dueAt);
    if (result.error !== undefined) log.error({ call: snapshot.call.id, bot: snapshot.bot, revision: snapshot.revision, code: result.error.code, details: result.error.details, err: causeOf(result.error) }, 'bot failed');
    if (snapshot.ended !== null && event.type !== 'task') log.info({ call: snapshot.call.id, bot: snapshot.bot, reason: snapshot.ended }, 'call ended');
    onStep?.({ machine, event, result });
  };

  /** Events that no request brought: they answer the request that is held, if one is. */
  const takeInside = (key: string, event: (reply: boolean) => StepEvent): Promise<void> =>
    inTurn(key, async () => {
      const waiting = held.get(key);
      const { result, body } = await take(key, event(waiting !== undefined), waiting?.id);
      if (waiting === undefined || result.ignored || body === null) return;
      held.delete(key);
      waiting.answer(body);
    }).catch((error: unknown) => {
      log.error({ call: key, code: isCallError(error) ? error.code : undefined, err: error }, 'event lost'); // the store's due index brings it back
    });

  const hold = (key: string, id: string, deadlineAt: number): Promise<Reply> => {
    let answer: Held['answer'] = () => {};
    const reply = new Promise<Reply>((resolve) => {
      answer = (body) => resolve({ body, repeated: false });
    });
    const timer = setTimeout(() => void takeInside(key, () => ({ type: 'reply.due', at: now() })), Math.max(0, deadlineAt - marginMs - now()));
    held.get(key)?.answer('');
    held.set(key, { id, reply, answer: (body) => { clearTimeout(timer); answer(body); } });
    return reply;
  };

  const host = taskHost({ find: bots.task, done: (key, taskId, result) => void takeInside(key, (reply) => ({ type: 'task', at: now(), taskId, result, reply })), log });
  const attend = attendant({
    store, now, log,
    visit: async (key) => {
      const known = await inTurn(key, () => load(key));
      if (known === undefined) return;
      const { snapshot, at } = known.record;
      host.reconcile(key, snapshot.call.id, snapshot.bot, snapshot.tasks);
      for (const timer of snapshot.timers) if (timer.dueAt <= now()) await takeInside(key, (reply) => ({ type: 'timer', at: now(), timer, reply }));
      if (snapshot.ended === null && now() - at >= silentCallMs) await takeInside(key, () => ({ type: 'service', at: now(), events: [{ type: 'call.ended', reason: 'service' }] }));
      else if (snapshot.tasks.some(({ id }) => host.runs(id))) await extendLease(key);
    },
  });

  /** Work goes on here: others need not take it up. */
  const extendLease = (key: string): Promise<void> =>
    inTurn(key, async () => {
      const known = await load(key);
      if (known === undefined || known.record.snapshot.tasks.length === 0) return;
      const record = { ...known.record, at: now() };
      const revision = known.revision + 1;
      if (await store.commit(key, known.revision, { revision, text: writeRecord(record), ...attention(record) })) keepWarm(key, { ...known, revision, record });
      else warm.delete(key);
    });

  return {
    deliver: async ({ arrival, bot, deadlineAt }) => {
      const key = keyOf(arrival.callId);
      const id = eventHash(arrival.eventId);
      const owed = await inTurn(key, async (): Promise<{ readonly reply: Promise<Reply> | Reply }> => {
        const known = await load(key);
        if (known?.record.seen.includes(id) === true) return { reply: repeated(key, known.record, id, deadlineAt) };
        const { result, body } = await take(key, { type: 'service', at: now(), events: arrival.events }, id, bot);
        if (body === null) return { reply: hold(key, id, deadlineAt) };
        if (!result.ignored && result.batch.length + (result.snapshot.ended === null ? 0 : 1) > 0) {
          held.get(key)?.answer('');
          held.delete(key);
        }
        return { reply: { body, repeated: false } };
      });
      return owed.reply;
    },
    close: async () => {
      attend.close();
      host.close();
      await Promise.allSettled(queues.values());
      for (const { answer } of held.values()) answer('');
      held.clear();
      await store.close();
    },
  };

  /** The stored reply again; a reply that is still owed is waited for, also by a process that did not owe it. */
  function repeated(key: string, record: CallRecord, id: string, deadlineAt: number): Promise<Reply> | Reply {
    const given = record.replies.find((reply) => reply.id === id);
    if (given === undefined) return { body: '', repeated: true };
    if (given.body !== null) return { body: given.body, repeated: true };
    const waiting = held.get(key);
    if (waiting?.id === id) return waiting.reply;
    const reply = hold(key, id, deadlineAt);
    if (record.snapshot.parked.length > 0) void takeInside(key, () => ({ type: 'reply.due', at: now() }));
    return reply;
  }
};

const unknownCall = (): never => {
  throw new CallError('ERR_CALL_UNKNOWN', 'this call is not on record', {});
};

/** What the author's code threw, for the log: its kind and place, never a message that might quote the caller. */
const causeOf = (error: CallError): unknown => {
  const cause = error.cause;
  if (!(cause instanceof Error)) return undefined;
  return { type: cause.name, stack: cause.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')).slice(0, 8) };
};
