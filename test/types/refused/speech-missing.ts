/** A question that takes whatever is said, and does nothing with it. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'wish',
  states: {
    // refused: state `wish`: outcome `speech` is not handled
    wish: recognize({ prompt: 'What can I do for you?', speech: true, on: { exhausted: 'bye' } }),
    bye: hangup(),
  },
});
