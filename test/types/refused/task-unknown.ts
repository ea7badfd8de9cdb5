/** A task by a name that the machine does not have. */
import { callMachine, hangup, task } from 'callchart';

export default callMachine('refused', {
  initial: 'lookup',
  tasks: { find: async () => 1 },
  states: {
    // refused: state `lookup`: task `fnid` does not exist
    lookup: task({ run: 'fnid', on: { done: 'bye', failed: 'bye' } }),
    bye: hangup(),
  },
});
