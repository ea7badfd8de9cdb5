/** What is saved is not what the data's codec says. */
import * as t from 'io-ts';
import { callMachine, hangup, saveData, userData } from 'callchart';

const visits = userData('visits', t.type({ count: t.number }));

export default callMachine('bot', {
  initial: 'keep',
  states: {
    // refused: Type 'string' is not assignable to type 'number'
    keep: saveData(visits, { document: { value: { count: 'many' }, revision: 0 }, on: { done: 'bye', conflict: 'bye', failed: 'bye' } }),
    bye: hangup('Bye.'),
  },
});
