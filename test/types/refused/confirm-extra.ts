/** A question of yes and no that handles a third answer which nothing means. */
import { callMachine, confirm, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'sure',
  states: {
    // refused: state `sure`: outcome `cancel` does not exist
    sure: confirm({ prompt: 'Shall I book it?', on: { yes: 'bye', no: 'bye', cancel: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
