/**
 * Remark words — what is wrong with a bot, counted and in words.
 *
 * Pure.
 *
 * @module
 */
import type { ExaminationShown, ExaminedShown, RemarkShown } from './protocol.ts';

/** How many errors and warnings. */
export interface Tally {
  readonly errors: number;
  readonly warnings: number;
}

export const tallied = (remarks: readonly Pick<RemarkShown, 'severity'>[]): Tally => {
  const errors = remarks.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: remarks.length - errors };
};

/** `2 errors, 1 warning`. */
export const tallyWords = ({ errors, warnings }: Tally): string => [[errors, 'error'] as const, [warnings, 'warning'] as const].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`])).join(', ');

/** What is wrong with each state, by its id. */
export function remarksByState(remarks: readonly RemarkShown[]): ReadonlyMap<string, readonly RemarkShown[]> {
  const states = new Map<string, RemarkShown[]>();
  for (const remark of remarks) if (remark.state !== undefined) states.set(remark.state, [...(states.get(remark.state) ?? []), remark]);
  return states;
}

/** How the bot stands, in a few words. */
export function standingWords({ check, types, remarks }: ExaminedShown): string {
  if (remarks.length > 0) return tallyWords(tallied(remarks));
  if (check.is === 'running' || types.is === 'running') return 'Checking';
  return check.is === 'done' ? 'Nothing found' : 'Not checked';
}

/** What is going on, or cannot be, one sentence each. */
export function examinationSentences({ check, types, service, remarks }: ExaminedShown): readonly string[] {
  const goesOn = [check, types].some(({ is }) => is === 'running');
  return [
    ...(goesOn ? [remarks.length > 0 ? 'The bot is checked anew: what stands here may be mended already.' : 'The bot is checked.'] : []),
    ...(check.is === 'off' ? ['The bot is not checked: the command was started with `--no-check`.'] : []),
    ...(check.is === 'done' && remarks.every(({ from }) => from !== 'check') ? [`The check finds nothing, for a line of ${service}.`] : []),
    ...(types.is === 'done' && remarks.every(({ from }) => from !== 'compiler') ? ['The compiler finds nothing.'] : []),
    ...[check, types].flatMap((one) => (one.is === 'without' ? [one.sentence] : [])),
  ];
}

/** What has to be installed for all to be looked at. */
export const installOf = (...all: readonly ExaminationShown[]): string | undefined => all.flatMap((one) => (one.is === 'without' ? (one.install ?? []) : []))[0];

/** A sentence without the state that it begins with, where that stands beside it. */
export const sentenceOf = ({ message }: Pick<RemarkShown, 'message'>): string => message.replace(/^state `[^`]+`: /, '');
