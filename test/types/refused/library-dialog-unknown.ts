/** A dialog that its library does not have, and one that is not given what it wants. */
import { callMachine, dialog, hangup, library, waterfall } from 'callchart';

const cards = library('cards', { dialogs: { check: waterfall<{ readonly card: string }>('check').confirm('sure', { prompt: 'Sure?' }).end() } });
const billing = library('billing', { libraries: [cards] });

export default callMachine('refused', {
  initial: 'check',
  states: {
    // refused: '"check"' is not assignable to parameter of type '"cards:check"'
    check: dialog(billing.dialog('check'), { input: { card: 'a' }, on: { done: 'again' } }),
    // refused: is not assignable
    again: dialog(billing.dialog('cards:check'), { input: { card: 1 }, on: { done: 'bye' } }),
    bye: hangup(),
  },
});
