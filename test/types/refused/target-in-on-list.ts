/** The second transition of a hand-written wildcard leads to no state. */
import { callMachine, hangup, play } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: target `menu` does not exist
    hello: { entry: play('Hello.'), on: { 'play.*': [{ target: 'bye', guard: () => false }, { target: 'menu' }] } },
    bye: hangup(),
  },
});
