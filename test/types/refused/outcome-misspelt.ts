/** A misspelt handler is one outcome too many and one too few. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: outcome `support` is not handled
    // refused: state `menu`: outcome `suport` does not exist
    menu: recognize({ choices: { sales: '1', support: '2' }, on: { sales: 'bye', suport: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
