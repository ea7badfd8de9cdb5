/** A question of yes and no whose third answer is not handled. */
import { callMachine, confirm, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'sure',
  states: {
    // refused: state `sure`: outcome `cancel` is not handled
    sure: confirm({ prompt: 'Shall I book it?', cancel: '9', on: { yes: 'bye', no: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
