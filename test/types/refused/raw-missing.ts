/** A verb of a service has an ending that is not handled, and its failure is not. */
import { callMachine, hangup, raw } from 'callchart';

export default callMachine('refused', {
  initial: 'pay',
  states: {
    // refused: state `pay`: outcome `success` is not handled
    pay: raw('twilio', { verb: 'Pay', attributes: { chargeAmount: '10.00' }, on: { failed: 'bye' } }),
    // refused: state `queue`: outcome `failed` is not handled
    queue: raw('twilio', { verb: 'Enqueue', on: { bridged: 'bye' } }),
    bye: hangup(),
  },
});
