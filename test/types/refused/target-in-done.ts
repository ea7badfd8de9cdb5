/** The end of a nested chart leads to no state. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'shop',
  states: {
    // refused: state `shop`: target `paid` does not exist
    shop: { initial: 'left', states: { left: { type: 'final' } }, onDone: 'paid' },
    bye: hangup(),
  },
});
