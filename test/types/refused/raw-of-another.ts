/** An ending is that of another verb. */
import { callMachine, hangup, raw } from 'callchart';

export default callMachine('refused', {
  initial: 'pay',
  states: {
    // refused: state `pay`: outcome `bridged` does not exist
    pay: raw('twilio', { verb: 'Pay', on: { success: 'bye', bridged: 'bye', failed: 'bye' } }),
    bye: hangup(),
  },
});
