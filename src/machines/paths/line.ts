/**
 * Line — a call on the way to somewhere: what was done so far can be kept at any moment, and gone on from as often as one likes.
 *
 * It carries out batches as the line of a test does (`dial`): prompts take no time, what nobody has to decide is told at once, and only silence
 * moves the clock. What the service does beside that (a prompt that fails) is told before any of it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type CallerInput, isQuestion, listen, type Operation, promptText } from '../../actions/index.ts';
import type { CallError } from '../../errors.ts';
import type { ScriptAct } from '../check/caller-script.ts';
import { recorded, served, taskEnded } from '../check/serving.ts';
import { says, type Standing, standingAfter } from '../check/standing.ts';
import { pointsMet } from '../coverage/met.ts';
import { type Ending, endingOf, outcomeOf, ownEnds, promptsOf, recordingOf } from '../outcomes.ts';
import { isSecret, sealEvent } from '../secret.ts';
import type { CallInput, ServiceEvent } from '../service-event.ts';
import { type CallSnapshot, earliest, operationId, type PendingTask, type PendingTimer, timerKey } from '../snapshot.ts';
import { step, type StepEvent, type StepResult } from '../step.ts';
import { usualSeal } from './usual-call.ts';

/** A call, as far as it has come. Nothing in it changes. */
export interface Kept {
  readonly standing: Standing;
  /** Epoch ms. */
  readonly now: number;
  /** When the service was last asked for something, and when it last told something. */
  readonly askedAt: number;
  readonly toldAt: number;
  /** For how long each timer was set, by its key. */
  readonly delays: ReadonlyMap<string, number>;
  /** Ids of the tasks that nobody ends. */
  readonly endless: ReadonlySet<string>;
  readonly recordings: number;
  readonly error: CallError | null;
}

/** What an act came to. */
export interface Done {
  /** The call when the act is done, before the service tells what it tells by itself. */
  readonly kept: Kept;
  /** Ids of the points that were met, in order; some may be there twice. */
  readonly met: readonly string[];
  /** What is said. */
  readonly said: readonly Said[];
  /** The call went round by itself, and was left there. */
  readonly isRestless: boolean;
  /** Acts of the service that fail a batch take back what was to be heard of it: all that `said` has from it on is not. */
  readonly unsaid?: { readonly revision: number; readonly index: number };
}

/** Something that the caller hears, and the operation that says it. */
export interface Said {
  readonly text: string;
  readonly revision: number;
  readonly index: number;
}

/** Acts that calls are made of: nothing is assumed of guards. */
export type PathAct = Exclude<ScriptAct, { readonly act: 'assume' }>;

/** More events than these in one act: the call goes round by itself. */
const mostEvents = 150;

/** After so long a service wants to hear something, ms: as in a test. */
const patienceMs = 10_000;

/** Is told of every step of the core. */
export type Counts = () => void;

const nobody: Counts = () => {};

/** The phone rings. */
export const ring = (machine: AnyStateMachine, call: CallInput, now: number, counts = nobody): Done => {
  const line = lineOf(machine, undefined, now, call.id, counts);
  line.tell({ type: 'call.incoming', call });
  return line.done();
};

/** Has the service tell what nobody has to decide. */
export const settle = (machine: AnyStateMachine, kept: Kept, counts = nobody): Done => {
  const line = lineOf(machine, kept, kept.now, kept.standing.snapshot.call.id, counts);
  line.settle();
  return line.done();
};

/** Does `act`; undefined where nothing comes of it, or on another line another thing. */
export const perform = (machine: AnyStateMachine, kept: Kept, act: PathAct, counts = nobody): Done | undefined => {
  if (kept.standing.snapshot.ended !== null) return undefined;
  return lineOf(machine, kept, kept.now, kept.standing.snapshot.call.id, counts).act(act);
};

/** The tasks that nobody has ended, nor left to themselves. */
export const openTasks = ({ standing: { snapshot }, endless }: Kept): readonly PendingTask[] => (snapshot.ended === null ? snapshot.tasks.filter(({ id }) => !endless.has(id)) : []);

/** What the service works on. */
export const openOperation = ({ standing: { snapshot, batch } }: Kept): Operation | undefined => (snapshot.ended === null && snapshot.awaiting !== null ? batch.at(-1) : undefined);

/** How long a timer was set for. */
export const delayIn = ({ delays }: Kept) => (timer: PendingTimer): number => delays.get(timerKey(timer)) ?? 0;

