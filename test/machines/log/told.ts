/** Logs of calls: what a bot was told, given to the core once more and written down. */
import { type CallLog, type CallSnapshot, logHead, type LogStep, logText, readLog, step, type StepEvent, writtenStep } from 'callchart';
import type { AnyStateMachine } from 'xstate';

/** The log of a call of `bot` in which `events` have happened. */
export const told = (bot: AnyStateMachine, events: readonly StepEvent[], masked = false): CallLog => {
  const steps: LogStep[] = [];
  let snapshot: CallSnapshot | undefined;
  for (const event of events) {
    const before = snapshot;
    const result = step(bot, before, event);
    snapshot = result.snapshot;
    if (result.ignored) continue;
    steps.push(writtenStep(bot, { event, before, result, failures: result.error === undefined ? [] : [result.error.code], refused: 0 }, masked));
  }
  return readLog(logText({ head: logHead(bot, masked), steps }));
};
