/** A state that leaves out one of the ways in which its dialog ends. */
import { callMachine, dialog, hangup, waterfall } from 'callchart';

const order = waterfall('order').ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } }).end();

export default callMachine('bot', {
  initial: 'order',
  states: {
    // refused: state `order`: outcome `notCompleted` is not handled
    order: dialog(order, { on: { completed: 'bye', cancelled: 'bye', back: 'bye' } }),
    bye: hangup(),
  },
});
