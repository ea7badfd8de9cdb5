/** The caller may have no account, and nobody handles that. */
import { callMachine, hangup, lookupUser } from 'callchart';

export default callMachine('bot', {
  initial: 'who',
  states: {
    // refused: state `who`: outcome `unknown` is not handled
    who: lookupUser({ run: ({ from }) => from, on: { known: 'bye', failed: 'bye' } }),
    bye: hangup('Bye.'),
  },
});
