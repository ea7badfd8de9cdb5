/** An ending of a verb leads to a state that does not exist. */
import { callMachine, hangup, raw } from 'callchart';

export default callMachine('refused', {
  initial: 'pay',
  states: {
    // refused: state `pay`: target `by` does not exist
    pay: raw('azure', { verb: 'sendDtmfTones', attributes: { tones: '12#' }, on: { sent: 'by', failed: 'bye' } }),
    bye: hangup(),
  },
});
