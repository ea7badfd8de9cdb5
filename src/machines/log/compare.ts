/**
 * Compare — one recorded call on two versions of a bot: the old one goes its way again, and the same caller does the same to the new one.
 *
 * Both are run side by side. What nobody decides (that a prompt was played, that the call was hung up) each version is told for itself; at each thing
 * that somebody decides, what both have said and asked since the last one is compared. A version that waits where the other one does not is so
 * compared by what is heard, and not by how many requests that takes.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Batch, Operation } from '../../actions/index.ts';
import { requireBot } from '../bot-facts.ts';
import { type Standing, standingAfter } from '../check/standing.ts';
import { activeStates, configurations } from '../configurations.ts';
import { onceFor } from '../constant.ts';
import { machinesOf } from '../naming.ts';
import { nodesFrom } from '../nodes.ts';
import { openRun, type Run } from '../run.ts';
import type { EndReason } from '../service-event.ts';
import { earliest, type PendingTask, type PendingTimer } from '../snapshot.ts';
import { step, type StepEvent, type StepResult } from '../step.ts';
import { answersOf } from './answers.ts';
import { type Blindfolded, blindfolded } from './blindfold.ts';
import type { CallLog } from './call-log.ts';
import { type Carried, carry, endOf, endsItself, isDecided, resultless, timerLike, waitsForSomebody } from './carry.ts';
import { literalsOf } from './literals.ts';
import { maskBatch } from './mask.ts';
import { firstLine } from './read-log.ts';
import { replay, type ReplayedStep } from './replay.ts';
import { firstOther, heardIn, type Turn, type Weight, weigh, weights } from './weigh.ts';

/**
 * What became of a call: the same; the same for anybody who is no developer; the same for this caller, while others are asked otherwise; something
 * else is heard; it ends otherwise; or that cannot be said.
 */
export type Verdict = Weight | 'ends-otherwise' | 'not-examined';

/** The first place at which the two versions are as different as the verdict says. */
export interface Divergence {
  /** The step of the log after which it is so. */
  readonly revision: number;
  /** The state that the old version speaks or asks in, or stands in: `ended` when it is over. */
  readonly was: string;
  /** The same of the new one. */
  readonly is: string;
  /** What was heard there, and what is; of a masked call as far as its log has the one, and as it would have the other. */
  readonly heard: readonly string[];
  readonly hears: readonly string[];
}

/** How a call ended. */
export interface CallOutcome {
  /** Null of a call that goes on. */
  readonly reason: EndReason | null;
  /** The state that ended it, where the bot did. */
  readonly state: string | null;
  /** Whom the caller was handed on to. */
  readonly to: string | null;
}

/** What one call says of two versions. */
export interface Comparison {
  readonly verdict: Verdict;
  readonly divergence: Divergence | null;
  /** How many steps of the log the caller went along with the new version, and of how many. */
  readonly followed: number;
  readonly steps: number;
  /** Why he could not be followed further, and the line of the log at which; null where he was followed to the end. */
  readonly why: string | null;
  readonly line: number | null;
  readonly was: CallOutcome;
  readonly is: CallOutcome;
}

/** Compares the versions `old` and `next` of a bot by the call of `log`, as {@link comparing} does. */
export const compare = (old: AnyStateMachine, next: AnyStateMachine, log: CallLog): Comparison => comparing(old, next)(log);

/**
 * What compares the versions `old` and `next` of a bot by one log of `old` after the other.
 *
 * @throws `ERR_BOT_INVALID` for a machine that `callMachine` did not make; what is made throws `ERR_LOG_INVALID` for a log of another bot or version
 */
export const comparing = (old: AnyStateMachine, next: AnyStateMachine): ((log: CallLog) => Comparison) => {
  requireBot(old);
  requireBot(next);
  let blind: { readonly bot: Blindfolded; readonly answers: ReturnType<typeof answersOf> } | undefined;
  return (log) => compared(old, next, log, log.head.masked ? (blind ??= { bot: blindfolded(old, next), answers: answersOf(old) }) : undefined);
};

