/** A verb is given what it does not take. */
import { callMachine, hangup, raw } from 'callchart';

export default callMachine('refused', {
  initial: 'pay',
  states: {
    pay: raw('twilio', {
      verb: 'Pay',
      // refused: Type 'number' is not assignable to type 'string'
      attributes: { chargeAmount: 10 },
      on: { success: 'bye', failed: 'bye' },
    }),
    queue: raw('twilio', {
      verb: 'Enqueue',
      // refused: 'queue' does not exist
      attributes: { queue: 'desk' },
      on: { bridged: 'bye', failed: 'bye' },
    }),
    // refused: Property 'attributes' is missing
    tones: raw('azure', { verb: 'sendDtmfTones', on: { sent: 'bye', failed: 'bye' } }),
    bye: hangup(),
  },
});