/** When the open question is given up, or the other party; undefined where nothing is. */
export const givenUpAt = (kept: Kept): number | undefined => {
  const operation = openOperation(kept);
  return operation?.type === 'recognize' || operation?.type === 'record' || operation?.type === 'createcall' ? kept.askedAt + operation.params.timeoutMs : undefined;
};

/** A moment in which nothing happens, where the service could fail at something, or another party answer, only then. */
export const pause = (kept: Kept): PathAct | undefined => {
  const { standing: { snapshot: { timers, awaiting, ended }, batch }, now } = kept;
  const first = Math.min(givenUpAt(kept) ?? Infinity, ...timers.map(({ dueAt }) => dueAt));
  const ms = Math.min(1_000, Math.floor((first - now) / 2));
  return ended !== null || awaiting === null || !(batch.some(says) || isParty(batch.at(-1))) || ms < 1 ? undefined : { act: 'wait', ms };
};

const isParty = (operation: Operation | undefined): boolean => operation?.type === 'transfer' || operation?.type === 'createcall';

type Tick = { readonly at: number; readonly tick: 'timer' | 'silence' | 'filler'; readonly happen: () => void };

const lineOf = (machine: AnyStateMachine, from: Kept | undefined, begins: number, callId: string, counts: Counts) => {
  let standing = from?.standing;
  let now = begins;
  let askedAt = from?.askedAt ?? begins;
  let toldAt = from?.toldAt ?? begins;
  let delays = from?.delays ?? new Map<string, number>();
  let endless = from?.endless ?? new Set<string>();
  let recordings = from?.recordings ?? 0;
  let error = from?.error ?? null;
  let events = 0;
  /** A task has begun while time was still to pass: on another line it ends at once. */
  let isOverrun = false;
  const met: string[] = [];
  const said: Said[] = [];

  const stored = (): CallSnapshot => (standing as Standing).snapshot;
  const kept = (): Kept => ({ standing: standing as Standing, now, askedAt, toldAt, delays, endless, recordings, error });
  const last = (): Operation | undefined => openOperation(kept());

  const take = (told: StepEvent): void => {
    events += 1;
    counts();
    const before = standing?.snapshot;
    const event = before !== undefined && isSecret(before) ? sealEvent(told, before, usualSeal) : told;
    const result: StepResult = step(machine, before, event);
    standing = standingAfter(standing, result);
    error ??= result.error ?? null;
    if (event.type === 'service') toldAt = now;
    if (result.timers.length > 0) delays = new Map(result.timers.map((timer) => [timerKey(timer), delays.get(timerKey(timer)) ?? timer.dueAt - now]));
    met.push(...pointsMet(machine, result));
    if (result.batch.length === 0) return;
    askedAt = now;
    result.batch.forEach((operation, index) => {
      if (says(operation)) said.push({ text: promptText(promptsOf(operation)), revision: stored().revision, index });
    });
  };

  const tell = (...told: readonly ServiceEvent[]): void => take({ type: 'service', at: now, events: told });

  const ended = (ending: Ending, index = (standing as Standing).batch.length - 1): ServiceEvent => outcomeOf(ending, operationId(callId, stored().awaiting?.revision ?? 0, index));

  const end = (ending: Ending, index?: number): void => tell(ended(ending, index));

  const settleOne = (): boolean => {
    const operation = last();
    const ownEnd = operation && ownEnds[operation.type];
    if (ownEnd === undefined || events > mostEvents) return false;
    end({ type: ownEnd });
    return true;
  };

  const settle = (): void => {
    while (settleOne());
  };

  const next = (): Tick | undefined => {
    const { timers, tasks, awaiting, ended: over } = stored();
    if (over !== null) return undefined;
    const due = earliest(timers);
    const gaveUpAt = givenUpAt(kept());
    const type = last()?.type === 'createcall' ? 'createcall.noanswer' : `${last()?.type ?? ''}.noinput`;
    const ticks: readonly Tick[] = [
      ...(due === undefined ? [] : [{ at: due.dueAt, tick: 'timer' as const, happen: () => take({ type: 'timer', at: now, timer: due, reply: stored().awaiting === null }) }]),
      ...(gaveUpAt === undefined ? [] : [{ at: gaveUpAt, tick: 'silence' as const, happen: () => end({ type } as Ending) }]),
      ...(awaiting === null && timers.length + tasks.length > 0 ? [{ at: toldAt + patienceMs, tick: 'filler' as const, happen: () => take({ type: 'reply.due', at: now }) }] : []),
    ];
    return ticks.reduce<Tick | undefined>((first, one) => (first === undefined || one.at < first.at ? one : first), undefined);
  };

  const pass = (until: number, enough: (tick: Tick['tick']) => boolean): boolean => {
    let happened = false;
    for (let tick = next(); tick !== undefined && tick.at <= until && events <= mostEvents; tick = next()) {
      if (openTasks(kept()).length > 0) isOverrun = true;
      now = Math.max(now, tick.at);
      tick.happen();
      happened ||= tick.tick !== 'filler';
      if (enough(tick.tick)) return true;
      settle();
    }
    if (Number.isFinite(until)) now = Math.max(now, until);
    return happened;
  };

  const answer = (input: CallerInput): boolean => {
    const operation = last();
    if (operation?.type !== 'recognize') return false;
    const heard = listen(operation.params, input);
    if (heard.rest !== '') return false; // what is keyed ahead is another question's
    end(endingOf(heard));
    return true;
  };

  const record = (act: ScriptAct & { readonly act: 'record' }): boolean => {
    const operation = last();
    if (operation?.type !== 'record') return false;
    const { by, lengthMs } = recorded(act, operation);
    recordings += 1;
    const recording = recordingOf(`recording-${recordings}`, operation.params.format, lengthMs);
    tell(ended({ type: 'record.done', by, recording }), ...(by === 'hangup' ? [{ type: 'call.ended', reason: 'caller' } as const] : []));
    return true;
  };

  const endTask = (act: ScriptAct & { readonly act: 'task' }): boolean => {
    const open = openTasks(kept());
    const task = open.find(({ path }) => path === act.path);
    if (task === undefined) return false;
    endless = new Set([...endless, ...open.slice(0, open.indexOf(task)).map(({ id }) => id)]); // on another line these would have ended before
    take({ type: 'task', at: now, taskId: task.id, result: taskEnded(act), reply: stored().awaiting === null });
    return true;
  };

  /** How the service ends what it works on: the first that can come to that. Of what is done by itself nobody says so: whoever means the party behind it has to wait for it. */
  const serve = ({ outcome, ending }: ScriptAct & { readonly act: 'service' }): Done['unsaid'] => {
    if (outcome === 'done' && ending === undefined && ownEnds[last()?.type ?? 'play'] !== undefined) return undefined;
    for (;;) {
      const found = stored().ended === null && stored().awaiting !== null ? served(outcome, (standing as Standing).batch, ending) : undefined;
      if (found !== undefined) {
        const unsaid = { revision: stored().awaiting?.revision ?? 0, index: outcome === 'prompt-failed' ? found.index : Infinity };
        if (found.ending.type === 'transfer.done') tell(ended(found.ending, found.index), { type: 'call.ended', reason: 'transferred' });
        else end(found.ending, found.index);
        return unsaid;
      }
      if (!settleOne()) return undefined;
    }
  };

  const silent = (): boolean => {
    const operation = last();
    const isAsked = operation !== undefined && isQuestion(operation.type);
    return pass(Infinity, (tick) => tick === (isAsked ? 'silence' : 'timer'));
  };

  const perform = (act: PathAct): boolean => {
    if (act.act !== 'task') endless = new Set([...endless, ...openTasks(kept()).map(({ id }) => id)]);
    switch (act.act) {
      case 'press':
        return answer({ keys: act.keys });
      case 'say':
        return answer({ says: act.words });
      case 'silence':
        return silent();
      case 'wait':
        pass(now + act.ms, () => false);
        return true;
      case 'record':
        return record(act);
      case 'task':
        return endTask(act);
      case 'hangup':
        tell({ type: 'call.ended', reason: 'caller' });
        return true;
      case 'service':
        return false;
    }
  };

  const done = (unsaid?: Done['unsaid']): Done => ({ kept: kept(), met, said, isRestless: events > mostEvents, ...(unsaid !== undefined && { unsaid }) });

  const act = (what: PathAct): Done | undefined => {
    if (what.act === 'service') {
      const unsaid = serve(what);
      return unsaid === undefined ? undefined : done(unsaid);
    }
    settle();
    if (stored().ended !== null || !perform(what) || isOverrun || events > mostEvents) return undefined;
    return done();
  };

  return { tell, settle, act, done };
};
