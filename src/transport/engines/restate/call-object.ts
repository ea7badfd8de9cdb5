/**
 * Call object — a call at Restate: a virtual object, whose key is the id of the call, and of which one thing is done at a time.
 *
 * Nothing that is said to it throws: what is refused is an answer, and what is broken is logged here. So nothing is tried
 * again in vain, and no call waits behind another, or behind its own past.
 *
 * @module
 */
import type { ObjectContext, ObjectSharedContext, VirtualObjectDefinition } from '@restatedev/restate-sdk';
import { CallError, isCallError } from '../../../errors.ts';
import { dueTimers, timerKey } from '../../../machines/index.ts';
import { ending } from '../../deliver.ts';
import { thrown } from '../../log.ts';
import { overdueAt, toSend } from '../../outbox.ts';
import { type CallRecord, isSet, readRecord, replyTo } from '../../record.ts';
import { noSecrets } from '../../secrets.ts';
import type { CommandContext, ServiceCommand } from '../../service.ts';
import { defaultSilentCallMs, defaultTombstoneMs } from '../attention.ts';
import { decider } from '../decide.ts';
import { type Happening, hungUp } from '../happening.ts';
import type { Errand } from '../sender.ts';
import { refOf } from '../telling.ts';
import { unknownCall } from '../transact.ts';
import { isWaiting, patienceWith, saidAgain, spoken } from '../waiting.ts';
import { Defect, refusalOf } from './decision.ts';
import { readKept } from './kept.ts';
import type { Answer, CallMessages, HeldAnswer, PutOff, Refused, Told, ToldEvent } from './messages.ts';
import type { Sdk } from './sdk.ts';
import { shortly } from './shortly.ts';
import { plainText } from './text.ts';
import { stateKey, type Turn, type TurnOptions, turns } from './turn.ts';

export interface CallObjectOptions extends TurnOptions {
  readonly now: () => number;
}

