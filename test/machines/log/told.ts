/** Logs of calls: what a bot was told, given to the core once more and written down. */
import { botFacts, step, type CallSnapshot, type StepEvent } from 'callchart';
import type { AnyStateMachine } from 'xstate';
import { type CallLog, logFormat, type LogStep } from '../../../src/machines/log/call-log.ts';

/** The log of a call of `bot` in which `events` have happened. */
export const recorded = (bot: AnyStateMachine, events: readonly StepEvent[]): CallLog => {
  const steps: LogStep[] = [];
  let snapshot: CallSnapshot | undefined;
  for (const event of events) {
    const { ended = null } = snapshot ?? {};
    const result = step(bot, snapshot, event);
    snapshot = result.snapshot;
    if (result.ignored) continue;
    steps.push({
      revision: snapshot.revision, event, batch: result.batch, moves: result.moves.map(({ path, event: type, transitions }) => ({ path, event: type, transitions })),
      ...(result.error !== undefined && { failures: [result.error.code] }), ...(ended === null && snapshot.ended !== null && { ended: snapshot.ended }),
    });
  }
  return JSON.parse(JSON.stringify({ head: { log: logFormat, bot: bot.id, version: botFacts(bot)?.version ?? '', masked: false }, steps })) as CallLog;
};
