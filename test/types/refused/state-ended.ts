/** A state by the name of the framework's last. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'bye',
  states: {
    bye: hangup(),
    // refused: state `ended`: is a name of the framework
    ended: hangup(),
  },
});
