/** A hand-written transition asks for an action that no service knows. */
import { callMachine, play } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: action `hangpu` does not exist
    hello: { entry: play('Hello.'), on: { 'play.done': { target: 'hello', actions: [play('Bye.'), { type: 'hangpu', params: {} }] } } },
  },
});
