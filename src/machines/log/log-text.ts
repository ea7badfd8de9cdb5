/**
 * Log text — a log as it is written: JSONL, the head and then a line a step.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { CallErrorCode } from '../../errors.ts';
import { requireBot } from '../bot-facts.ts';
import type { CallSnapshot } from '../snapshot.ts';
import type { StepEvent, StepResult } from '../step.ts';
import { type CallLog, logFormat, type LogHead, type LogStep } from './call-log.ts';
import { maskStep } from './mask.ts';

/** A step that counts, as its host knows it. */
export interface LoggedStep {
  /** What was taken: with its secrets sealed. */
  readonly event: StepEvent;
  /** The call before it; undefined for one that began with it. */
  readonly before: CallSnapshot | undefined;
  readonly result: StepResult;
  /** Codes of what went wrong, the last word last. */
  readonly failures: readonly CallErrorCode[];
  /** How many of these are batches that the service does not take. */
  readonly refused: number;
}

/** `step` as a log has it, with all that was said. */
export const logStep = ({ event, before, result: { snapshot, batch, moves }, failures, refused }: LoggedStep): LogStep => ({
  revision: snapshot.revision, event, batch, moves: moves.map(({ path, event: type, transitions }) => ({ path, event: type, transitions })),
  ...(failures.length > 0 && { failures }), ...(refused > 0 && { refused }), ...(before !== undefined && before.version !== snapshot.version && { moved: snapshot.version }), ...(snapshot.ended !== null && (before?.ended ?? null) === null && { ended: snapshot.ended }),
});

/** `step` of a call of `machine` as a log has it that is masked, or is not. */
export const writtenStep = (machine: AnyStateMachine, step: LoggedStep, masked: boolean): LogStep => (masked ? maskStep(machine, logStep(step), step.before) : logStep(step));

/** The head of a log of a call of `machine`, which `service` carries. @throws `ERR_BOT_INVALID` */
export const logHead = (machine: AnyStateMachine, masked: boolean, service?: string): LogHead =>
  ({ log: logFormat, bot: machine.id, version: requireBot(machine).version, masked, ...(service !== undefined && { service }) });

/** A line of a log. */
export const logLine = (part: LogHead | LogStep): string => `${JSON.stringify(part)}\n`;

/** A whole log, as `readLog` reads it. */
export const logText = ({ head, steps }: CallLog): string => [head, ...steps].map(logLine).join('');
