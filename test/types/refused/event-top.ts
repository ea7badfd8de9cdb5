/** Handlers of the whole machine for events that no call has, or that are the framework's. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'bye',
  on: {
    // refused: 'call.rooster'' does not exist
    'call.rooster': '.bye',
  },
  states: { bye: hangup() },
});

export const ended = callMachine('refused', {
  initial: 'bye',
  on: {
    // refused: 'call.ended'' does not exist
    'call.ended': '.bye',
  },
  states: { bye: hangup() },
});
