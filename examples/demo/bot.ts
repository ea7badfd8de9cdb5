/**
 * Demo — the demo of the Calling SDK: a menu of four small dialogs, and a caller who is known the second time.
 */
import * as t from 'io-ts';
import { callMachine, dialog, hangup, loadData, prompt, updateData, userData } from 'callchart';
import { chat } from './chat.ts';
import { digits } from './digits.ts';
import { dtmf } from './dtmf.ts';
import { menu } from './menu.ts';
import { record } from './record.ts';

/** What is kept of a caller. */
export const visitor = userData('visitor', t.type({ welcomed: t.boolean }));

/** How the calls ended, by their ids: a table of your database, in earnest. */
export const ended = new Map<string, string>();

export default callMachine('demo', {
  initial: 'recall',
  waive: {
    'menu-breadth': 'as many dialogs as the demo that this one stands for',
    'option-keyless': 'the menus are there to be talked to; `dtmf` is the one with keys',
    'option-wordless:dtmf/option': 'keys are what it shows',
    'no-person': 'it is a demo, and nobody is there',
  },
  cleanup: async ({ callId, reason }) => void ended.set(callId, reason),
  states: {
    recall: loadData(visitor, {
      on: { done: [{ guard: ({ event }) => event.output.value?.welcomed === true, target: 'welcomeBack' }, 'remember'], failed: 'welcome' },
    }),
    remember: updateData(visitor, { change: () => ({ welcomed: true }), on: { done: 'welcome', failed: 'welcome' } }),
    welcome: prompt('Hello, this is the Callchart demo.', 'help'),
    welcomeBack: prompt('Good to have you back.', 'menu'),

    help: menu('Pick a demo: DTMF, digits, recordings or chat. Say “options” for the list, “help” to hear this again, or “quit” to hang up.'),
    menu: menu('Which demo is next?'),
    options: prompt('There are DTMF, digits, recordings and chat.', 'menu'),

    dtmf: dialog(dtmf, { on: { completed: 'menu', done: 'canceled' } }),
    digits: dialog(digits, { on: { completed: 'menu', done: 'canceled' } }),
    record: dialog(record, { on: { completed: 'menu', done: 'canceled' } }),
    chat: dialog(chat, { on: { completed: 'menu', done: 'canceled' } }),

    canceled: prompt('We leave it at that.', 'menu'),
    gaveUp: prompt('We leave it at that.', 'bye'),
    bye: hangup('So long!'),
  },
});
