/** A service has no such verb. */
import { callMachine, hangup, raw } from 'callchart';

export default callMachine('refused', {
  initial: 'pay',
  states: {
    pay: raw('twilio', {
      // refused: Type '"Pau"' is not assignable to type
      verb: 'Pau',
      on: { success: 'bye', bridged: 'bye', failed: 'bye' },
    }),
    bye: hangup(),
  },
});
