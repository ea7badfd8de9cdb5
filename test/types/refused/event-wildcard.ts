/** A wildcard that matches nothing. */
import { callMachine, hangup, play } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: event `recognise.*` does not exist
    hello: { entry: play('Hello.'), on: { 'recognise.*': 'bye' } },
    bye: hangup(),
  },
});
