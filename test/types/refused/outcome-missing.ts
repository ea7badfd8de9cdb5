/** A question with a choice that nothing handles. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: outcome `support` is not handled
    menu: recognize({ prompt: 'Sales or support?', choices: { sales: '1', support: '2' }, on: { sales: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
