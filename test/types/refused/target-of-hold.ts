/** A hold that leads to a state that does not exist. */
import { callMachine, hangup, hold } from 'callchart';

export default callMachine('refused', {
  initial: 'holding',
  states: {
    // refused: state `holding`: target `looking` does not exist
    holding: hold('', 'looking'),
    bye: hangup(),
  },
});
