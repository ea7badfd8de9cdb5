/** A state by the name of the framework's first. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'idle',
  states: {
    // refused: state `idle`: is a name of the framework
    idle: hangup(),
  },
});
