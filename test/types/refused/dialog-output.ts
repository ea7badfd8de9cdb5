/** A dialog that ends with something else than it promises. */
import { dialogMachine, recognize } from 'callchart';
import { assign } from 'xstate';

export const pin = dialogMachine<{ pin: string }, undefined, string>()('pin', {
  context: { pin: '' },
  initial: 'ask',
  states: {
    ask: recognize({ prompt: 'PIN?', digits: { max: 4 }, on: { digits: { target: 'done', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'gaveUp' } }),
    done: { type: 'final', output: ({ context }) => context.pin },
    // refused: the output of state `gaveUp` is not what the dialog promises
    gaveUp: { type: 'final', output: 0 },
    // refused: the output of state `forgot` is not what the dialog promises
    forgot: { type: 'final' },
    // refused: the output of state `computed` is not what the dialog promises
    computed: { type: 'final', output: ({ context }) => context.pin.length },
  },
});
