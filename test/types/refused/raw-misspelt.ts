/** An ending of a verb of a service is misspelt. */
import { callMachine, hangup, raw } from 'callchart';

export default callMachine('refused', {
  initial: 'pay',
  states: {
    // refused: state `pay`: outcome `success` is not handled; state `pay`: outcome `sucess` does not exist
    pay: raw('twilio', { verb: 'Pay', attributes: { chargeAmount: '10.00' }, on: { sucess: 'bye', failed: 'bye' } }),
    bye: hangup(),
  },
});
