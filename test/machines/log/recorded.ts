/**
 * Recorded — calls at random, with what a server would have written of them.
 *
 * @module
 */
import { type CallLog, type CallSnapshot, isCallError, logHead, type LogStep, logText, readLog, step, type StepEvent, writtenStep } from 'callchart';
import type { AnyStateMachine } from 'xstate';
import { call } from '../line.ts';
import { eventOf, type Move } from '../random-bot.ts';

export interface RecordedOptions {
  readonly masked?: boolean;
  /** What becomes of an event before the bot is told it. */
  readonly told?: (event: StepEvent) => StepEvent;
  /** Whether the log stops without the end. */
  readonly endless?: boolean;
}

/** The log of events that happen to `machine`, through text. `next` gives one by the call as it stands; undefined is the end. */
export const logOf = (machine: AnyStateMachine, next: (snapshot: CallSnapshot | undefined, index: number) => StepEvent | undefined, masked = false): CallLog => {
  const steps: LogStep[] = [];
  let snapshot: CallSnapshot | undefined;
  for (let index = 0; ; index += 1) {
    const event = next(snapshot, index);
    if (event === undefined) break;
    const before = snapshot;
    const result = step(machine, before, event);
    if (result.ignored) continue;
    steps.push(writtenStep(machine, { event, before, result, failures: isCallError(result.error) ? [result.error.code] : [], refused: 0 }, masked));
    snapshot = JSON.parse(JSON.stringify(result.snapshot)) as CallSnapshot;
  }
  return readLog(logText({ head: logHead(machine, masked), steps }));
};

/** Calls `machine` and goes `walk`, then hangs up. */
export const recorded = (machine: AnyStateMachine, walk: readonly Move[], { masked = false, told = (event) => event, endless = false }: RecordedOptions = {}): CallLog => {
  let now = 1_000;
  const ahead = [...walk];
  let isOver = endless;
  return logOf(machine, (snapshot) => {
    if (snapshot === undefined) return told({ type: 'service', at: now, events: [{ type: 'call.incoming', call }] });
    for (let move = ahead.shift(); move !== undefined; move = ahead.shift()) {
      const event = move.kind === 'xstate' ? undefined : eventOf(move, snapshot, now + 100); // no service tells these
      if (event === undefined) continue;
      now = event.at;
      return told(event);
    }
    if (isOver) return undefined;
    isOver = true;
    return { type: 'service', at: now + 100, events: [{ type: 'call.ended', reason: 'caller' }] };
  }, masked);
};
