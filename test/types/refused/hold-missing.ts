/** A hold that waits, and not for its failure. */
import { callMachine, hangup, hold } from 'callchart';

export default callMachine('refused', {
  initial: 'holding',
  states: {
    // refused: state `holding`: outcome `failed` is not handled
    holding: hold('', { on: { done: 'bye' } }),
    bye: hangup(),
  },
});