/** Defines the object. */
export const callObject = ({ handlers: { object: { exclusive, shared } }, object }: Sdk, options: CallObjectOptions): VirtualObjectDefinition<string, unknown> => {
  const { names, bots, service, log, telling, secrets, now, unknownVersions, silentCallMs = defaultSilentCallMs, tombstoneMs = defaultTombstoneMs } = options;
  const { style } = service;
  const turnOf = turns(options);
  const { contextOf } = decider(options);

  const inSpan = <T>(callId: string, work: () => Promise<T>): Promise<T> => (telling.spans === undefined ? work() : telling.spans.forCall(callId, work));

  const reply = (given: string, record: CallRecord): string => spoken(given, record, service, bots);

  const refusal = (error: unknown, call: string): Refused => {
    if (!isCallError(error) && !(error instanceof Defect)) log.error({ call, ...thrown(error) }, 'event lost');
    return refusalOf(error);
  };

  const toldBy = ({ told }: ToldEvent): Told => {
    if (typeof told !== 'string') return told;
    return JSON.parse((secrets?.reveal ?? noSecrets)(told)) as Told;
  };

  // ---- requests ----

  const event = async (turn: Turn, message: ToldEvent): Promise<Answer> => {
    const { at, request, asks, path, chain, fillBy, drains, trace } = message;
    const { events, memory } = toldBy(message);
    const incoming = events.find(({ type }) => type === 'call.incoming');
    if (drains && incoming !== undefined && turn.kept === undefined) throw ending();
    const bot = () => bots.route(path, incoming?.type === 'call.incoming' ? incoming.call.to : undefined);
    const heldUntil = (record: CallRecord): number | undefined =>
      style === 'command' || replyTo(record, request) !== null ? undefined : Math.max(at, Math.min(fillBy, at + patienceWith(record, service)));
    const taken = await turn.take({ event: asks ? { type: 'reply.due', at } : { type: 'service', at, events }, request, arrival: { bot, chain, memory } }, { exchange: trace, heldUntil });
    const kind = taken.kind === 'committed' || taken.kind === 'noted' ? 'taken' : taken.kind;
    let { record } = taken;
    const answer = (body: string | null): Answer => ({ kind, bot: record.snapshot.bot, body, until: turn.kept?.held?.until ?? at });
    if (style === 'command') return answer('');
    const again = kind === 'taken' ? undefined : saidAgain(record, events, service);
    if (again !== undefined) {
      log.warn({ ...refOf(record) }, 'call behind');
      return answer(again);
    }
    const until = heldUntil(record);
    if (until !== undefined) turn.hold(request, until); // unless it was with the commit
    // What is held is said now, if the call waits for nothing any more: to this request, or to the one before.
    if (turn.kept?.held !== undefined && !isWaiting(record)) record = await turn.takeOurs(at, () => ({ type: 'reply.due', at }));
    const given = replyTo(record, request);
    return answer(given === null && turn.kept?.held !== undefined ? null : reply(given ?? '', record));
  };

  const due = async (turn: Turn, { request, at }: CallMessages['due']): Promise<HeldAnswer> => {
    let record = turn.look() ?? unknownCall();
    if (replyTo(record, request) === null && turn.kept?.held?.request === request) record = await turn.takeOurs(at, () => ({ type: 'reply.due', at }));
    return { body: reply(replyTo(record, request) ?? '', record) };
  };

  /** Something that somebody asks for, who hears what is refused. */
  const asked = <M extends keyof CallMessages, A>(work: (turn: Turn, message: CallMessages[M]) => Promise<A>) => async (ctx: ObjectContext, message: CallMessages[M]): Promise<A | Refused> => {
    const turn = await turnOf(ctx);
    if (unknownVersions !== 'retry') turn.leaveNothing();
    try {
      return await work(turn, message);
    } catch (error) {
      if (!isOurs(error)) throw error;
      return refusal(error, ctx.key);
    }
  };

  // ---- what nobody asks for ----

  /** Something that comes of the call itself. When it fails, whoever waits hears of it. */
  const ours = <M extends keyof CallMessages>(name: M, work: (turn: Turn, message: CallMessages[M], ctx: ObjectContext) => Promise<unknown>) => async (ctx: ObjectContext, message: CallMessages[M] & PutOff): Promise<void> => {
    const turn = await turnOf(ctx);
    const attempt = (): Promise<void> => inSpan(ctx.key, () => work(turn, message, ctx)).then(() => {}, async (error: unknown) => {
      if (!isCallError(error) || error.code !== 'ERR_RECORD_UNKNOWN') throw error;
      const at = await time(ctx);
      await turn.takeOurs(at, () => ({ type: 'unread', at }));
    });
    try {
      await attempt().catch(async (error: unknown) => {
        if (!isCallError(error) || error.code !== 'ERR_CALL_ELSEWHERE') throw error;
        const putOff = message.putOff ?? 0;
        if (await isForOthers(turn, ctx, putOff)) return turn.sendLater(name, { ...message, putOff: putOff + 1 }, elsewhereMs(putOff));
        turn.leaveNothing();
        await attempt();
      });
    } catch (error) {
      if (!isOurs(error)) throw error;
      if (isCallError(error)) log.error({ call: ctx.key, ...thrown(error) }, 'event lost');
      turn.fail(refusal(error, ctx.key));
    }
  };

  /** Whether something of a call that this deployment cannot go on with is left to others: whichever is the newest by then may have the version of its bot. */
  const isForOthers = async (turn: Turn, ctx: ObjectContext, putOff: number): Promise<boolean> => {
    if (unknownVersions !== 'retry') return putOff === 0;
    const { heardAt = 0 } = turn.look() ?? {};
    return (await time(ctx)) < heardAt + silentCallMs;
  };

  const elsewhereMs = (putOff: number): number => (unknownVersions === 'retry' ? Math.min(othersMs, leastElsewhereMs * 2 ** putOff) : othersMs);

  /** What time it is, the same when this is carried out again; and never before `least`, whichever machine was asked. */
  const time = async (ctx: ObjectContext, least = 0): Promise<number> => Math.max(least, await ctx.run('now', () => now()));

  const hold = async (turn: Turn, { request, awakeable }: CallMessages['hold'], ctx: ObjectContext): Promise<void> => {
    const record = turn.look();
    const given = record && replyTo(record, request);
    if (record !== undefined && given === null && turn.kept?.held?.request === request) return turn.wait(awakeable);
    const answer: HeldAnswer = record === undefined ? refusal(new CallError('ERR_CALL_UNKNOWN', 'this call is not on record', {}), ctx.key) : { body: reply(given ?? '', record) };
    ctx.resolveAwakeable(awakeable, answer);
  };

  const timer = async (turn: Turn, { key }: CallMessages['timer'], ctx: ObjectContext): Promise<void> => {
    const set = turn.look()?.snapshot.timers.find((one) => timerKey(one) === key);
    if (set === undefined) return; // it was called off, or set anew, since
    const at = await time(ctx, set.dueAt);
    // What fell due before it goes off before it, though its message may come later: after an outage all of them come at once.
    for (const one of dueTimers(turn.look()?.snapshot.timers ?? [], at)) {
      const record = turn.look();
      if (record !== undefined && isSet(record, one)) await turn.takeOurs(at, (isHeard) => ({ type: 'timer', at, timer: one, reply: isHeard }));
    }
  };

  const task = async (turn: Turn, { taskId, result, at }: CallMessages['task']): Promise<void> => {
    turn.forgetTask(taskId);
    if (turn.kept !== undefined) await turn.takeOurs(at, (isHeard) => ({ type: 'task', at, taskId, result, reply: isHeard }));
  };

  const sent = async (turn: Turn, { id, sent: how, at }: CallMessages['sent']): Promise<void> => {
    if (turn.kept !== undefined) await turn.takeOurs(at, () => ({ type: 'sent', at, id, sent: how }));
  };

  const overdue = async (turn: Turn, { at: dueAt }: CallMessages['overdue'], ctx: ObjectContext): Promise<void> => {
    const record = turn.look();
    if (record === undefined || overdueAt(record.outbox) !== dueAt) return;
    const at = await time(ctx, dueAt);
    await turn.takeOurs(at, (): Happening => ({ type: 'overdue', at }));
  };

  const remind = async (turn: Turn, { revision }: CallMessages['remind'], ctx: ObjectContext): Promise<void> => {
    if (turn.kept?.revision !== revision) return;
    const at = await time(ctx);
    await turn.takeOurs(at, () => ({ type: 'reply.due', at }));
  };

  const look = async (turn: Turn, message: CallMessages['look'], ctx: ObjectContext): Promise<void> => {
    const record = turn.look();
    if (record === undefined || record.begunAt !== message.begunAt) return; // another call of the same id
    const { snapshot: { ended, timers, tasks }, outbox, heardAt } = record;
    if (message.ended !== (ended !== null)) return;
    const patience = message.ended ? tombstoneMs : silentCallMs;
    const at = await time(ctx);
    if (at < heardAt + patience) turn.sendLater('look', message, heardAt + patience - at);
    else if (!message.ended) await turn.takeOurs(at, () => hungUp(at));
    else if (timers.length + tasks.length + outbox.length > 0) turn.sendLater('look', message, patience);
    else turn.forget();
  };

  /** The command that is to be sent now, if it still is that one. */
  const errand = async (ctx: ObjectSharedContext, { id }: { readonly id: string }): Promise<Errand | null> => {
    const stored = await ctx.get<string>(stateKey, plainText);
    const record = stored === null ? undefined : readRecord(readKept(stored).text);
    const command: ServiceCommand | undefined = record && toSend(record.outbox);
    if (record === undefined || command?.id !== id) return null;
    const context: CommandContext = contextOf(record.snapshot, record.memory, record.heardAt);
    return { ref: refOf(record), command, context };
  };

  const ofOurs = { ingressPrivate: true };
  return object({
    name: names.call,
    options: shortly,
    handlers: {
      event: exclusive({}, asked<'event', Answer>(event)),
      due: exclusive({}, asked<'due', HeldAnswer>(due)),
      hold: exclusive(ofOurs, ours('hold', hold)),
      timer: exclusive(ofOurs, ours('timer', timer)),
      task: exclusive(ofOurs, ours('task', task)),
      sent: exclusive(ofOurs, ours('sent', sent)),
      overdue: exclusive(ofOurs, ours('overdue', overdue)),
      remind: exclusive(ofOurs, ours('remind', remind)),
      look: exclusive(ofOurs, ours('look', look)),
      errand: shared(ofOurs, errand),
    },
  });
};

/** Something of a call that this deployment cannot go on with is brought again after so long at first, where it is brought again and again, ms; */
const leastElsewhereMs = 1_000;
/** and so long at most, or where that is done once. */
const othersMs = 60_000;

/** Whether what was thrown is a failure or a defect of ours, and no word of the SDK's: an invocation that is put off, or is called off, throws too. */
const isOurs = (error: unknown): boolean => isCallError(error) || error instanceof Defect || error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError || error instanceof SyntaxError;
