/** A bot with data of its own, whose handlers are functions, forgets an outcome. */
import { callMachine, hangup, recognize } from 'callchart';
import { assign } from 'xstate';

export default callMachine<{ readonly n: number }>()('refused', {
  context: { n: 0 },
  initial: 'menu',
  states: {
    // refused: state `menu`: outcome `support` is not handled
    menu: recognize({
      prompt: ({ context }) => `${context.n}`,
      choices: { sales: '1', support: '2' },
      on: { sales: { target: 'bye', actions: assign({ n: ({ context }) => context.n + 1 }) }, exhausted: 'bye' },
    }),
    bye: hangup(({ context }) => `${context.n}`),
  },
});
