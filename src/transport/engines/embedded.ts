/**
 * Embedded — the engine over a store in this process or on this disk.
 *
 * A request's events, the results of tasks and the timers that are due all end in `transact.ts`: load → step → encode →
 * commit. Here is what stands around it: events of one call take turns, the reply of a call that waits for itself is
 * held, what a step asked for is set going, and what nobody rings about is looked after.
 *
 * @module
 */
import type { Context } from '@opentelemetry/api';
import { CallError, isCallError } from '../../errors.ts';
import { dueTimers, type ServiceEvent, type StepEvent } from '../../machines/index.ts';
import { machineClock } from '../clock.ts';
import { type Engine, ending, type Reply } from '../deliver.ts';
import { documents } from '../documents.ts';
import { bothAround, type CallRef, taskHost } from '../host.ts';
import { tell, thrown } from '../log.ts';
import { overdueAt, toSend } from '../outbox.ts';
import { type CallRecord, eventHash, isSet, noLeases, replyTo } from '../record.ts';
import { noSecrets } from '../secrets.ts';
import { canTell } from '../service.ts';
import { attendant, type Visited } from './attendant.ts';
import type { EngineOptions } from './engine-options.ts';
import { heartbeat, tryCommit } from './heartbeat.ts';
import { heldRequests } from './held.ts';
import { commandSender, sendingOf } from './sender.ts';
import type { CallStore } from './store.ts';
import { refOf, stepTelling } from './telling.ts';
import { type Happening, hungUp, leasedWithinMs, type Looked, type Taken, type Taking, transactor, workOf } from './transact.ts';
import { callTurns } from './turns.ts';
import { freeWorks, isWaiting, paceMs, patienceWith, saidAgain, spoken, wantsReminder } from './waiting.ts';

export interface EmbeddedOptions extends EngineOptions {
  readonly store: CallStore;
}

