/** An outgoing call that nothing follows. */
import { callMachine, createcall, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'agent',
  states: {
    // refused: state `agent`: outcome `done` is not handled
    agent: createcall({ to: '+15550123', on: { failed: 'bye', busy: 'bye' } }),
    bye: hangup(),
  },
});