const compared = (old: AnyStateMachine, next: AnyStateMachine, log: CallLog, blind: { readonly bot: Blindfolded; readonly answers: ReturnType<typeof answersOf> } | undefined): Comparison => {
  const steps: ReplayedStep[] = [];
  const { at } = replay(old, log, { replayed: (step) => steps.push(step) });
  if (steps.length < log.steps.length) return unexamined(log, `the old version does not do what is recorded: ${at?.what ?? ''}`, at?.line ?? firstLine);

  blind?.bot.rings();
  let why: string | null = null;
  const was = sideOf(old, (_event, before, _after, { moves }) => {
    why ??= blind?.bot.was(moves, before) ?? null;
  });
  const is = sideOf(blind?.bot.machine ?? next, (event, before, after, { moves }) => {
    why ??= blind?.bot.ends(event, before, after, moves) ?? null;
  });
  const found: (Divergence & { readonly weight: Weight })[] = [];
  let turn = 0; // the step that began it
  let followed = 0;

  let recorded: Batch[] = []; // of the turn: what of it is in the log

  const closeTurn = (): void => {
    const [before, now] = [was.turn(), is.turn()];
    const weight = weigh(before, now);
    const said = recorded;
    recorded = [];
    if (weight === 'identical') return;
    const [asked, asks] = firstOther(before, now);
    const [heard, hears] = log.head.masked ? [said.flat(), asSaid(before.batches.flat(), said.flat(), maskBatch(now.batches.flat(), literalsOf(next)), now.batches.flat())] : [before.batches.flat(), now.batches.flat()];
    found.push({ weight, revision: turn, was: placeOf(asked, was), is: placeOf(asks, is), heard: heardIn(heard), hears: heardIn(hears) });
  };

  for (const [index, { event, result }] of steps.entries()) {
    const before = was.standing;
    if (isDecided(event, before)) {
      if (before !== undefined) {
        is.settle(event.at, !endsItself(before), before.snapshot.awaiting !== null);
        is.fire(event, before);
      }
      if (why !== null) break;
      if (event.type !== 'timer') { // time that passes is nobody's doing
        closeTurn();
        turn = result.snapshot.revision;
      }
    }
    const carried = carriedTo(is.standing, event, before);
    was.follow(event, result);
    recorded.push(log.steps[index]?.batch ?? []);
    if (carried !== 'nothing' && 'why' in carried) why = carried.why;
    else if (carried !== 'nothing') {
      blind?.bot.begins(blind.answers(result.moves), isSamePlace(before, is.standing));
      is.take(carried.event);
    }
    if (why !== null) break;
    followed += 1;
  }
  const last = steps.at(-1);
  if (why === null && last !== undefined) {
    if (last.result.snapshot.ended === null) why = 'the log ends here, and the call does not: what came after it is not in the log';
    else {
      is.finish(last.event.at);
      why ??= whyOpen(is.standing);
    }
    if (last.result.snapshot.ended === null || why === null) closeTurn();
  }

  const ends = { was: endOfCall(steps), is: is.end() };
  const heaviest = weights.findLast((weight) => found.some((one) => one.weight === weight)) ?? 'identical';
  const first = found.find(({ weight }) => weight === heaviest);
  const divergence = first === undefined ? null : bare(first);
  const rest = { followed, steps: steps.length, why, line: why === null ? null : Math.min(firstLine + followed, firstLine + steps.length - 1), ...ends };
  if (why !== null && heaviest !== 'hears-otherwise') return { verdict: 'not-examined', divergence: null, ...rest };
  if (why !== null || !endsOtherwise(ends.was, ends.is, old, next)) return { verdict: heaviest, divergence, ...rest };
  const atLast = { revision: turn, was: ends.was.state ?? was.state(), is: ends.is.state ?? is.state(), heard: [], hears: [] };
  return { verdict: 'ends-otherwise', divergence: heaviest === 'identical' || heaviest === 'cosmetic' ? atLast : divergence, ...rest };
};

