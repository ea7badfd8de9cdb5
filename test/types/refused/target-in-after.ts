/** A delay leads to no state. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: target `late` does not exist
    menu: { ...recognize({ choices: { sales: '1' }, on: { sales: 'bye', exhausted: 'bye' } }), after: { 5_000: 'late' } },
    bye: hangup(),
  },
});
