/** A nested chart that does not say where it begins. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'shop',
  states: {
    // refused: state `shop`: has states but no `initial`
    shop: { states: { till: hangup() } },
  },
});
