/** Mistakes in several states are told each at its own state. */
import { callMachine, hangup, prompt, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'hello',
  states: {
    // refused: state `hello`: target `meun` does not exist
    hello: prompt('Hello.', 'meun'),
    // refused: state `menu`: outcome `support` is not handled
    // refused: state `menu`: target `by` does not exist
    menu: recognize({ choices: { sales: '1', support: '2' }, on: { sales: 'bye', exhausted: 'by' } }),
    // refused: state `shop.till`: outcome `exhausted` is not handled
    shop: { initial: 'till', states: { till: recognize({ choices: { pay: '1' }, on: { pay: 'till' } }) } },
    bye: hangup(),
  },
});
