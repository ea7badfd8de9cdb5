/** A hand-written action with a parameter that is none. */
import { callMachine } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: action `play` has wrong parameters
    hello: { entry: [{ type: 'play', params: { prompts: [{ txt: 'Hello.' }] } }], on: { 'play.done': 'hello' } },
  },
});
