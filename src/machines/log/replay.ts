/**
 * Replay — a call that was recorded, had again: each event of its log is given to the bot, and what the bot asks for and how it moves is held
 * against what the log has.
 *
 * An unmasked log is replayed to the byte. Of a masked one the way is replayed, and what was said where everybody hears it: see `masked-bot.ts`.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError, type CallErrorCode, isCallError } from '../../errors.ts';
import { requireBot } from '../bot-facts.ts';
import { stateName } from '../chart.ts';
import { botState } from '../configurations.ts';
import { onceFor } from '../constant.ts';
import type { Move } from '../observe.ts';
import { openRun, type Run } from '../run.ts';
import type { EndReason } from '../service-event.ts';
import type { CallSnapshot } from '../snapshot.ts';
import { abandon, giveUp, step, type StepEvent, type StepResult } from '../step.ts';
import type { CallLog, LogStep } from './call-log.ts';
import { logStep } from './log-text.ts';
import { difference, type Difference } from './difference.ts';
import { maskedBot, type ReplayedBot } from './masked-bot.ts';
import { firstLine, invalid } from './read-log.ts';

/** What became of a replay. */
export interface Replay {
  /** Whether the log is masked: then its way was replayed, and not every byte. */
  readonly masked: boolean;
  /** How many steps of the log came out the same, from the first one on. */
  readonly steps: number;
  /** `same`: all that the log has. `different`: up to `at`. `unexamined`: from `at` on nobody can say, or the log ends before the call does. */
  readonly outcome: 'same' | 'different' | 'unexamined';
  /** The first line that does not fit, or that was not examined; absent where all is the same. */
  readonly at?: ReplayedPlace;
  /** What the bot read within its steps that is not in the log, in order. */
  readonly readings: readonly UnloggedReading[];
  /** Why the call ended, by the log. */
  readonly ended: EndReason | null;
}

/** A line of a log, and what there is to be said of it. */
export interface ReplayedPlace extends Difference {
  readonly line: number;
  /** The state that the call was in before that step. */
  readonly state: string;
}

/** Something that a step of the bot's read by itself: the same event gives something else another time. */
export interface UnloggedReading {
  readonly line: number;
  /** The state that was left, or stood in, when it was read. */
  readonly state: string;
  /** The transitions on whose way it was read; none where that cannot be told. */
  readonly transitions: readonly string[];
  /** What was read, as its reader calls it: a function of the clock or of randomness. */
  readonly what: string;
  /** The stack of whoever read it. */
  readonly stack: string;
}

/** Runs a step, and notes what it reads of the world: `passed` says how many microsteps there were by then. */
export type Watch = <T>(work: () => T, passed: () => number) => { readonly value: T; readonly readings: readonly Noted[] };

/** What {@link Watch} notes. */
export interface Noted {
  readonly what: string;
  readonly stack: string;
  readonly passed: number;
}

export interface ReplayOptions {
  /** Whether the log may be of another version of the bot. Default false. */
  readonly anyVersion?: boolean;
  readonly watch?: Watch;
  /** Is told of each step that came out the same, in order. */
  readonly replayed?: (step: ReplayedStep) => void;
}

/** A step of a log, had again: of a masked one with the names that it has in this call. */
export interface ReplayedStep {
  readonly event: StepEvent;
  readonly result: StepResult;
}

/**
 * Has the call of `log` again.
 *
 * @throws `ERR_LOG_INVALID` for a log of another bot or version; `ERR_BOT_INVALID` for a machine that `callMachine` did not make
 */
