/** A state by a name that no target could say. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'bye',
  states: {
    bye: hangup(),
    // refused: state `so.long`: its name holds a `.` or `#`
    'so.long': hangup(),
  },
});
