/** A task that cannot fail. */
import { callMachine, hangup, task } from 'callchart';

export default callMachine('refused', {
  initial: 'lookup',
  states: {
    // refused: state `lookup`: outcome `failed` is not handled
    lookup: task({ run: async () => 1, on: { done: 'bye' } }),
    bye: hangup(),
  },
});
