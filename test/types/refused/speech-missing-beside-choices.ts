/** A question of choices and of whatever else is said, without the latter. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'wish',
  states: {
    // refused: state `wish`: outcome `speech` is not handled
    wish: recognize({ choices: { agent: '0' }, speech: true, on: { agent: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
