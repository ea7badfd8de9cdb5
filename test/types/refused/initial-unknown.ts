/** A call begins in a state that is not there. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'meun',
  states: {
    // refused: initial state `meun` does not exist
    menu: hangup(),
    bye: hangup(),
  },
});
