/** An inline `assign` of the wrong type. */
import { callMachine, hangup, recognize } from 'callchart';
import { assign } from 'xstate';

export default callMachine<{ readonly n: number }>()('refused', {
  context: { n: 0 },
  initial: 'menu',
  states: {
    menu: recognize({
      choices: { sales: '1' },
      on: {
        // refused: is not assignable
        sales: { target: 'bye', actions: assign({ n: () => 'one' }) },
        exhausted: 'bye',
      },
    }),
    bye: hangup(),
  },
});
