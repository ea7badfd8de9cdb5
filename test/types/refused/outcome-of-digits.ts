/** A question for digits that handles a choice instead. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'code',
  states: {
    // refused: state `code`: outcome `digits` is not handled
    code: recognize({ digits: { max: 4 }, on: { exhausted: 'bye' } }),
    bye: hangup(),
  },
});
