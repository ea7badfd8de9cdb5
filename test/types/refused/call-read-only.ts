/** The framework's part of the context is not the author's to write. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine<{ n: number }>()('refused', {
  context: { n: 0 },
  initial: 'menu',
  states: {
    menu: recognize({
      choices: { sales: '1' },
      on: {
        // refused: read-only property
        sales: { target: 'bye', actions: ({ context }) => { context.call.asked = { ...context.call.asked }; } },
        exhausted: 'bye',
      },
    }),
    bye: hangup(),
  },
});
