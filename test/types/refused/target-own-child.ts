/** A state leads to a child that it does not have. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'shop',
  states: {
    // refused: state `shop`: target `.tlil` does not exist
    shop: { initial: 'till', on: { 'call.roster': '.tlil' }, states: { till: hangup() } },
  },
});
