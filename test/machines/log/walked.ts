/** Logs of random calls. */
import { type CallLog, step, type CallSnapshot, type StepEvent } from 'callchart';
import type { AnyStateMachine } from 'xstate';
import { call } from '../line.ts';
import { eventOf, type Move } from '../random-bot.ts';
import { told } from './told.ts';

/** What happens in a call of `bot` that goes as `walk` says. */
export const walked = (bot: AnyStateMachine, walk: readonly Move[], masked = false): CallLog => {
  const events: StepEvent[] = [];
  let snapshot: CallSnapshot | undefined;
  let now = 1_000;
  const take = (event: StepEvent): void => {
    now = event.at;
    events.push(event);
    ({ snapshot } = step(bot, snapshot, event));
  };
  take({ type: 'service', at: now, events: [{ type: 'call.incoming', call }] });
  for (const move of walk) {
    const event = snapshot!.ended === null && move.kind !== 'xstate' ? eventOf(move, snapshot!, now + 100) : undefined; // no service tells these
    if (event !== undefined) take(event);
  }
  if (snapshot!.ended === null) take({ type: 'service', at: now + 100, events: [{ type: 'call.ended', reason: 'caller' }] });
  return told(bot, events, masked);
};
