/** An outgoing call with an ending that none has. */
import { callMachine, createcall, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'agent',
  states: {
    // refused: state `agent`: outcome `answered` does not exist
    agent: createcall({ to: '+15550123', on: { done: 'bye', failed: 'bye', answered: 'bye' } }),
    bye: hangup(),
  },
});
