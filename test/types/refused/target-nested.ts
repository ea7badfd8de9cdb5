/** A nested state leads to a state that is no sibling of it, but of its parent. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'shop',
  states: {
    // refused: state `shop.till`: target `bye` does not exist
    shop: {
      initial: 'till',
      states: {
        till: recognize({ choices: { pay: '1' }, on: { pay: 'paid', exhausted: 'bye' } }),
        paid: { always: '#refused.bye' },
      },
    },
    bye: hangup(),
  },
});
