/** An inline function reads what the context does not have. */
import { callMachine, hangup, recognize } from 'callchart';
import { assign } from 'xstate';

export default callMachine<{ readonly n: number }>()('refused', {
  context: { n: 0 },
  initial: 'menu',
  states: {
    menu: recognize({
      // refused: Property 'm' does not exist
      prompt: ({ context }) => `${context.m}`,
      choices: { sales: '1' },
      on: {
        // refused: Property 'm' does not exist
        sales: { target: 'bye', actions: assign({ n: ({ context }) => context.m }) },
        // refused: Property 'm' does not exist
        exhausted: [{ target: 'bye', guard: ({ context }) => context.m > 0 }],
      },
    }),
    shop: {
      initial: 'till',
      states: {
        // refused: Property 'm' does not exist
        till: { entry: assign({ n: ({ context }) => context.m }) },
      },
    },
    // refused: Property 'm' does not exist
    bye: hangup(({ context }) => `${context.m}`),
  },
});
