/** A dialog is given what it does not take, and its output is taken for what it is not. */
import { callMachine, dialog, dialogMachine, hangup } from 'callchart';
import { assign } from 'xstate';

const pin = dialogMachine<Record<never, never>, { readonly digits: number }, string>()('pin', { initial: 'done', states: { done: { type: 'final', output: '1234' } } });

export default callMachine<{ readonly pin: number }>()('refused', {
  context: { pin: 0 },
  initial: 'login',
  states: {
    // refused: is not assignable
    login: dialog(pin, { input: { digits: 'four' }, on: { done: 'again' } }),
    // refused: is not assignable
    again: dialog(pin, { input: { digits: 4 }, on: { done: { target: 'bye', actions: assign({ pin: ({ event }) => event.output }) } } }),
    bye: hangup(),
  },
});
