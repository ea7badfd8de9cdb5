/**
 * Embedded — the engine over a store in this process or on this disk.
 *
 * A request's events, the results of tasks and the timers that are due all end in `transact.ts`: load → step → encode →
 * commit. Here is what stands around it: events of one call take turns (`turns.ts`), the reply of a call that waits for itself
 * is held (`held.ts`), what a step asked for is set going (`work.ts`), what comes of it is brought in (`own-events.ts`), and
 * what nobody rings about is looked after (`rounds.ts`).
 *
 * @module
 */
import type { Context } from '@opentelemetry/api';
import { CallError } from '../../errors.ts';
import type { ServiceEvent, StepEvent } from '../../machines/index.ts';
import { machineClock } from '../clock.ts';
import { type Engine, ending, type Reply } from '../deliver.ts';
import { thrown } from '../log.ts';
import { type CallRecord, eventHash, replyTo } from '../record.ts';
import { commitsTo, mayComeRight } from './commits.ts';
import { lookingElsewhere } from './elsewhere.ts';
import type { EngineOptions } from './engine-options.ts';
import { replyDue, type Taking } from './happening.ts';
import { heartbeat } from './heartbeat.ts';
import { heldRequests } from './held.ts';
import { ownEvents } from './own-events.ts';
import { reminders } from './reminders.ts';
import { rounds } from './rounds.ts';
import type { CallStore } from './store.ts';
import { refOf, stepTelling } from './telling.ts';
import { type Taken, transactor } from './transact.ts';
import { callTurns } from './turns.ts';
import { isWaiting, patienceWith, saidAgain, spoken as spokenBy } from './waiting.ts';
import { callWork } from './work.ts';

export interface EmbeddedOptions extends EngineOptions {
  readonly store: CallStore;
}

