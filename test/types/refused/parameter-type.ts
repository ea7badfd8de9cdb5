/** An option of a state maker that is not of its type. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: Type 'string' is not assignable to type 'number'
    menu: recognize({ choices: { sales: '1' }, timeoutMs: '5s', on: { sales: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
