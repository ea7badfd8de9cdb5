/** A question of choices alone that would handle whatever else is said. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'wish',
  states: {
    // refused: state `wish`: outcome `speech` does not exist
    wish: recognize({ choices: { agent: '0' }, on: { agent: 'bye', speech: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
