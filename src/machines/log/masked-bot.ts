/**
 * Masked bot — a bot as a masked log finds it. What its own guards looked at may not be in the log: they hold as the recorded way says. What it
 * says is compared as far as the log has it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Batch, Operation } from '../../actions/index.ts';
import type { CallErrorCode } from '../../errors.ts';
import { deciding } from '../check/supposing.ts';
import { hidden } from '../secret.ts';
import type { CallSnapshot } from '../snapshot.ts';
import type { StepEvent } from '../step.ts';
import type { LogMove, LogStep } from './call-log.ts';
import { difference, type Difference } from './difference.ts';
import { maskStep, withNames } from './mask.ts';

/** What a log is replayed on. */
export interface ReplayedBot {
  readonly machine: AnyStateMachine;
  /** The event of a line for the call as it stands; or why it cannot be had. */
  event(recorded: LogStep, snapshot: CallSnapshot | undefined): StepEvent | string;
  /** The step that comes moved so; `passed` says how many microsteps the call has made. */
  expects(moves: readonly LogMove[], passed: () => number): void;
  /** What of a step is not as it was recorded; undefined where all is. */
  difference(recorded: LogStep, replayed: LogStep, before: CallSnapshot | undefined): Difference | undefined;
  /** Whether a difference is the bot's, and does not come of what the log leaves out. */
  decides(recorded: LogStep, failures: readonly CallErrorCode[]): boolean;
}

/** `machine` for a masked log. */
export const maskedBot = (machine: AnyStateMachine): ReplayedBot => {
  let way: { readonly moves: readonly LogMove[]; readonly from: number; readonly passed: () => number } = { moves: [], from: 0, passed: () => 0 };
  return {
    machine: deciding(machine, (transition) => way.moves[way.passed() - way.from]?.transitions.includes(transition) ?? false),
    event: ({ event }, snapshot) => {
      const timed = withTimer(withNames(event, snapshot), snapshot);
      return timed ?? 'the log names a choice by its place, and the question has fewer choices now';
    },
    expects: (moves, passed) => {
      way = { moves, from: passed(), passed };
    },
    difference: (recorded, replayed, before) => {
      const masked = maskStep(machine, replayed, before);
      return difference(recorded, { ...masked, batch: asRecorded(recorded.batch, masked.batch) });
    },
    decides: (recorded, failures) => (recorded.failures ?? []).join() === failures.join(),
  };
};

/** `event` with the timer that is meant: when it is due may hang on what is left out. */
const withTimer = (event: StepEvent | undefined, snapshot: CallSnapshot | undefined): StepEvent | undefined => {
  if (event?.type !== 'timer' || snapshot === undefined) return event;
  const { timer } = event;
  const likely = snapshot.timers.filter(({ id, path }) => (id === timer.id || timer.id === hidden) && (path === timer.path || timer.path.includes(hidden)));
  const meant = likely.find(({ dueAt }) => dueAt === timer.dueAt) ?? likely[0];
  return meant === undefined ? event : { ...event, timer: meant };
};

// ---- what is not in the log fits whatever is said in its place ----

const asRecorded = (recorded: Batch, replayed: Batch): Batch =>
  replayed.map((operation, index): Operation => {
    const was = recorded[index];
    return was !== undefined && was.type === operation.type && was.operationId === operation.operationId && was.state === operation.state && fits(was.params, operation.params) ? was : operation;
  });

const isHidden = (value: unknown): boolean => value === hidden || value === 0;

/** Whether `b` may be what `a` was: all that both have is the same. */
const fits = (a: unknown, b: unknown): boolean => {
  if (isHidden(a) || isHidden(b)) return typeof a === typeof b;
  if (Array.isArray(a) && Array.isArray(b)) return fitsInOrder(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [was, is] = [Object.entries(a), Object.entries(b)];
  return was.length === is.length && was.every(([name, value], index) => (is[index]?.[0] === name || name.startsWith(hidden)) && fits(value, is[index]?.[1]));
};

/** A prompt that is left out may have been nothing at all with what the log has. */
const fitsInOrder = (a: readonly unknown[], b: readonly unknown[]): boolean => {
  const misfits = new Set<number>();
  const from = (i: number, j: number): boolean => {
    if (i === a.length && j === b.length) return true;
    const place = i * (b.length + 1) + j;
    if (misfits.has(place)) return false;
    const isFit = (i < a.length && j < b.length && fits(a[i], b[j]) && from(i + 1, j + 1)) || (i < a.length && isUnknown(a[i]) && from(i + 1, j)) || (j < b.length && isUnknown(b[j]) && from(i, j + 1));
    if (!isFit) misfits.add(place);
    return isFit;
  };
  return from(0, 0);
};

const isUnknown = (prompt: unknown): boolean => typeof prompt === 'object' && prompt !== null && Object.values(prompt).includes(hidden);