/** Makes the engine. */
export const embeddedEngine = (options: EmbeddedOptions): Engine => {
  const { store, bots, service, log, marginMs = 500, roundMs = 1_000, clock = machineClock(options.now) } = options;
  const { now, elapsed = now } = clock;
  let closing = false;
  let draining = false;

  // ---- one event: from a request to its reply, and into the call ----

  const deliver: Engine['deliver'] = async ({ arrival: { callId, eventId, events, memory, asks }, chain, bot, deadlineAt, trace, taken: tellTaken }) => {
    const request = eventHash(eventId);
    if (draining && events.some(begins) && !(await calls.isKept(callId))) throw ending();
    turns.heard(callId);
    // The promise of a held reply leaves the turn inside an object: awaited here, it would keep out what it waits for.
    const { kind, record, reply } = await turns.take(callId, async () => {
      const taken = await take({ callId, event: asks === true ? replyIsDue() : { type: 'service', at: now(), events }, request, arrival: { bot, chain, memory } }, trace);
      const { record } = taken;
      const kind: Reply['kind'] = taken.kind === 'committed' || taken.kind === 'noted' ? 'taken' : taken.kind;
      if (kind === 'taken') tellTaken?.(record.snapshot.bot);
      if (service.style === 'command') return { kind, record, reply: '' };
      const again = kind === 'taken' ? undefined : saidAgain(record, events, service);
      if (again !== undefined) log.warn({ ...refOf(record) }, 'call behind');
      const given = again ?? replyTo(record, request);
      const reply: string | Promise<string> = given === null ? hold(record, request, deadlineAt) : spoken(given, record);
      const isSuperseded = kind === 'taken' && given !== null && (given !== '' || record.snapshot.ended !== null);
      if (isSuperseded) held.answer(callId, spoken('', record));
      else if (held.of(callId) !== undefined && !isWaiting(record)) await own.take(callId, replyIsDue);
      return { kind, record, reply };
    });
    return { kind, body: typeof reply === 'string' ? reply : await reply, bot: record.snapshot.bot };
  };

  /** Takes an event, and sets going what the step asked for beside the reply. */
  const take = async (taking: Taking, trace?: Context): Promise<Taken> => {
    const began = elapsed();
    let taken: Taken;
    try {
      taken = await calls.transact(taking);
    } catch (error) {
      commits.failed(error);
      if (mayComeRight(error)) attending.doubt(taking.callId); // it may have been committed, with work that nobody has begun
      throw error;
    }
    if (taken.kind !== 'committed' && taken.kind !== 'noted') return taken;
    commits.done(elapsed() - began);
    const { record, record: { snapshot } } = taken;
    if (taken.kind === 'committed') telling.committed(taking.event, taken, trace);
    work.giveUp(snapshot.call.id, snapshot.tasks);
    work.setGoing(record);
    reminding.set(record);
    attending.committed(taking.callId, taken.kind === 'noted' ? taken.dueAt : taken.commit.dueAt);
    return taken;
  };

  /** Holds a request until there is something to say to it, at the latest until a filler has to be said. */
  const hold = (record: CallRecord, request: string, deadlineAt: number): Promise<string> => {
    const ref = refOf(record);
    const forMs = closing ? 0 : Math.max(0, Math.min(fillAt(deadlineAt) - now(), patienceWith(record, service)));
    return held.hold(ref, request, forMs, store.durable === false ? undefined : lookElsewhere(ref));
  };

  /** When a filler is begun: earlier by what a commit takes, so that it is there `marginMs` before the deadline where the store is as fast as it was. */
  const fillAt = (deadlineAt: number): number => deadlineAt - marginMs - Math.min(commits.tookMs(), service.replyWithinMs / 4);

  const spoken = (given: string, record: CallRecord): string => spokenBy(given, record, service, bots);

  const replyIsDue = (): StepEvent => replyDue(now());

  const isClosing = (): boolean => closing;

  /** What is held gets its filler, whose outcome asks whoever runs next. */
  const fillHeld = async (): Promise<void> => {
    for (const ref of held.refs()) void own.fill(ref, held.of(ref.call), replyIsDue);
    for (let all = turns.underWay(); all.length > 0; all = turns.underWay()) await Promise.allSettled(all);
  };

  // ---- who does what ----

  const pulse = heartbeat({ store, clock, log, commitMs: service.replyWithinMs, holds: () => work.isBusy(), onLost: () => attending.wasLost() });
  const calls = transactor(options, pulse);
  const commits = commitsTo(store, calls.prefix);
  const telling = stepTelling(options, now);
  const { spans } = telling;
  const turns = callTurns(clock);
  const held = heldRequests(clock, (ref, request) => void own.fill(ref, request, replyIsDue));
  const own = ownEvents({ service, clock, log, turns, held, spans, take, spoken, againMs: roundMs, isClosing });
  const lookElsewhere = lookingElsewhere({ ...calls, clock, log, turns, held, holder: pulse, due: (callId) => own.take(callId, replyIsDue) });
  const reminding = reminders(service, clock, isClosing, (ref) => void own.bringHome(ref, replyIsDue));
  const work = callWork({ ...options, clock, pulse, spans, contextOf: calls.contextOf, bringHome: own.bringHome, doubt: (callId) => attending.doubt(callId) });
  const attending = rounds({ ...options, clock, roundMs, calls, turns, own, work, reminding, pulse, spans });

  return {
    deliver,
    drain: () => void (draining = true),
    check: () => commits.check(now()),
    close: async () => {
      closing = true;
      await attending.close();
      work.close();
      reminding.close();
      own.close();
      await fillHeld();
      await fillHeld(); // a request that was being taken is held only now
      for (const { call } of held.refs()) held.fail(call, new CallError('ERR_STORE_UNAVAILABLE', 'the process ends', { reason: 'write' }));
      await telling.close();
      await pulse.close().catch((error: unknown) => log.warn(thrown(error), 'heartbeat failed')); // then others find out by themselves
      await store.close();
    },
  };
};

/** Whether a call rings. One that we placed and that somebody has answered is no longer anybody else's to take. */
const begins = (event: ServiceEvent): boolean => event.type === 'call.incoming' && event.call.direction === 'inbound';
