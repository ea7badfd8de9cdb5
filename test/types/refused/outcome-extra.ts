/** A handler of an outcome that the question does not have. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: outcome `billing` does not exist
    menu: recognize({ choices: { sales: '1' }, on: { sales: 'bye', billing: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
