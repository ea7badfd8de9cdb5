/** A dialog that wants input is given none. */
import { callMachine, dialog, dialogMachine, hangup } from 'callchart';

const pin = dialogMachine<Record<never, never>, { readonly digits: number }, string>()('pin', { initial: 'out', states: { out: { type: 'final', output: '1234' } } });

export default callMachine('bot', {
  initial: 'ask',
  states: {
    // refused: Property 'input' is missing
    ask: dialog(pin, { on: { done: 'bye' } }),
    bye: hangup(),
  },
});
