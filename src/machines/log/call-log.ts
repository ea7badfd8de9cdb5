/**
 * Call log — all that happened to one call, as data: what the bot was told and what it asked for, step by step. As text it is JSONL, a head and
 * then a line a step, and enough to have the same call again.
 *
 * What a caller said or keyed is masked, unless the log says otherwise (`masked`): an answer is then written down by what it was taken for, and
 * what the bot said is only where it says the same to everybody. A masked log has the way of the call, an unmasked one every byte of it.
 *
 * @module
 */
import type { Batch } from '../../actions/index.ts';
import type { CallErrorCode } from '../../errors.ts';
import type { Move } from '../observe.ts';
import type { EndReason } from '../service-event.ts';
import type { StepEvent } from '../step.ts';

/** The number of this format. */
export const logFormat = 1;

/** The first line. */
export interface LogHead {
  readonly log: typeof logFormat;
  readonly bot: string;
  readonly version: string;
  /** Whether what the caller said and keyed is left out. */
  readonly masked: boolean;
  /** The calling service that carried the call; absent where none did. */
  readonly service?: string;
}

/** A step of the call: one line. Events that changed nothing are not in the log. */
export interface LogStep {
  /** The revision of the call that the step made: it counts from 1, and a number that is left out is a line that was lost. */
  readonly revision: number;
  /** What the bot was told; its time is the reading of the clock. A task's result is an event as well. */
  readonly event: StepEvent;
  /** What the bot asked for in answer. */
  readonly batch: Batch;
  /** How the chart moved, without the states it came through. */
  readonly moves: readonly LogMove[];
  /** Codes of what went wrong: the bot's code threw, or asked for what the service does not take. */
  readonly failures?: readonly CallErrorCode[];
  /** How many of these batches were given up because the service does not take them, which the bot does not know of: the apology in place of the first, the bare hangup in place of the second. */
  readonly refused?: number;
  /** The version of the bot that the call goes on with from this step on, where that is another one. */
  readonly moved?: string;
  /** Why the call has ended with this step. */
  readonly ended?: EndReason;
}

/** A {@link Move} as a log has it. */
export type LogMove = Pick<Move, 'path' | 'event' | 'transitions'>;

/** A log, read. */
export interface CallLog {
  readonly head: LogHead;
  readonly steps: readonly LogStep[];
}
