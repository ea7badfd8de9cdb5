/** A bot that does not say where a call begins. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  states: {
    // refused: the bot has no `initial`
    bye: hangup(),
  },
});
