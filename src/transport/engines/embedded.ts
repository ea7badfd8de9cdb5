/**
 * Embedded — the engine over a store in this process or on this disk.
 *
 * A request's events, the results of tasks and the timers that are due all end in `transact.ts`: load → step → encode →
 * commit. Here is what stands around it: events of one call take turns, the reply of a call that waits for itself is
 * held, what a step asked for is set going, and what nobody rings about is looked after.
 *
 * @module
 */
import type { Context, Tracer } from '@opentelemetry/api';
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../../errors.ts';
import type { EndReason, StepEvent, StepResult } from '../../machines/index.ts';
import { callLogDesk, type CallLogs } from '../call-logs.ts';
import { callSpans } from '../call-spans.ts';
import type { ChatSender } from '../chat.ts';
import { type Clock, machineClock } from '../clock.ts';
import type { Engine, Reply } from '../deliver.ts';
import { documents } from '../documents.ts';
import { type CallDetailRecord, detailDesk, detailOf } from '../detail.ts';
import { callHooks, type Hooks } from '../hooks.ts';
import { type AroundTask, type CallRef, taskHost } from '../host.ts';
import { codeOf, emit, tell, thrown, type Told } from '../log.ts';
import { overdueAt, toSend } from '../outbox.ts';
import { type CallRecord, eventHash, replyTo } from '../record.ts';
import { attendant } from './attendant.ts';
import { heldRequests } from './held.ts';
import { commandSender } from './sender.ts';
import { type Happening, type Taken, type Taking, transactor, type TransactOptions } from './transact.ts';

/** What happened to a call in one step; for inspectors. */
export interface Stepped {
  readonly machine: AnyStateMachine;
  readonly event: StepEvent;
  readonly result: StepResult;
}

export interface EmbeddedOptions extends TransactOptions, Told {
  /** How long before the service's deadline the filler goes out, ms. Default 500. */
  readonly marginMs?: number;
  /** Longest time between two looks for calls that want attention, ms. Default 1,000. */
  readonly roundMs?: number;
  readonly now?: () => number;
  /** Whose time it is, in place of `now`. Default: the machine's. */
  readonly clock?: Clock;
  /** Runs each task inside something, or lets something else stand for it. What it gives never rejects. */
  readonly aroundTask?: AroundTask;
  /** Gets a span for each state that a call is in, and for each task. */
  readonly tracer?: Tracer | undefined;
  /** Who delivers the chat messages of the bots. */
  readonly chat?: ChatSender;
  readonly onStep?: (stepped: Stepped) => void;
  /** Keep a log of each call: all that the bot was told and what it asked for, for `callchart replay`. What the caller said, keyed and is, is left out unless they say otherwise. */
  readonly callLogs?: CallLogs;
  /** Of these the engine runs those of `call`; the others are the exchange's. */
  readonly hooks?: Hooks;
  /**
   * Gets the detail record of each call at its end, from the process that committed the end, and never twice. What it
   * throws is logged as `detail lost`; and the record is lost when the process dies right after the commit.
   */
  readonly onDetail?: (detail: CallDetailRecord) => void | Promise<void>;
}

/** A lease is over so much later for others than for its holder, who renews it when it is over, ms. */
const graceMs = 5_000;

/** The events of one call that are taken now: `last` is done when all are. It stays when they are done, for the next. */
interface Turn {
  last: Promise<unknown> | undefined;
}

/** So many turns are kept before those are swept away in which nothing goes on: to add and remove one at each event costs more. */
const sweepSize = 1_024;