/** What is `masked` of what is done `now`, and in its place what was `recorded` where the other version did the same `before`. */
const asSaid = (before: Batch, recorded: Batch, masked: Batch, now: Batch): Batch => {
  const bare = ({ type, params }: Operation): string => JSON.stringify([type, params]);
  return masked.map((operation, index) => recorded[before.findIndex((one) => bare(one) === bare(now[index] as Operation))] ?? operation);
};

/** `event` for a call that stands as it `is`; what happens after its end is of no interest. */
const carriedTo = (is: Standing | undefined, event: StepEvent, was: Standing | undefined): Carried =>
  is === undefined || was === undefined ? { event } : is.snapshot.ended !== null ? 'nothing' : carry(event, was, is);

/** Whether both versions stand in the same states. */
const isSamePlace = (was: Standing | undefined, is: Standing | undefined): boolean =>
  was === undefined || is === undefined ? was === is : activeStates(was.snapshot).join() === activeStates(is.snapshot).join();

const bare = ({ revision, was, is, heard, hears }: Divergence): Divergence => ({ revision, was, is, heard, hears });

const goesOn: CallOutcome = { reason: null, state: null, to: null };

const unexamined = ({ steps }: CallLog, why: string, line: number): Comparison => ({ verdict: 'not-examined', divergence: null, followed: 0, steps: steps.length, why, line, was: goesOn, is: goesOn });

/** Why a call that has ended on the old version goes on here, where that is not the bot's own doing. */
const whyOpen = (is: Standing | undefined): string | null => {
  if (is === undefined || is.snapshot.ended !== null || waitsForSomebody(is)) return null;
  const [task] = is.snapshot.tasks;
  return task === undefined ? null : resultless(task).why;
};

// ---- ends ----

const endsOtherwise = (was: CallOutcome, is: CallOutcome, old: AnyStateMachine, next: AnyStateMachine): boolean =>
  was.reason !== is.reason || was.to !== is.to || (was.state !== is.state && !isRenamed(was.state, is.state, old, next));

/** Whether a state has another name now: the old one is gone, and the new one was not there. */
const isRenamed = (was: string | null, is: string | null, old: AnyStateMachine, next: AnyStateMachine): boolean =>
  was !== null && is !== null && !statesOf(next).has(placeIn(was)) && !statesOf(old).has(placeIn(is));

/** A state by its place in its own machine. */
const placeIn = (state: string): string => state.slice(state.lastIndexOf('/') + 1);

const statesOf = onceFor((machine: AnyStateMachine): ReadonlySet<string> => new Set(machinesOf(machine).flatMap((one) => nodesFrom(one.root).map(({ path }) => path.join('.')))));

/** How a call ended whose steps came to these. */
const endOfCall = (steps: readonly { readonly result: StepResult }[]): CallOutcome => {
  const reason = steps.at(-1)?.result.snapshot.ended ?? null;
  const last = steps.findLast(({ result: { batch } }) => batch.length > 0)?.result.batch.at(-1);
  const isOfBot = reason === 'bot' || reason === 'rejected' || reason === 'transferred';
  return { reason, state: isOfBot ? (last?.state ?? null) : null, to: reason === 'transferred' && last?.type === 'transfer' ? last.params.to : null };
};

// ---- sides ----

/** One version, with the call on it. */
interface Side {
  readonly standing: Standing | undefined;
  /** Goes on with what came of `event`. */
  follow(event: StepEvent, result: StepResult): void;
  take(event: StepEvent): void;
  /** Tells what nobody decides: the end of what ends by itself, where the other version does not work on such a thing (`ends`); that a reply is due, where it has given one (`replies`). */
  settle(at: number, ends: boolean, replies: boolean): void;
  /** Lets the call come to its end, as far as that needs nobody. */
  finish(at: number): void;
  /** Lets the timers go off that are due before `event`, unless the version that stood as it `was` waits for the same. */
  fire(event: StepEvent, was: Standing): void;
  /** What was done since this was last asked. */
  turn(): Turn;
  /** Where the call stands, for people. */
  state(): string;
  end(): CallOutcome;
}

