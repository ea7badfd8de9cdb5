/** An answer that waits, and not for its success. */
import { answer, callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'pickUp',
  states: {
    // refused: state `pickUp`: outcome `done` is not handled
    pickUp: answer({ on: { failed: 'bye' } }),
    bye: hangup(),
  },
});
