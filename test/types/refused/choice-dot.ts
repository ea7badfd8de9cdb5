/** A choice whose name could not be told from an event of another kind. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: choice `sales.new` holds a `.` or `*`
    menu: recognize({ choices: { 'sales.new': '1' }, on: { 'sales.new': 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