export const replay = (machine: AnyStateMachine, log: CallLog, { anyVersion = false, watch = unwatched, replayed }: ReplayOptions = {}): Replay => {
  checkBot(machine, log, anyVersion);
  const bot = log.head.masked ? maskedOnce(machine) : plainBot(machine);
  const readings: UnloggedReading[] = [];
  let snapshot: CallSnapshot | undefined;
  let run: Run | undefined;
  let ended: EndReason | null = null;

  const outcome = (steps: number, how: Replay['outcome'], at?: ReplayedPlace): Replay => ({ masked: log.head.masked, steps, outcome: how, ...(at !== undefined && { at }), readings, ended });

  for (const [index, recorded] of log.steps.entries()) {
    const place = { line: firstLine + index, state: botState(snapshot) };
    if (recorded.moved !== undefined) return outcome(index, 'unexamined', { ...place, what: `here the call goes on with version ${recorded.moved} of the bot` });
    const event = bot.event(recorded, snapshot);
    if (typeof event === 'string') return outcome(index, 'unexamined', { ...place, what: event });
    const before = snapshot;
    bot.expects(recorded.moves, () => run?.passed() ?? 0);
    const from = run?.passed() ?? 0;
    const { value: played, readings: noted } = watch(() => {
      if (before === undefined) run = opened(bot.machine, event);
      else if (before.ended === null) run ??= openRun(bot.machine, before.call, before.machine ?? undefined);
      return play(bot.machine, before, event, run, recorded);
    }, () => run?.passed() ?? 0);
    if (!('result' in played)) return outcome(index, 'different', { ...place, what: `the call cannot go on: ${played.code}` });
    const { result, failures } = played;
    readings.push(...noted.map((one) => reading(one, from, result.moves, place)));
    const difference = result.ignored ? { what: 'the bot takes no notice of the event any more' } : bot.difference(recorded, logStep({ event, before, result, failures, refused: recorded.refused ?? 0 }), before);
    if (difference !== undefined) return outcome(index, bot.decides(recorded, failures) ? 'different' : 'unexamined', { ...place, ...difference });
    replayed?.({ event, result });
    snapshot = result.snapshot;
    if (result.error !== undefined || result.snapshot.ended !== null) run = undefined;
    ended ??= recorded.ended ?? null;
  }
  if (ended !== null) return outcome(log.steps.length, 'same');
  return outcome(log.steps.length, 'unexamined', { line: log.steps.length + 1, state: botState(snapshot), what: 'the log ends here, and the call does not: what came after it is not in the log' });
};

/** A machine for masked logs, which is made of a copy. */
const maskedOnce = onceFor(maskedBot);

const unwatched: Watch = (work) => ({ value: work(), readings: [] });

const checkBot = (machine: AnyStateMachine, { head: { bot, version } }: CallLog, anyVersion: boolean): void => {
  const facts = requireBot(machine);
  if (bot !== machine.id) throw invalid('bot', 1, `the log is of a bot with another name than \`${machine.id}\``);
  if (!anyVersion && version !== facts.version) throw invalid('version', 1, `the log is of another version of \`${bot}\` than ${facts.version}`);
};

const opened = (machine: AnyStateMachine, event: StepEvent): Run | undefined => {
  const incoming = event.type === 'service' ? event.events.find(({ type }) => type === 'call.incoming') : undefined;
  return incoming?.type === 'call.incoming' ? openRun(machine, incoming.call) : undefined;
};

/** A step as a host makes it, and the codes of what went wrong in it. */
interface Played {
  readonly result: StepResult;
  readonly failures: readonly CallErrorCode[];
}

/** The step; where the service did not take what came of it, that is given up as it was then. */
const play = (machine: AnyStateMachine, before: CallSnapshot | undefined, event: StepEvent, run: Run | undefined, { refused = 0, failures: codes = [] }: LogStep): Played | CallError => {
  try {
    let result = step(machine, before, event, run);
    const failures: CallErrorCode[] = result.error === undefined ? [] : [result.error.code];
    for (const code of refused === 0 ? [] : codes.slice(-refused)) {
      const from = before ?? { ...result.snapshot, revision: 0, answered: result.snapshot.call.direction === 'outbound', machine: null };
      const error = new CallError(code, 'the service did not take the batch', {} as never);
      result = failures.length >= 2 ? giveUp(machine, from, event.at, error) : abandon(machine, failures.length === 0 ? from : { ...from, failed: true }, event, error);
      failures.push(code);
    }
    return { result, failures };
  } catch (error) {
    if (isCallError(error)) return error;
    throw error;
  }
};

const reading = ({ what, stack, passed }: Noted, from: number, moves: readonly Move[], { line, state }: Pick<ReplayedPlace, 'line' | 'state'>): UnloggedReading => {
  const at = passed - from;
  const move = moves[at];
  const earlier = moves.slice(0, at).findLast(({ path }) => path === move?.path);
  const stood = move === undefined ? undefined : (earlier ?? (move.path === '' ? undefined : move));
  return { line, state: stood === undefined ? state : stateName(stood.path, stood.value), transitions: move?.transitions ?? [], what, stack };
};

// ---- the bot as it is ----

const plainBot = (machine: AnyStateMachine): ReplayedBot => ({
  machine,
  event: ({ event }) => event,
  expects: () => {},
  decides: () => true,
  difference,
});
