/**
 * Opening hours — a shop that takes calls while it is open, and says when it opens next while it is closed.
 *
 * The caller hears the hours or the address, or asks to be rung back. Replace `ringBack` by what your colleagues work with, and
 * the week, the holidays and the time zone in `hours.ts` by yours.
 */
import * as t from 'io-ts';
import { assign } from 'xstate';
import { callMachine, hangup, prompt, recognize, task, type TaskArgs } from 'callchart';
import { closedText, hoursText, isOpen } from './hours.ts';

export interface Context {
  /** Epoch ms: when the call came in. What time it is comes from a task, since the chart itself has no clock. */
  readonly now: number;
}

/** Who is to be rung back, by the task that noted it: one that runs twice notes it once. A table of your own, in earnest. */
export const toRingBack = new Map<string, string>();
const ringBack = async (number: string, { taskId }: TaskArgs): Promise<void> => void toRingBack.set(taskId, number);

export default callMachine<Context>()('opening-hours', {
  context: { now: 0 },
  initial: 'looking',
  tasks: { clock: async () => Date.now(), ringBack },
  states: {
    looking: task({
      run: 'clock', output: t.number, timeoutMs: 2_000,
      on: {
        done: [
          { guard: ({ event }) => isOpen(event.output), target: 'welcome', actions: assign({ now: ({ event }) => event.output }) },
          { target: 'closed', actions: assign({ now: ({ event }) => event.output }) },
        ],
        failed: 'unknown',
      },
    }),
    closed: hangup(({ context }) => `Thank you for calling Green’s Garden Centre. ${closedText(context.now)} Goodbye.`),
    unknown: hangup('Thank you for calling Green’s Garden Centre. We cannot take your call at the moment. Please call again later.'),

    welcome: prompt('Welcome to Green’s Garden Centre.', 'menu'),
    menu: recognize({
      prompt: 'For our hours press 1, for our address press 2, to be rung back by a colleague press 3.',
      choices: { hours: '1', address: '2', colleague: '3' },
      on: {
        hours: 'hours', address: 'address', exhausted: 'bye',
        colleague: [{ guard: ({ context }) => context.call.from === '', target: 'withheld' }, 'ringingBack'],
      },
    }),
    hours: prompt(hoursText(), 'menu'),
    address: prompt('You find us at 12 Mill Lane, opposite the station. There is a car park behind the house.', 'menu'),

    ringingBack: task({
      run: 'ringBack', input: ({ context }) => context.call.from, timeoutMs: 10_000, filler: 'One moment, please.',
      on: { done: 'promised', failed: 'failed' },
    }),
    promised: hangup('A colleague will ring you back today, at the number that you are calling from. Goodbye.'),
    withheld: prompt('We cannot see your number, so we cannot ring you back.', 'menu'),
    failed: prompt('That did not work. Please try it again in a minute.', 'menu'),
    bye: hangup('Thank you for calling. Goodbye.'),
  },
});
