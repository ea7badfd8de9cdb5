/** A hand-written action by its bare name. */
import { callMachine } from 'callchart';

export default callMachine('refused', {
  initial: 'bye',
  states: {
    // refused: state `bye`: action `play` has wrong parameters
    bye: { entry: 'play' },
  },
});
