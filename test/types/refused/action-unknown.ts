/** A hand-written state asks for an action that no service knows. */
import { callMachine } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: action `paly` does not exist
    hello: { entry: { type: 'paly', params: { prompts: [] } }, on: { 'play.done': 'hello' } },
  },
});
