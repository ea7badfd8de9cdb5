/** A prompt that waits, and not for its failure. */
import { callMachine, hangup, prompt } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: outcome `failed` is not handled
    hello: prompt('Hello.', { on: { done: 'bye' } }),
    bye: hangup(),
  },
});
