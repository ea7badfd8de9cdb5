/** The result of a task is used as what its codec does not say. */
import * as t from 'io-ts';
import { assign } from 'xstate';
import { callMachine, hangup, task } from 'callchart';

export default callMachine<{ eta: string }>()('bot', {
  context: { eta: '' },
  initial: 'find',
  tasks: { find: async (): Promise<unknown> => ({ eta: 3 }) },
  states: {
    find: task({
      run: 'find', output: t.type({ eta: t.number }),
      // refused: Type 'number' is not assignable to type 'string'
      on: { done: { target: 'bye', actions: assign({ eta: ({ event }) => event.output.eta }) }, failed: 'bye' },
    }),
    bye: hangup('Bye.'),
  },
});
