/** A path that begins at a state and ends at none. */
import { callMachine, hangup, prompt } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: target `shop.tlil` does not exist
    hello: prompt('Hello.', 'shop.tlil'),
    shop: { initial: 'till', states: { till: hangup() } },
  },
});
