/** A save that somebody else may have been faster than, and nobody handles that. */
import * as t from 'io-ts';
import { callMachine, hangup, saveData, userData } from 'callchart';

const visits = userData('visits', t.type({ count: t.number }));

export default callMachine('bot', {
  initial: 'keep',
  states: {
    // refused: state `keep`: outcome `conflict` is not handled
    keep: saveData(visits, { document: { value: { count: 1 }, revision: 0 }, on: { done: 'bye', failed: 'bye' } }),
    bye: hangup('Bye.'),
  },
});