/** Makes the engine. */
export const embeddedEngine = (options: EmbeddedOptions): Engine => {
  const { store, bots, service, log, silentCallMs = 86_400_000, marginMs = 500, roundMs = 1_000, clock = machineClock(options.now), chat } = options;
  const { now, elapsed = now } = clock;
  const pulse = heartbeat({ store, clock, log, commitMs: service.replyWithinMs, holds: () => host.isBusy() || sender?.isBusy() === true, onLost: () => void (wasLost = true) });
  const { transact, look, changed, warmed, isKept, lease, contextOf, prefix, callOf } = transactor(options, pulse);
  const { style, fillAfterMs = Infinity } = service;
  const telling = stepTelling(options, now);
  const { spans } = telling;
  const turns = callTurns(clock);
  const inTurn = turns.take;
  let closing = false;
  let draining = false;
  /** Why the last commit of a call failed: the store takes nothing; undefined once it took something. */
  let refused: CallError | undefined;
  /** This process was taken for dead: what it holds may be another's by now. */
  let wasLost = false;
  /** Calls of which it is not known whether what was decided was committed, or whose work was not begun when it was. */
  const doubted = new Set<string>();

  // ---- requests ----

  const deliver: Engine['deliver'] = async ({ arrival: { callId, eventId, events, memory, asks }, chain, bot, deadlineAt, trace, taken: tellTaken }) => {
    const request = eventHash(eventId);
    if (draining && events.some(begins) && !(await isKept(callId))) throw ending();
    turns.heard(callId);
    // The promise of a held reply leaves the turn inside an object: awaited here, it would keep out what it waits for.
    const { kind, body, bot: id } = await inTurn(callId, async (): Promise<Omit<Reply, 'body'> & { readonly body: string | Promise<string> }> => {
      const taken = await take({ callId, event: asks === true ? replyIsDue() : { type: 'service', at: now(), events }, request, arrival: { bot, chain, memory } }, trace);
      const { record } = taken;
      const kind = taken.kind === 'committed' || taken.kind === 'noted' ? 'taken' : taken.kind;
      if (kind === 'taken') tellTaken?.(record.snapshot.bot);
      if (style === 'command') return { kind, body: '', bot: record.snapshot.bot };
      const again = kind === 'taken' ? undefined : saidAgain(record, events, service);
      if (again !== undefined) log.warn({ ...refOf(record) }, 'call behind');
      const given = again ?? replyTo(record, request);
      const reply = given === null ? held.hold(refOf(record), request, closing ? 0 : Math.max(0, Math.min(fillAt(deadlineAt) - now(), patienceWith(record, service))), lookFor(refOf(record))) : spoken(given, record, service, bots);
      const isSuperseded = kind === 'taken' && given !== null && (given !== '' || record.snapshot.ended !== null);
      if (isSuperseded) held.answer(callId, spoken('', record, service, bots));
      else if (held.of(callId) !== undefined && !isWaiting(record)) await takeOurs(callId, replyIsDue);
      return { kind, body: reply, bot: record.snapshot.bot };
    });
    return { kind, body: typeof body === 'string' ? body : await body, bot: id };
  };

  /** How long what was committed of late took, ms. */
  let commitMs = 0;

  /** When a filler is begun: earlier by what a commit takes, so that it is there `marginMs` before the deadline where the store is as fast as it was. */
  const fillAt = (deadlineAt: number): number => deadlineAt - marginMs - Math.min(commitMs, service.replyWithinMs / 4);

  /** Reminds a caller who is told nothing by replies that he is not alone, while the bot waits for itself. */
  const reminders = new Map<string, () => void>();

  /** `waited`: how long the caller has heard nothing already, ms, by whose clock ever. */
  const remind = (record: CallRecord, waited = 0): void => {
    const { call: { id: callId } } = record.snapshot;
    reminders.get(callId)?.();
    reminders.delete(callId);
    if (closing || !wantsReminder(record)) return;
    reminders.set(callId, clock.setTimer(now() + Math.max(0, Math.min(fillAfterMs, service.replyWithinMs) - Math.max(0, waited)), () => {
      reminders.delete(callId);
      void bringHome(refOf(record), replyIsDue);
    }));
  };

  const held = heldRequests(clock, (ref, request) => void fill(ref, request));

  /**
   * Looks if another process has done the work that a held request waits for, or has answered the same request: it is on record then.
   * Nothing is looked for while all that the call waits for is this process's own, and its timers are not due.
   */
  const lookFor = (ref: CallRef): (() => Promise<void>) | undefined => {
    if (store.durable === false) return undefined;
    let revision = 0;
    let hasFailed = false;
    return async () => {
      const warm = warmed(ref.call);
      if (warm !== undefined && isOurs(warm)) return;
      try {
        await inTurn(ref.call, async () => {
          const request = held.of(ref.call);
          const kept = request === undefined ? undefined : await changed(ref.call, revision);
          if (request === undefined || kept === undefined) return;
          if (!isWaiting(kept.record) || replyTo(kept.record, request) !== null) await takeOurs(ref.call, replyIsDue);
          ({ revision } = kept);
        });
        hasFailed = false;
      } catch (error) {
        if (!hasFailed) log.warn({ ...ref, ...thrown(error) }, 'held reply not looked for');
        hasFailed = true;
      }
    };
  };

  const isOurs = ({ snapshot: { tasks, timers, parked }, leasedBy }: CallRecord): boolean =>
    parked.length === 0 && tasks.every(({ id }) => leasedBy[id] === pulse.name()) && timers.every(({ dueAt }) => dueAt > now()) && tasks.length + timers.length > 0;

  // ---- events that no request brought ----

  /** Takes an event of our own making. It answers the request that is held, if there is one. */
  const takeOurs = (callId: string, event: (reply: boolean) => Happening): Promise<CallRecord> =>
    spans === undefined ? takeIn(callId, event) : spans.forCall(callId, () => takeIn(callId, event));

  const takeIn = async (callId: string, event: (reply: boolean) => Happening): Promise<CallRecord> => {
    const request = held.of(callId);
    const ours = event(request !== undefined || canTell(service));
    const { record } = await take({ callId, event: ours, request });
    // Another process may have answered for us, or there may be nothing left to say: when it is due, a reply goes out.
    const body = request === undefined ? null : (replyTo(record, request) ?? (ours.type === 'reply.due' ? '' : null));
    if (body !== null) held.answer(callId, spoken(body, record, service, bots));
    return record;
  };

  /**
   * What is due to the held `request` is said. It may be answered before this has its turn: what was said then would be said to nobody, in the
   * place of what another process owes to the request after it.
   */
  const fill = (ref: CallRef, request: string): Promise<void> =>
    inTurn(ref.call, async () => {
      if (held.of(ref.call) === request) await takeOurs(ref.call, replyIsDue);
    }).catch((error: unknown) => {
      log.error({ ...ref, ...thrown(error) }, 'event lost');
      held.fail(ref.call, error);
    });

  /** Takes in what came of work that the call asked for: as often as it takes, while the store cannot be had. */
  const bringHome = async (ref: CallRef, event: (reply: boolean) => Happening): Promise<void> => {
    if (turns.worked(ref.call) > freeWorks) await pause(paceMs);
    for (;;) {
      try {
        return void (await inTurn(ref.call, () => takeOurs(ref.call, event)));
      } catch (error) {
        log.error({ ...ref, ...thrown(error) }, 'event lost');
        if (!mayComeRight(error)) return held.fail(ref.call, error);
      }
      if (closing) return;
      await pause(roundMs);
    }
  };

  const pauses = new Set<() => void>();

  /** Resolves after `ms`, or when the engine closes. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        disarm();
        pauses.delete(end);
        resolve();
      };
      const disarm = clock.setTimer(now() + ms, end);
      pauses.add(end);
    });

  const replyIsDue = (): StepEvent => ({ type: 'reply.due', at: now() });

  const host = taskHost({ find: bots.task, documents: documents(store, now), chat, reveal: options.secrets?.reveal ?? noSecrets, log, around: bothAround(spans?.task, options.aroundTask), done: (ref, taskId, result) => bringHome(ref, (reply) => ({ type: 'task', at: now(), taskId, result, reply })) });

  const send = sendingOf(service, log);
  const sender = send && commandSender({
    send: (command, context, signal) => send(command, { ...context, at: now() }, signal), // it may have waited for its turn
    working: clock.working,
    may: ({ call }) => pulse.isFresh() || doubt(call),
    done: (ref, id, sent) => {
      if (sent.kind === 'refused') tell(options, 'warn', 'command.refused', { ...ref, command: id, reason: sent.reason });
      return bringHome(ref, () => ({ type: 'sent', at: now(), id, sent }));
    },
  });

  /**
   * Begins what the call has to do and this process holds, as far as it is not under way. A process that others may have taken for
   * dead looks at the call again before.
   */
  const setGoing = (record: CallRecord): void => {
    const { snapshot, memory, outbox, leasedBy } = record;
    if (leasedBy === noLeases) return sender?.hand(snapshot.call.id, undefined);
    const ref = refOf(record);
    const name = pulse.name();
    const tasks = snapshot.tasks.filter(({ id }) => leasedBy[id] === name && !host.runs(ref.call, id));
    const next = toSend(outbox);
    const command = next !== undefined && leasedBy[next.id] === name ? next : undefined;
    if (tasks.length === 0 && command === undefined) sender?.hand(ref.call, undefined);
    else if (!pulse.isFresh()) doubt(ref.call);
    else {
      if (tasks.length > 0) host.begin(ref, bots.worksAs(snapshot), tasks);
      sender?.hand(ref.call, command && { ref, command, context: contextOf(snapshot, memory, now()) });
    }
  };

  /** The call is looked at again in the next round. */
  const doubt = (callId: string): false => {
    doubted.add(callId);
    return false;
  };

  // ---- calls that nobody rings about ----

  /** The call as it is on record. One that nobody here can go on with is kept aside, and nothing of it is left to be seen to. */
  const lookAt = async (callId: string): Promise<Looked | undefined> => {
    try {
      return await look(callId);
    } catch (error) {
      if (!isCallError(error) || error.code !== 'ERR_RECORD_UNKNOWN') throw error;
      await takeOurs(callId, () => ({ type: 'unread', at: now() }));
      return undefined;
    }
  };

  const visit = async (key: string): Promise<boolean> => {
    const callId = callOf(key);
    if (callId === undefined) return true;
    let chain: string | undefined;
    try {
      return await inTurn(callId, async () => {
        doubted.delete(callId);
        const looked = await lookAt(callId);
        if (looked === undefined) return true;
        let { record } = looked;
        chain = record.chain;
        // First what ends the call: nothing that its bot has to say stands in the way of it.
        const isLost = record.snapshot.ended === null && now() - record.heardAt >= silentCallMs;
        const { endAsked } = record;
        if (isLost) record = await takeOurs(callId, () => hungUp(now()));
        else if (endAsked !== undefined && record.snapshot.ended === null) record = await takeOurs(callId, (reply) => ({ type: 'end.asked', at: now(), apologise: endAsked.apologise, reply }));
        for (const timer of dueTimers(record.snapshot.timers, now())) if (isSet(record, timer)) record = await takeOurs(callId, (reply) => ({ type: 'timer', at: now(), timer, reply }));
        if (overdueAt(record.outbox) <= now()) record = await takeOurs(callId, () => ({ type: 'overdue', at: now() }));
        if (!isLost && workOf(record.snapshot.tasks, record.outbox).length > 0) await seeToWork(callId, record === looked.record ? looked : await look(callId));
        return true;
      });
    } catch (error) {
      if (isCallError(error) && error.code === 'ERR_CALL_ELSEWHERE') {
        log.info({ call: callId, chain, ...thrown(error) }, 'call left to others');
        return false;
      }
      if (isCallError(error) && error.code === 'ERR_STORE_UNAVAILABLE') {
        doubt(callId);
        throw error; // of all calls the same would be said
      }
      log.error({ call: callId, chain, ...thrown(error) }, 'call not attended to');
      if (!mayComeRight(error)) return false;
      doubt(callId);
      return true;
    }
  };

  /** Sees to it that somebody does what the call has to do: whoever holds it, while that is alive, and else this process, once it is on record that it does. */
  const seeToWork = async (callId: string, looked: Looked | undefined): Promise<void> => {
    if (looked === undefined) return;
    const { record, dueAt } = looked;
    const { snapshot: { tasks }, outbox, leasedBy } = record;
    const [ours, others] = [new Set<string>(), new Set<string>()];
    for (const holder of new Set(Object.values(leasedBy))) if (holder !== pulse.name() && (await pulse.isAlive(holder))) others.add(holder);
    const work = workOf(tasks, outbox);
    for (const id of work) if (!others.has(leasedBy[id] ?? '')) ours.add(id);
    host.giveUp(callId, tasks.filter(({ id }) => ours.has(id)));
    const isLeft = work.some((id) => ours.has(id) && leasedBy[id] !== pulse.name());
    const isOverdue = ours.size > 0 && dueAt !== undefined && dueAt <= now();
    const taken = isLeft || isOverdue ? await lease(callId, looked, (holder) => !others.has(holder), now()) : looked;
    if (taken === undefined) return void doubt(callId);
    if (taken !== looked) {
      committed(callId);
      if (taken.dueAt !== undefined) attend.wakeAt(taken.dueAt);
    }
    if (isLeft && tasks.length > 0) spans?.sees(refOf(record), record.snapshot, now());
    setGoing(taken.record);
    if (isLeft && style === 'command') remind(taken.record, now() - taken.record.heardAt);
  };

  /** Calls that are visited now, and what has come of it so far. */
  const visits = new Map<string, Visited>();

  const committed = (callId: string): void => {
    if (visits.has(callId)) visits.set(callId, 'committed');
  };

  /** A round belongs to no exchange, though one may have set its timer. */
  const visitApart = async (key: string): Promise<Visited> => {
    const callId = callOf(key) ?? '';
    visits.set(callId, 'nothing');
    try {
      const couldBe = await (spans === undefined ? visit(key) : spans.forCall(callId, () => visit(key)));
      return couldBe ? (visits.get(callId) ?? 'nothing') : 'left';
    } finally {
      visits.delete(callId);
    }
  };

  const hasGone = async (): Promise<boolean> => {
    const hasLost = wasLost;
    const hasLeft = await pulse.look();
    if (hasLost) wasLost = false;
    if (pulse.lookAgainMs() < roundMs) attend.wakeAt(now() + pulse.lookAgainMs());
    return hasLeft || hasLost;
  };

  const attend = attendant({ store, prefix, clock, log, roundMs, visit: visitApart, hasGone, aheadMs: leasedWithinMs, doubted: () => Array.from(doubted, (callId) => prefix + callId) });

  // ---- both ----

  /** Takes an event, and sets going what the step asked for beside the reply. */
  const take = async (taking: Taking, trace?: Context): Promise<Taken> => {
    const began = elapsed();
    let taken: Taken;
    try {
      taken = await transact(taking);
    } catch (error) {
      if (isRefusal(error)) refused = error;
      if (mayComeRight(error)) doubt(taking.callId); // it may have been committed, with work that nobody has begun
      throw error;
    }
    if (taken.kind !== 'committed' && taken.kind !== 'noted') return taken;
    committed(taking.callId);
    commitMs = Math.max(elapsed() - began, 0.9 * commitMs);
    refused = undefined;
    const { record, record: { snapshot } } = taken;
    const dueAt = taken.kind === 'noted' ? taken.dueAt : taken.commit.dueAt;
    if (taken.kind === 'committed') telling.committed(taking.event, taken, trace);
    host.giveUp(snapshot.call.id, snapshot.tasks);
    setGoing(record);
    if (style === 'command') remind(record);
    if (dueAt !== undefined) attend.wakeAt(dueAt);
    return taken;
  };

  return {
    deliver,
    drain: () => void (draining = true),
    check: async () => {
      await store.load(prefix);
      if (refused === undefined) return;
      await tryCommit(store, now());
      refused = undefined;
    },
    close: async () => {
      closing = true;
      await attend.close();
      host.close();
      sender?.close();
      for (const disarm of reminders.values()) disarm();
      for (const end of pauses) end();
      // What is held gets its filler, whose outcome asks whoever runs next.
      for (const ref of held.refs()) void fill(ref, held.of(ref.call) ?? '');
      for (let all = turns.underWay(); all.length > 0; all = turns.underWay()) await Promise.allSettled(all);
      for (const { call } of held.refs()) held.fail(call, new CallError('ERR_STORE_UNAVAILABLE', 'the process ends', { reason: 'write' }));
      await telling.close();
      await pulse.close().catch((error: unknown) => log.warn(thrown(error), 'heartbeat failed')); // then others find out by themselves
      await store.close();
    },
  };
};

/** Whether the same may go well in a while. */
const mayComeRight = (error: unknown): boolean => isCallError(error) && (error.code === 'ERR_STORE_UNAVAILABLE' || error.code === 'ERR_CALL_CONFLICT');

/** Whether a store could be asked and took nothing. */
const isRefusal = (error: unknown): error is CallError => isCallError(error) && error.code === 'ERR_STORE_UNAVAILABLE' && (error.details.reason === 'full' || error.details.reason === 'write');

/** Whether a call rings. One that we placed and that somebody has answered is no longer anybody else's to take. */
const begins = (event: ServiceEvent): boolean => event.type === 'call.incoming' && event.call.direction === 'inbound';
