/** A question inside another state, to be named by its path, forgets an outcome. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'shop',
  states: {
    // refused: state `shop.till.pay`: outcome `cash` is not handled
    shop: {
      initial: 'till',
      states: {
        till: {
          initial: 'pay',
          states: {
            pay: recognize({ choices: { cash: '1' }, on: { exhausted: '#refused.bye' } }),
          },
        },
      },
    },
    bye: hangup(),
  },
});
