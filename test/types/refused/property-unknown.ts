/** A property that states do not have. */
import { callMachine, hangup, play } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: property `onEntry` does not exist
    hello: { onEntry: play('Hello.'), on: { 'play.done': 'bye' } },
    bye: hangup(),
  },
});
