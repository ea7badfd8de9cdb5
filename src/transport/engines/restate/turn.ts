/**
 * Turn — what an invocation does with the one call that is its own meanwhile: steps it, keeps it, and sets going what the
 * steps asked for.
 *
 * A step is made by `transact.ts` over a store of one record, and what it comes to is journaled before anything is made of it:
 * an invocation that is carried out again after a crash goes on with what was decided, though the bot's code would say something
 * else by now (chance, the time, an edited prompt). Everything else is said to Restate and is journaled there: state first, so
 * that whoever is told of it finds it; but for tasks, which know all they need and have their turn with the call later.
 *
 * @module
 */
import type { ObjectContext } from '@restatedev/restate-sdk';
import { ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { CallError, isCallError } from '../../../errors.ts';
import { timerKey } from '../../../machines/index.ts';
import { thrown } from '../../log.ts';
import { overdueAt, toSend } from '../../outbox.ts';
import { type CallRecord, readRecord, replyTo, writeRecord } from '../../record.ts';
import { canTell } from '../../service.ts';
import { defaultSilentCallMs, defaultTombstoneMs } from '../attention.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { Happening, Taking } from '../happening.ts';
import { refOf, type Telling } from '../telling.ts';
import { type Taken, transactor, unknownCall } from '../transact.ts';
import { freeWorks, paceMs, spoken, wantsReminder } from '../waiting.ts';
import type { StoredRecord } from '../store.ts';
import { type Beside, type Decision, errorOf, readDecision, refusalOf, writeDecision } from './decision.ts';
import { type HeldRequest, type Kept, readKept, storeOfOne, writeKept } from './kept.ts';
import type { CallMessages, HeldAnswer, KeptAside, Names, PutOff, TaskErrand } from './messages.ts';
import { json, plainText } from './text.ts';

/** What turns are taken with. */
export interface TurnOptions extends EngineOptions {
  readonly names: Names;
  readonly telling: Telling;
}

/** What else goes with an event that is taken. */
export interface TakeMore {
  readonly exchange?: SpanContext | undefined;
  /** Until when the reply is owed that the record, as it is then, does not have yet: so it is written with it, and not once more. */
  readonly heldUntil?: (record: CallRecord) => number | undefined;
}

/** A call in hand. */
export interface Turn {
  readonly kept: Kept | undefined;
  /** The call as it is on record. */
  look(): CallRecord | undefined;
  /** @throws as `Transactor.transact`; the call is then as it was */
  take(taking: Omit<Taking, 'callId'>, more?: TakeMore): Promise<Pick<Taken, 'kind' | 'record'>>;
  /** Takes an event of our own making. It answers the request that is held, if there is one that somebody may still wait for. */
  takeOurs(at: number, event: (reply: boolean) => Happening): Promise<CallRecord>;
  /** Notes that the reply to `request` is owed until `until`. */
  hold(request: string, until: number): void;
  /** Lets `awakeable` hear the reply that is owed. */
  wait(awakeable: string): void;
  /** Gives up whoever waits. */
  fail(answer: HeldAnswer): void;
  /** The task is done, by itself. */
  forgetTask(taskId: string): void;
  /** From now on nothing is left to other deployments. */
  leaveNothing(): void;
  /** Says something to the call later. */
  sendLater<M extends keyof CallMessages>(message: M, content: CallMessages[M] & PutOff, delayMs: number): void;
  /** The call is forgotten. */
  forget(): void;
}

export const stateKey = 'call';

/** Makes turns. */
export const turns = (options: TurnOptions): ((ctx: ObjectContext) => Promise<Turn>) => {
  const { service, bots, telling, names, silentCallMs = defaultSilentCallMs, tombstoneMs = defaultTombstoneMs } = options;
  const { style, fillAfterMs = Infinity } = service;

  /** Whether anybody hears of the step. Those of which nobody does are not slowed down by it. */
  const isTold = (happened: Happening, { commit: { before, failures }, record }: Extract<Taken, { readonly kind: 'committed' }>): boolean =>
    before === undefined || failures.length > 0 || record.snapshot.ended !== before.snapshot.ended || (happened.type === 'task' && happened.result.type === 'task.failed') ||
    options.callLogs !== undefined || options.tracer !== undefined || options.onStep !== undefined;

  return async (ctx) => {
    const callId = ctx.key;
    const stored = await ctx.get<string>(stateKey, plainText);
    let kept = stored === null ? undefined : readKept(stored);
    let leavesNothing = false;

    const keep = (next: Kept): void => {
      kept = next;
      ctx.set<string>(stateKey, writeKept(next), plainText);
    };

    /** `request` as one whose reply is owed until `until`, with those who wait for it already. */
    const heldFor = (request: string, until: number): HeldRequest => ({ request, until, waiters: kept?.held?.request === request ? kept.held.waiters : [] });

    const keepHeld = (held: HeldRequest | undefined): void => {
      if (kept !== undefined && held !== kept.held) keep({ ...kept, held });
    };

    const sendLater: Turn['sendLater'] = (message, content, delay) => void ctx.genericSend({ service: names.call, method: message, key: callId, parameter: content, delay: Math.max(0, Math.ceil(delay)), inputSerde: json });

    /** What is kept beside a call is what was found of it and nobody can go on with: a document. */
    const keepBeside = (id: string, record: StoredRecord, at: number): void => {
      const message: KeptAside = { record, ...(record.expiresAt !== undefined && { keepMs: record.expiresAt - at }) };
      ctx.genericSend({ service: names.document, method: 'append', key: id, parameter: message, inputSerde: json });
    };

    /** Whoever waits for the reply hears `answer`, and nobody waits any more. */
    const answerHeld = (answer: HeldAnswer): void => {
      for (const waiter of kept?.held?.waiters ?? []) ctx.resolveAwakeable(waiter, answer);
      keepHeld(undefined);
    };

    /** What the commit of `record` sets going. */
    const setGoing = (before: CallRecord | undefined, record: CallRecord, at: number): void => {
      const { snapshot, outbox, begunAt } = record;
      const next = toSend(outbox);
      if (next !== undefined && next.id !== toSend(before?.outbox ?? [])?.id) ctx.genericSend({ service: names.outbox, method: 'send', key: callId, parameter: { id: next.id }, inputSerde: json });
      const overdue = overdueAt(outbox);
      if (overdue !== Infinity && overdue !== overdueAt(before?.outbox ?? [])) sendLater('overdue', { at: overdue }, overdue - at);
      if (style === 'command' && kept !== undefined && wantsReminder(record)) sendLater('remind', { revision: kept.revision }, Math.min(fillAfterMs, service.replyWithinMs));
      const known = new Set(before?.snapshot.timers.map(timerKey));
      for (const timer of snapshot.timers) if (!known.has(timerKey(timer))) sendLater('timer', { key: timerKey(timer) }, timer.dueAt - at);
      if (before === undefined) sendLater('look', { begunAt, ended: false }, silentCallMs);
      if (snapshot.ended !== null && (before?.snapshot.ended ?? null) === null) sendLater('look', { begunAt, ended: true }, tombstoneMs);
    };

    /**
     * Begins the tasks that are new and gives up those that nobody waits for any more; gives the invocations that are left. That is before the
     * state is written, once and with them in it: what comes of a task waits until this invocation is over.
     */
    const tend = async (before: CallRecord | undefined, record: CallRecord, known: Kept['tasks'], own: number): Promise<Kept['tasks']> => {
      const { tasks } = record.snapshot;
      const running = Object.fromEntries(Object.entries(known).filter(([id, invocation]) => {
        if (tasks.some((task) => task.id === id)) return true;
        ctx.cancel(invocation as Parameters<typeof ctx.cancel>[0]);
        return false;
      }));
      for (const task of tasks.filter(({ id }) => before?.snapshot.tasks.some((one) => one.id === id) !== true)) {
        const errand: TaskErrand = { ref: refOf(record), version: record.snapshot.version, task };
        running[task.id] = await ctx.genericSend({ service: names.task, method: 'perform', parameter: errand, ...(own > freeWorks && { delay: paceMs }), inputSerde: json }).invocationId;
      }
      return running;
    };

    /** What an event comes to. `taken`: as it was decided here, and not by an earlier attempt. */
    const decide = async (taking: Omit<Taking, 'callId'>): Promise<{ readonly decision: Decision; readonly taken: Taken | undefined }> => {
      let taken: Taken | undefined;
      const journaled = await ctx.run('decided', async () => {
        const aside: Beside[] = [];
        let text: string | undefined;
        const key = `${service.name}:${callId}`;
        const store = storeOfOne({ key, kept, ...(leavesNothing && { dueAt: 0 }) }, (id, record) => void (id === key ? (text = record.text) : aside.push({ id, record })));
        try {
          taken = await transactor({ ...options, liveCalls: 0, store }).transact({ ...taking, callId });
          const remains = taken.kind === 'committed' && taken.commit.lost !== undefined && taken.commit.before !== undefined ? writeRecord(taken.commit.before) : undefined;
          return writeDecision({ kind: taken.kind, aside, ...(remains !== undefined && { remains }), text });
        } catch (error) {
          if (!isCallError(error)) options.log.error({ call: callId, ...thrown(error) }, 'event lost');
          return writeDecision({ kind: 'refused', ...refusalOf(error) });
        }
      }, { serde: plainText });
      return { decision: readDecision(journaled), taken };
    };

    const take: Turn['take'] = async (taking, { exchange, heldUntil } = {}) => {
      const previous = kept;
      const { decision, taken } = await decide(taking);
      if (decision.kind === 'refused') throw errorOf(decision);
      const { kind, text, aside, remains } = decision;
      const now = text ?? previous?.text;
      const record = taken?.record ?? (now === undefined ? unknownCall() : readRecord(now));
      if (text === undefined) return { kind, record }; // of an event that was ignored its id is kept, if it is new
      const was = remains ?? previous?.text;
      const before = taken?.kind === 'committed' ? taken.commit.before : was === undefined ? undefined : readRecord(was);
      const waited = previous?.held;
      const reply = waited === undefined ? null : replyTo(record, waited.request); // it is on record now, or is no longer owed
      const until = heldUntil?.(record);
      const held = until === undefined || taking.request === undefined ? (reply === null ? waited : undefined) : heldFor(taking.request, until);
      const own = taking.arrival === undefined ? (previous?.own ?? 0) + (isOwnWork(taking.event) ? 1 : 0) : 0;
      keep({ revision: (previous?.revision ?? 0) + 1, held, own, tasks: await tend(before, record, previous?.tasks ?? {}, own), text });
      for (const { id, record: beside } of aside) keepBeside(id, beside, taking.event.at);
      if (reply !== null) for (const waiter of waited?.waiters ?? []) ctx.resolveAwakeable<HeldAnswer>(waiter, { body: spoken(reply, record, service, bots) });
      setGoing(before, record, taking.event.at);
      // It is told once: an attempt that finds in its journal what was decided has been told of, or its process is dead.
      if (taken?.kind === 'committed' && isTold(taking.event, taken)) telling.committed(taking.event, taken, exchange && trace.setSpanContext(ROOT_CONTEXT, { ...exchange, isRemote: true }));
      return { kind, record };
    };

    return {
      get kept() { return kept; },
      look: () => kept && readRecord(kept.text),
      take,
      takeOurs: async (at, event) => {
        const held = kept?.held;
        const isDue = event(true).type === 'reply.due';
        const request = held !== undefined && (isDue || at < held.until) ? held.request : undefined;
        const { record } = await take({ event: event(request !== undefined || canTell(service)), request });
        // There may be nothing left to say: when it is due, a reply goes out.
        if (isDue && kept?.held !== undefined && kept.held.request === request) answerHeld({ body: spoken('', record, service, bots) });
        return record;
      },
      hold: (request, until) => {
        if (kept?.held?.request !== request || kept.held.until !== until) keepHeld(heldFor(request, until));
      },
      wait: (awakeable) => {
        if (kept?.held === undefined) throw new CallError('ERR_CALL_CONFLICT', 'the reply is owed to nobody', { attempts: 1 });
        keepHeld({ ...kept.held, waiters: [...kept.held.waiters, awakeable] });
      },
      fail: answerHeld,
      forgetTask: (taskId) => {
        if (kept === undefined || !Object.hasOwn(kept.tasks, taskId)) return;
        const { [taskId]: _, ...tasks } = kept.tasks;
        keep({ ...kept, tasks });
      },
      leaveNothing: () => void (leavesNothing = true),
      sendLater,
      forget: () => {
        answerHeld({ body: '' });
        kept = undefined;
        ctx.clearAll();
      },
    };
  };
};

const isOwnWork = ({ type }: Happening): boolean => type === 'task' || type === 'sent';
