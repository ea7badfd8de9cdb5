/** A question that was spread into a state with a delay forgets an outcome. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: outcome `support` is not handled
    menu: { ...recognize({ choices: { sales: '1', support: '2' }, on: { sales: 'bye', exhausted: 'bye' } }), after: { 5_000: 'bye' } },
    bye: hangup(),
  },
});
