/**
 * Waiter — a bot that asks, and after six seconds asks something else.
 *
 * @module
 */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine()('waiter', {
  initial: 'ask',
  states: {
    ask: { ...recognize({ prompt: 'Coffee?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 6_000: 'late' } },
    late: recognize({ prompt: 'Tea?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});
