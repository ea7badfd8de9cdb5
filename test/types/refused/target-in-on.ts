/** An event of a hand-written state leads to no state. */
import { callMachine, hangup, play } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: target `menu` does not exist
    hello: { entry: play('Hello.'), on: { 'play.done': 'menu', 'play.failed': 'bye' } },
    bye: hangup(),
  },
});
