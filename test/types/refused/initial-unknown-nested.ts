/** A nested chart begins in a state that is not there. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'shop',
  states: {
    // refused: state `shop`: initial state `tlil` does not exist
    shop: { initial: 'tlil', states: { till: hangup() } },
  },
});
