/**
 * Call log — what happened in a call so far, in order, and where in it somebody stands who walks through it.
 *
 * Pure, as the model is.
 *
 * @module
 */
import type { Moment } from './protocol.ts';

/** The log of a call, as far as the page has it. */
export interface CallLog {
  /** By their numbers, each once. */
  readonly moments: readonly Moment[];
  /** Whether the process has told all that was before. */
  readonly whole: boolean;
}

export type Step = Extract<Moment, { readonly kind: 'step' }>;
export type Entered = Extract<Moment, { readonly kind: 'entry' }>;

export const emptyLog: CallLog = { moments: [], whole: false };

/** The log with `told` added. What it has already is not added twice, in whatever order it comes. */
export function added({ moments, whole }: CallLog, told: readonly Moment[]): CallLog {
  const [first] = told;
  if (first !== undefined && told.length === 1 && first.n > (moments.at(-1)?.n ?? -1)) return { moments: [...moments, first], whole };
  const byNumber = new Map([...moments, ...told].map((moment) => [moment.n, moment]));
  return { moments: [...byNumber.values()].sort((one, other) => one.n - other.n), whole };
}

/** The steps of the call on its chart. */
export const stepsOf = ({ moments }: CallLog): readonly Step[] => moments.filter((moment) => moment.kind === 'step');

/** Where somebody stands: a step by its place among the steps, or the end, which moves on while the call does. */
export type Standing = number | 'live';

/** The place of the step that is shown; -1 before the first. */
export const placeOf = (steps: readonly Step[], standing: Standing): number => (standing === 'live' ? steps.length - 1 : Math.max(-1, Math.min(standing, steps.length - 1)));

/** What is in the transcript for one who stands there: all that happened before the step after. */
export function entriesAt(log: CallLog, standing: Standing): readonly Entered[] {
  const next = standing === 'live' ? undefined : stepsOf(log)[standing + 1];
  return log.moments.filter((moment) => moment.kind === 'entry').filter(({ n }) => next === undefined || n < next.n);
}

/** When the bot has begun to wait for an answer, ms after the first ring; nothing once somebody has done something. */
export function askedAt({ moments }: CallLog): number | undefined {
  const last = moments.findLast((moment) => moment.kind === 'entry' && (moment.entry.who === 'caller' || moment.entry.kind === 'asks' || moment.entry.kind === 'beep'));
  return last?.kind === 'entry' && last.entry.kind === 'asks' ? last.entry.at : undefined;
}
