/** A verb asked for by hand is held to its endings, too. */
import { callMachine, hangup, rawAction } from 'callchart';

export default callMachine('refused', {
  initial: 'pay',
  states: {
    pay: {
      // refused: Type '"sucess"' is not assignable to type
      entry: rawAction('twilio', { verb: 'Pay', attributes: {}, endings: ['sucess'] }),
      on: { 'raw.done.success': 'bye', 'raw.failed': 'bye' },
    },
    bye: hangup(),
  },
});