/** Makes the engine. */
export const embeddedEngine = (options: EmbeddedOptions): Engine => {
  const { store, bots, service, log, silentCallMs = 86_400_000, marginMs = 500, roundMs = 1_000, clock = machineClock(options.now), chat, onStep, callLogs, hooks, onDetail, tracer } = options;
  const { now } = clock;
  const { transact, look, extendLease, contextOf, callOf } = transactor(options);
  const { style, fillAfterMs = Infinity } = service;
  /** Whether the service can be told something that it has not asked for. */
  const canTell = style === 'command' || service.push !== undefined;
  const ofCalls = hooks?.call && callHooks(hooks.call, options, service.replyWithinMs);
  const details = onDetail && detailDesk(onDetail, options);
  const logs = callLogs && callLogDesk(callLogs, log);
  const spans = tracer && callSpans(tracer, log, now);
  const turns = new Map<string, Turn>();
  let sweepAt = sweepSize;
  let closing = false;

  /** Events of one call are taken one after the other in this process; between processes the commit decides. */
  const inTurn = <T>(callId: string, work: () => Promise<T>): Promise<T> => {
    const turn = turns.get(callId) ?? newTurn(callId);
    const ours = turn.last === undefined ? work() : turn.last.then(work, work);
    turn.last = ours;
    clock.working?.(ours);
    const leave = (): void => {
      if (turn.last === ours) turn.last = undefined;
    };
    ours.then(leave, leave);
    return ours;
  };

  const newTurn = (callId: string): Turn => {
    if (turns.size >= sweepAt) {
      for (const [id, { last }] of turns) if (last === undefined) turns.delete(id);
      sweepAt = sweepSize + 2 * turns.size;
    }
    const turn: Turn = { last: undefined };
    turns.set(callId, turn);
    return turn;
  };

  const underWay = (): readonly Promise<unknown>[] => Array.from(turns.values(), ({ last }) => last).filter((last) => last !== undefined);

  // ---- requests ----

  const deliver: Engine['deliver'] = async ({ arrival: { callId, eventId, events, memory, asks }, chain, bot, deadlineAt, trace }) => {
    const request = eventHash(eventId);
    // The promise of a held reply leaves the turn inside an object: awaited here, it would keep out what it waits for.
    const { kind, body, bot: id } = await inTurn(callId, async (): Promise<Omit<Reply, 'body'> & { readonly body: string | Promise<string> }> => {
      const taken = await take({ callId, event: asks === true ? replyIsDue() : { type: 'service', at: now(), events }, request, arrival: { bot, chain, memory } }, trace);
      const { record } = taken;
      const kind = taken.kind === 'committed' || taken.kind === 'noted' ? 'taken' : taken.kind;
      if (style === 'command') return { kind, body: '', bot: record.snapshot.bot };
      const given = replyTo(record, request);
      const reply = given === null ? held.hold(refOf(record), request, closing ? 0 : Math.max(0, Math.min(deadlineAt - marginMs - now(), patienceWith(record)))) : spoken(given, record);
      const isSuperseded = kind === 'taken' && given !== null && (given !== '' || record.snapshot.ended !== null);
      if (isSuperseded) held.answer(callId, spoken('', record));
      else if (held.of(callId) !== undefined && !isWaiting(record)) await takeOurs(callId, replyIsDue);
      return { kind, body: reply, bot: record.snapshot.bot };
    });
    return { kind, body: typeof body === 'string' ? body : await body, bot: id };
  };

  /** How long the caller goes without a word while the bot waits for itself, ms. On hold he hears something all the time. */
  const patienceWith = ({ snapshot: { held: heard } }: CallRecord): number => (heard === null ? fillAfterMs : 0);

  /** `given`, or what stands for nothing to say where an empty reply would end the call: what the call is about now, once more. */
  const spoken = (given: string, { snapshot: { bot, ended, awaiting }, replies }: CallRecord): string => {
    if (given !== '' || style === 'command' || service.idle === undefined) return given;
    return (ended === null && awaiting !== null ? replies.at(-1)?.body : undefined) ?? service.idle({ over: ended !== null, path: bots.pathOf(bot) });
  };

  /** Reminds a caller who is told nothing by replies that he is not alone, while the bot waits for itself. */
  const reminders = new Map<string, () => void>();

  const remind = (record: CallRecord): void => {
    const { call: { id: callId }, ended, awaiting, held: heard } = record.snapshot;
    reminders.get(callId)?.();
    reminders.delete(callId);
    if (closing || ended !== null || awaiting !== null || heard !== null || !isWaiting(record)) return;
    reminders.set(callId, clock.setTimer(now() + Math.min(fillAfterMs, service.replyWithinMs), () => {
      reminders.delete(callId);
      void bringIn(refOf(record), replyIsDue);
    }));
  };

  const held = heldRequests(clock, (ref) => void bringIn(ref, replyIsDue));

  // ---- events that no request brought ----

  /** Takes an event of our own making. It answers the request that is held, if there is one. */
  const takeOurs = (callId: string, event: (reply: boolean) => Happening): Promise<CallRecord> =>
    spans === undefined ? takeIn(callId, event) : spans.forCall(callId, () => takeIn(callId, event));

  const takeIn = async (callId: string, event: (reply: boolean) => Happening): Promise<CallRecord> => {
    const request = held.of(callId);
    const ours = event(request !== undefined || canTell);
    const { record } = await take({ callId, event: ours, request });
    // Another process may have answered for us, or there may be nothing left to say: when it is due, a reply goes out.
    const body = request === undefined ? null : (replyTo(record, request) ?? (ours.type === 'reply.due' ? '' : null));
    if (body !== null) held.answer(callId, spoken(body, record));
    return record;
  };

  /** The same, for those who cannot do anything about it when it fails. */
  const bringIn = (ref: CallRef, event: (reply: boolean) => Happening): Promise<void> =>
    inTurn(ref.call, () => takeOurs(ref.call, event)).then(() => {}, (error: unknown) => {
      log.error({ ...ref, ...thrown(error) }, 'event lost'); // a task whose result is lost is run again when its lease is over, and a command sent again
      held.fail(ref.call, error);
    });

  const replyIsDue = (): StepEvent => ({ type: 'reply.due', at: now() });

  const host = taskHost({ find: bots.task, documents: documents(store, now), chat, reveal: options.secrets?.reveal ?? noSecrets, log, around: bothAround(spans?.task, options.aroundTask), done: (ref, taskId, result) => void bringIn(ref, (reply) => ({ type: 'task', at: now(), taskId, result, reply })) });

  const { send } = service;
  const sender = send && commandSender({
    send: (command, context, signal) => send.call(service, command, { ...context, at: now() }, signal), // it may have waited for its turn
    working: clock.working,
    done: (ref, id, sent) => {
      if (sent.kind === 'refused') tell(options, 'warn', 'command.refused', { ...ref, command: id, reason: sent.reason });
      return bringIn(ref, () => ({ type: 'sent', at: now(), id, sent }));
    },
  });

  /** Hands over what is to be sent for a call now. */
  const post = ({ snapshot, memory, outbox, chain }: CallRecord): void => {
    if (sender === undefined) return;
    const command = toSend(outbox);
    const { call: { id: call }, bot } = snapshot;
    sender.hand(call, command && { ref: { call, bot, chain }, command, context: contextOf(snapshot, memory, now()) });
  };

  // ---- calls that nobody rings about ----

  const visit = async (key: string, isStart: boolean): Promise<boolean> => {
    const callId = callOf(key);
    if (callId === undefined) return true;
    let chain: string | undefined;
    try {
      return await inTurn(callId, async () => {
        let record = await look(callId);
        if (record === undefined) return true;
        chain = record.chain;
        for (const timer of record.snapshot.timers) if (timer.dueAt <= now()) record = await takeOurs(callId, (reply) => ({ type: 'timer', at: now(), timer, reply }));
        if (overdueAt(record.outbox) <= now()) record = await takeOurs(callId, () => ({ type: 'overdue', at: now() }));
        const isLost = record.snapshot.ended === null && now() - record.heardAt >= silentCallMs;
        if (isLost) await takeOurs(callId, () => ({ type: 'service', at: now(), events: [{ type: 'call.ended', reason: 'service' }] }));
        else if (isStart || now() >= record.leasedUntil + graceMs) {
          if (record.snapshot.tasks.length > 0) spans?.sees(refOf(record), record.snapshot, now());
          host.begin(refOf(record), record.snapshot.tasks);
          post(record);
        }
        if (host.worksFor(callId) || sender?.worksFor(callId) === true) await extendLease(callId, now());
        return true;
      });
    } catch (error) {
      log.error({ call: callId, chain, ...thrown(error) }, 'call not attended to');
      return false;
    }
  };

  /** A round belongs to no exchange, though one may have set its timer. */
  const visitApart = spans && ((key: string, isStart: boolean): Promise<boolean> => spans.forCall(callOf(key) ?? '', () => visit(key, isStart)));
  const attend = attendant({ store, clock, log, roundMs, visit: visitApart ?? visit });

  // ---- both ----

  /** Takes an event, and sets going what the step asked for beside the reply. */
  const take = async (taking: Taking, trace?: Context): Promise<Taken> => {
    const taken = await transact(taking);
    if (taken.kind !== 'committed' && taken.kind !== 'noted') return taken;
    if (sender !== undefined) post(taken.record);
    if (style === 'command') remind(taken.record);
    if (taken.kind === 'noted') {
      if (taken.dueAt !== undefined) attend.wakeAt(taken.dueAt);
      return taken;
    }
    const { machine, record: { snapshot }, commit: { event, before, result, failures, refused, dueAt } } = taken;
    const ref = refOf(taken.record);
    logs?.take({ service: service.name, machine, event, before: before?.snapshot, result, failures: failures.map(({ code }) => code), refused });
    spans?.step({ ref, at: taking.event.at, before: before?.snapshot, result, failures, trace });
    host.giveUp(ref.call, snapshot.tasks);
    if (snapshot.tasks.length > 0) host.begin(ref, snapshot.tasks.filter(({ id }) => !before?.snapshot.tasks.some((task) => task.id === id)));
    if (dueAt !== undefined) attend.wakeAt(dueAt);
    if (before === undefined) {
      tell(options, 'info', 'call.begun', ref);
      ofCalls?.tell({ type: 'begun', callId: ref.call, bot: ref.bot, chain: ref.chain, call: snapshot.call });
    }
    if (taking.event.type === 'task' && taking.event.result.type === 'task.failed') tellFailure(ref, before, taking.event.taskId, taking.event.result.error.code);
    for (const error of failures) tell(options, 'error', 'bot.failed', { ...ref, revision: snapshot.revision, code: error.code }, thrown(error));
    if (snapshot.ended !== null && before?.snapshot.ended !== snapshot.ended) end(ref, taken.record, snapshot.ended, taking.event.at);
    try {
      onStep?.({ machine, event, result });
    } catch (error) {
      log.error({ ...ref, ...thrown(error) }, 'observer failed');
    }
    return taken;
  };

  /** The host has logged it when it happened; this is when the bot was told. */
  const tellFailure = (ref: CallRef, before: CallRecord | undefined, taskId: string, code: unknown): void =>
    emit(options, 'task.failed', { ...ref, task: before?.snapshot.tasks.find(({ id }) => id === taskId)?.name ?? '', ...codeOf(code) });

  const end = (ref: CallRef, record: CallRecord, reason: EndReason, at: number): void => {
    tell(options, 'info', 'call.ended', { call: ref.call, bot: ref.bot, chain: ref.chain, reason, durationMs: at - record.begunAt });
    if (ofCalls === undefined && details === undefined) return;
    const detail = detailOf(record, reason, at);
    ofCalls?.tell({ type: 'ended', callId: ref.call, bot: ref.bot, chain: ref.chain, call: record.snapshot.call, reason, detail });
    details?.hand(detail);
  };

  return {
    deliver,
    close: async () => {
      closing = true;
      await attend.close();
      host.close();
      sender?.close();
      for (const disarm of reminders.values()) disarm();
      // What is held gets its filler, whose outcome asks whoever runs next.
      for (const ref of held.refs()) void bringIn(ref, replyIsDue);
      for (let all = underWay(); all.length > 0; all = underWay()) await Promise.allSettled(all);
      for (const { call } of held.refs()) held.fail(call, new CallError('ERR_STORE_UNAVAILABLE', 'the process ends', { reason: 'write' }));
      await Promise.all([ofCalls?.settled(), details?.settled(), logs?.settled()]);
      spans?.close();
      await store.close();
    },
  };
};

/** The one inside the other, where there are both. */
const bothAround = (outer: AroundTask | undefined, inner: AroundTask | undefined): AroundTask | undefined =>
  outer === undefined || inner === undefined ? (outer ?? inner) : (ref, task, signal, run) => outer(ref, task, signal, () => inner(ref, task, signal, run));

const noSecrets = (): never => {
  throw new CallError('ERR_SECRET_KEY', 'there is no key to open a secret with', { reason: 'missing' });
};

/** Whether the call has nothing to say before one of its tasks or timers is done. */
const isWaiting = ({ snapshot: { parked, tasks, timers } }: CallRecord): boolean => parked.length === 0 && tasks.length + timers.length > 0;

const refOf = ({ snapshot: { call, bot }, chain }: CallRecord): CallRef => ({ call: call.id, bot, chain });
