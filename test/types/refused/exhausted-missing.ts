/** A question that says nothing of the caller who never answers. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: outcome `exhausted` is not handled
    menu: recognize({ choices: { sales: '1' }, on: { sales: 'bye', noinput: 'bye' } }),
    bye: hangup(),
  },
});
