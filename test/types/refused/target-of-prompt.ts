/** A prompt that moves on to no state. */
import { callMachine, hangup, prompt } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: target `by` does not exist
    hello: prompt('Hello.', 'by'),
    bye: hangup(),
  },
});