/** More than this between two things that somebody decides: the call goes round by itself. */
const mostSettled = 200;

const sideOf = (machine: AnyStateMachine, taken: (event: StepEvent, before: Standing | undefined, after: Standing, result: StepResult) => void = () => {}): Side => {
  const results: { readonly result: StepResult }[] = [];
  let standing: Standing | undefined;
  let run: Run | undefined;
  let batches: Batch[] = [];
  let delays: number[] = [];
  let tasks: PendingTask[] = [];

  const follow = (event: StepEvent, result: StepResult): void => {
    const before = standing;
    const after = standingAfter(before, result);
    standing = after;
    results.push({ result });
    if (result.batch.length > 0) batches.push(result.batch);
    delays.push(...result.timers.filter((timer) => before?.snapshot.timers.some((one) => isSet(one, timer)) !== true).map(({ dueAt }) => dueAt - event.at));
    tasks.push(...result.tasks.filter(({ id }) => before?.snapshot.tasks.some((one) => one.id === id) !== true));
    taken(event, before, after, result);
  };

  const take = (event: StepEvent): void => {
    const stored = standing?.snapshot;
    if (stored !== undefined && stored.ended === null) run ??= openRun(machine, stored.call, stored.machine ?? undefined);
    const result = step(machine, stored, event, run);
    if (result.error !== undefined || result.snapshot.ended !== null) run = undefined; // after a failure the kept call is older than the run
    follow(event, result);
  };

  const goOff = (timer: PendingTimer, at: number): void => take({ type: 'timer', at, timer, reply: standing?.snapshot.awaiting === null });

  const settle = (at: number, ends: boolean, replies: boolean): void => {
    for (let count = 0; count < mostSettled && standing !== undefined && standing.snapshot.ended === null; count += 1) {
      const { awaiting, parked, timers, tasks: pending } = standing.snapshot;
      if (ends && endsItself(standing)) take(endOf(standing, at));
      else if (replies && awaiting === null && (parked.length > 0 || (timers.length === 0 && pending.length === 0))) take({ type: 'reply.due', at });
      else return;
    }
  };

  return {
    get standing() {
      return standing;
    },
    follow,
    take,
    settle,
    finish: (at) => {
      settle(at, true, true);
      for (let count = 0; count < mostSettled && standing !== undefined && standing.snapshot.ended === null && !waitsForSomebody(standing); count += 1) {
        const timer = earliest(standing.snapshot.timers);
        if (timer === undefined || standing.snapshot.tasks.length > 0) return;
        goOff(timer, Math.max(at, timer.dueAt));
        settle(Math.max(at, timer.dueAt), true, true);
      }
    },
    fire: (event, was) => {
      for (let count = 0; count < mostSettled && standing !== undefined && standing.snapshot.ended === null; count += 1) {
        const here: Standing = standing;
        const its = event.type === 'timer' ? timerLike(event.timer, was, here) : undefined;
        const timer = earliest(here.snapshot.timers.filter((one) => one !== its && one.dueAt < event.at && (timerLike(one, here, was)?.dueAt ?? Infinity) > one.dueAt));
        if (timer === undefined) return;
        goOff(timer, timer.dueAt);
      }
    },
    turn: () => {
      const turn = { batches, delays, tasks: tasks.map(({ name, input }) => ({ name, input })) };
      [batches, delays, tasks] = [[], [], []];
      return turn;
    },
    state: () => (standing === undefined ? 'idle' : (configurations(standing.snapshot).at(-1) ?? 'ended')),
    end: () => endOfCall(results),
  };
};

/** The state that asked for `operation`, or where the call stands: an apology is no state's. */
const placeOf = (operation: Operation | undefined, side: Side): string => (operation === undefined || operation.state === '' ? side.state() : operation.state);

const isSet = (one: PendingTimer, other: PendingTimer): boolean => one.id === other.id && one.path === other.path && one.dueAt === other.dueAt;
