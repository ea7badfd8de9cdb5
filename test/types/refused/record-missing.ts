/** A recording that nobody takes. */
import { callMachine, hangup, record } from 'callchart';

export default callMachine('refused', {
  initial: 'message',
  states: {
    // refused: state `message`: outcome `done` is not handled
    message: record({ on: { exhausted: 'bye' } }),
    bye: hangup(),
  },
});
