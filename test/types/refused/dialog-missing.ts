/** A dialog whose end leads nowhere. */
import { callMachine, dialog, dialogMachine } from 'callchart';

const pin = dialogMachine<Record<never, never>, undefined, string>()('pin', { initial: 'done', states: { done: { type: 'final', output: '1234' } } });

export default callMachine('refused', {
  initial: 'login',
  states: {
    // refused: state `login`: outcome `done` is not handled
    login: dialog(pin, { on: {} }),
  },
});
