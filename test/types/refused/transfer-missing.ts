/** A transfer that cannot fail. */
import { callMachine, hangup, transfer } from 'callchart';

export default callMachine('refused', {
  initial: 'agent',
  states: {
    // refused: state `agent`: outcome `failed` is not handled
    agent: transfer({ to: 'sip:agent@example.com', on: { busy: 'bye' } }),
    bye: hangup(),
  },
});
