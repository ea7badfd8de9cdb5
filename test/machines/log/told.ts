/** Logs of calls: what a bot was told, given to the core once more and written down. */
import { botFacts, type CallLog, type CallSnapshot, logFormat, type LogStep, logStep, logText, maskStep, readLog, step, type StepEvent } from 'callchart';
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
    const written = logStep({ event, before, result, failures: result.error === undefined ? [] : [result.error.code], refused: 0 });
    steps.push(masked ? maskStep(bot, written, before) : written);
  }
  return readLog(logText({ head: { log: logFormat, bot: bot.id, version: botFacts(bot)?.version ?? '', masked }, steps }));
};
