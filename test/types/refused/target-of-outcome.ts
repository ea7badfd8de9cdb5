/** An outcome that leads to no state. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: target `slaes` does not exist
    menu: recognize({ choices: { sales: '1' }, on: { sales: 'slaes', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
