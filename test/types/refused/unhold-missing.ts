/** A return from hold that waits, and not for its failure. */
import { callMachine, hangup, unhold } from 'callchart';

export default callMachine('refused', {
  initial: 'back',
  states: {
    // refused: state `back`: outcome `failed` is not handled
    back: unhold({ on: { done: 'bye' } }),
    bye: hangup(),
  },
});
