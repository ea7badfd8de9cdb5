/**
 * Decision — what an event came to, as Restate's journal has it: a line of JSON, and below it the record as it is to be kept.
 *
 * @module
 */
import { CallError, isCallError } from '../../../errors.ts';
import type { StoredRecord } from '../store.ts';
import type { Taken } from '../transact.ts';
import type { Refused } from './messages.ts';

/** What is to be kept beside the call. */
export interface Beside {
  readonly id: string;
  readonly record: StoredRecord;
}

/** What an event came to. */
export type Decision =
  | {
      readonly kind: Taken['kind'];
      readonly aside: readonly Beside[];
      /** What was left of a call that nobody can go on with. */
      readonly remains?: string;
      /** The record, where it is another one now. */
      readonly text: string | undefined;
    }
  | ({ readonly kind: 'refused' } & Refused);

/** A defect that was met and logged when the decision was made. */
export class Defect extends Error {}

export const writeDecision = (decision: Decision): string => {
  if (decision.kind === 'refused') return JSON.stringify(decision);
  const { text, ...first } = decision;
  return text === undefined ? JSON.stringify(first) : `${JSON.stringify(first)}\n${text}`;
};

export const readDecision = (written: string): Decision => {
  const end = written.indexOf('\n');
  const first = JSON.parse(end < 0 ? written : written.slice(0, end)) as Decision;
  return first.kind === 'refused' ? first : { ...first, text: end < 0 ? undefined : written.slice(end + 1) };
};

/** What was thrown, as it is journaled: of a defect nothing is said. */
export const refusalOf = (error: unknown): Refused =>
  isCallError(error) ? { refused: { code: error.code, message: error.message, details: error.details } } : { refused: { code: null, message: '', details: {} } };

/** What is thrown for it. */
export const errorOf = ({ refused: { code, message, details } }: Refused): Error => (code === null ? new Defect('the event could not be taken') : new CallError(code, message, details as never));
