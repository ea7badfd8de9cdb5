/** A state that would keep the end of the call from the framework. */
import { callMachine, hangup, play } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: event `call.ended` is handled by the framework
    hello: { entry: play('Hello.'), on: { 'play.done': 'bye', 'call.ended': 'bye' } },
    bye: hangup(),
  },
});
