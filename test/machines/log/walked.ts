/** Logs of random calls. */
import { step, type CallSnapshot, type StepEvent } from 'callchart';
import type { AnyStateMachine } from 'xstate';
import type { CallLog } from '../../../src/machines/log/call-log.ts';
import { call } from '../line.ts';
import { eventOf, type Move } from '../random-bot.ts';
import { recorded } from './told.ts';

/** What happens in a call of `bot` that goes as `walk` says. */
export const walked = (bot: AnyStateMachine, walk: readonly Move[]): CallLog => {
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
    const event = snapshot!.ended === null ? eventOf(move, snapshot!, now + 100) : undefined;
    if (event !== undefined) take(event);
  }
  return recorded(bot, events);
};
