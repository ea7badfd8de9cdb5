import { callMachine, hangup, recognize } from 'callchart';
import { assign } from 'xstate';

/** Counts aloud: what is done twice is heard. */
export const counter = callMachine<{ count: number }>()('counter', {
  context: { count: 0 },
  initial: 'ask',
  states: {
    ask: recognize({ prompt: ({ context }) => `Count ${context.count}.`, choices: { up: '1', stop: '2' }, on: { up: { target: 'ask', reenter: true, actions: assign({ count: ({ context }) => context.count + 1 }) }, stop: 'bye', exhausted: 'bye' } }),
    bye: hangup('Bye.'),
  },
});
