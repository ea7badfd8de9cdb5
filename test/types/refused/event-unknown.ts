/** A handler of an event that no call has. */
import { callMachine, hangup, play } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: event `play.finished` does not exist
    hello: { entry: play('Hello.'), on: { 'play.finished': 'bye' } },
    bye: hangup(),
  },
});
