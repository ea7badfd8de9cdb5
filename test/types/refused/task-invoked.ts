/** A hand-written state runs a task that the machine does not have. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'lookup',
  tasks: { find: async () => 1 },
  states: {
    // refused: state `lookup`: task `fnid` does not exist
    lookup: { invoke: { src: 'fnid', onDone: 'bye', onError: 'bye' } },
    bye: hangup(),
  },
});
