/**
 * Rounds — what is done for calls that nobody rings about: due timers, commands that nothing is heard of, ends that were asked
 * for, calls gone silent, and work that a dead process left. When which call is visited is the attendant's to say.
 *
 * @module
 */
import { isCallError } from '../../errors.ts';
import { dueTimers } from '../../machines/index.ts';
import type { CallSpans } from '../call-spans.ts';
import type { Clock } from '../clock.ts';
import { type Log, thrown } from '../log.ts';
import { overdueAt } from '../outbox.ts';
import { isSet } from '../record.ts';
import { attendant, type Visited } from './attendant.ts';
import { attention, type AttentionOptions, leasedWithinMs } from './attention.ts';
import { mayComeRight } from './commits.ts';
import { hungUp } from './happening.ts';
import type { Heartbeat } from './heartbeat.ts';
import { workOf } from './leases.ts';
import type { OwnEvents } from './own-events.ts';
import type { Reminders } from './reminders.ts';
import type { CallStore } from './store.ts';
import { refOf } from './telling.ts';
import type { Transactor } from './transact.ts';
import type { Turns } from './turns.ts';
import type { Looked } from './warm-calls.ts';
import type { CallWork } from './work.ts';

export interface Rounds {
  /** Something was committed of the call, which wants attention next at `dueAt`. */
  committed(callId: string, dueAt: number | undefined): void;
  /** Of the call it is not known whether what was decided was committed, or its work was not begun when it was: it is looked at again in the next round. */
  doubt(callId: string): void;
  /** This process was taken for dead: what it holds may be another's by now. */
  wasLost(): void;
  /** Resolves when the round under way has ended. */
  close(): Promise<void>;
}

export interface RoundsOptions extends AttentionOptions {
  readonly store: CallStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Longest time between two rounds, ms. */
  readonly roundMs: number;
  readonly calls: Transactor;
  readonly turns: Turns;
  readonly own: OwnEvents;
  readonly work: CallWork;
  readonly reminding: Reminders;
  readonly pulse: Heartbeat;
  readonly spans: CallSpans | undefined;
}

/** Begins the rounds. */
export const rounds = (options: RoundsOptions): Rounds => {
  const { store, clock, log, roundMs, calls: { look, lease, prefix, callOf }, turns, own, work, reminding, pulse, spans } = options;
  const { now } = clock;
  const { isLost } = attention(options);
  const doubted = new Set<string>();
  /** Calls that are visited now, and what has come of it so far. */
  const visits = new Map<string, Visited>();
  let wasLost = false;

  const committed: Rounds['committed'] = (callId, dueAt) => {
    if (visits.has(callId)) visits.set(callId, 'committed');
    if (dueAt !== undefined) attend.wakeAt(dueAt);
  };

  const doubt = (callId: string): void => void doubted.add(callId);

  // ---- a visit ----

  /** A round belongs to no exchange, though one may have set its timer. */
  const visit = async (key: string): Promise<Visited> => {
    const callId = callOf(key) ?? '';
    visits.set(callId, 'nothing');
    try {
      const couldBe = await (spans === undefined ? attendTo(key) : spans.forCall(callId, () => attendTo(key)));
      return couldBe ? (visits.get(callId) ?? 'nothing') : 'left';
    } finally {
      visits.delete(callId);
    }
  };

  /** Says whether it can be done here. */
  const attendTo = async (key: string): Promise<boolean> => {
    const callId = callOf(key);
    if (callId === undefined) return true;
    let chain: string | undefined;
    try {
      return await turns.take(callId, async () => {
        doubted.delete(callId);
        const looked = await lookAt(callId);
        if (looked === undefined) return true;
        chain = looked.record.chain;
        await seeToDue(callId, looked);
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

  /** The call as it is on record. One that nobody here can go on with is kept aside, and nothing of it is left to be seen to. */
  const lookAt = async (callId: string): Promise<Looked | undefined> => {
    try {
      return await look(callId);
    } catch (error) {
      if (!isCallError(error) || error.code !== 'ERR_RECORD_UNKNOWN') throw error;
      await own.take(callId, () => ({ type: 'unread', at: now() }));
      return undefined;
    }
  };

  /** First what ends the call: nothing that its bot has to say stands in the way of it. */
  const seeToDue = async (callId: string, looked: Looked): Promise<void> => {
    let { record } = looked;
    const { endAsked } = record;
    const isOver = isLost(record, now());
    if (isOver) record = await own.take(callId, () => hungUp(now()));
    else if (endAsked !== undefined && record.snapshot.ended === null) record = await own.take(callId, (reply) => ({ type: 'end.asked', at: now(), apologise: endAsked.apologise, reply }));
    for (const timer of dueTimers(record.snapshot.timers, now())) if (isSet(record, timer)) record = await own.take(callId, (reply) => ({ type: 'timer', at: now(), timer, reply }));
    if (overdueAt(record.outbox) <= now()) record = await own.take(callId, () => ({ type: 'overdue', at: now() }));
    if (isOver || workOf({ tasks: record.snapshot.tasks, outbox: record.outbox }).length === 0) return;
    const left = record === looked.record ? looked : await look(callId);
    if (left !== undefined) await seeToWork(callId, left);
  };

  /** Sees to it that somebody does what the call has to do: whoever holds it, while that is alive, and else this process, once it is on record that it does. */
  const seeToWork = async (callId: string, looked: Looked): Promise<void> => {
    const { record, dueAt } = looked;
    const { snapshot: { tasks }, outbox, leasedBy } = record;
    const others = new Set<string>();
    for (const holder of new Set(Object.values(leasedBy))) if (holder !== pulse.name() && (await pulse.isAlive(holder))) others.add(holder);
    const ours = workOf({ tasks, outbox }).filter((id) => !others.has(leasedBy[id] ?? ''));
    work.giveUp(callId, tasks.filter(({ id }) => ours.includes(id)));
    const isLeft = ours.some((id) => leasedBy[id] !== pulse.name());
    const isOverdue = ours.length > 0 && dueAt !== undefined && dueAt <= now();
    const taken = isLeft || isOverdue ? await lease(callId, looked, (holder) => !others.has(holder), now()) : looked;
    if (taken === undefined) return doubt(callId);
    if (taken !== looked) committed(callId, taken.dueAt);
    if (isLeft && tasks.length > 0) spans?.sees(refOf(record), record.snapshot, now());
    work.setGoing(taken.record);
    if (isLeft) reminding.set(taken.record, now() - taken.record.heardAt);
  };

  // ---- other processes ----

  const hasGone = async (): Promise<boolean> => {
    const hasLost = wasLost;
    const hasLeft = await pulse.look();
    if (hasLost) wasLost = false;
    if (pulse.lookAgainMs() < roundMs) attend.wakeAt(now() + pulse.lookAgainMs());
    return hasLeft || hasLost;
  };

  const attend = attendant({ store, prefix, clock, log, roundMs, visit, hasGone, aheadMs: leasedWithinMs, doubted: () => Array.from(doubted, (callId) => prefix + callId) });

  return { committed, doubt, wasLost: () => void (wasLost = true), close: attend.close };
};
