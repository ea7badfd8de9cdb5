/**
 * Masked bot — a bot as a masked log finds it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { CallErrorCode } from '../../errors.ts';
import type { CallSnapshot } from '../snapshot.ts';
import type { StepEvent } from '../step.ts';
import type { LogMove, LogStep } from './call-log.ts';
import type { Difference } from './difference.ts';

/** What a log is replayed on. */
export interface ReplayedBot {
  readonly machine: AnyStateMachine;
  /** The event of a line for the call as it stands; or why it cannot be had. */
  event(recorded: LogStep, snapshot: CallSnapshot | undefined): StepEvent | string;
  /** The step that comes moved so: `passed` says how many microsteps there were so far. */
  expects(moves: readonly LogMove[], passed: () => number): void;
  /** What of a step is not as it was recorded, by places and names; undefined where all is. */
  difference(recorded: LogStep, replayed: LogStep): Difference | undefined;
  /** Whether a difference is the bot's, and comes not of what the log leaves out. */
  decides(recorded: LogStep, failures: readonly CallErrorCode[]): boolean;
}

export const maskedBot = (machine: AnyStateMachine): ReplayedBot => {
  throw new Error(machine.id);
};
