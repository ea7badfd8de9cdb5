/** An option that the state maker does not have. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: 'timeoutMS' does not exist
    menu: recognize({ choices: { sales: '1' }, timeoutMS: 5_000, on: { sales: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
