/**
 * Bot — the IVR of the bench: a greeting and a menu, an account number, a question whether it is right, goodbye.
 *
 * @module
 */
import { callMachine, hangup, prompt, recognize } from 'callchart';
import { assign } from 'xstate';

export default callMachine()('ivr', {
  context: { account: '' },
  initial: 'welcome',
  states: {
    welcome: prompt('Welcome to the example company.', 'menu'),
    menu: recognize({
      prompt: 'Press 1 for sales, 2 for support, or 3 for billing.',
      choices: { sales: '1', support: '2', billing: '3' },
      on: { sales: 'account', support: 'account', billing: 'account', exhausted: 'bye' },
    }),
    account: recognize({
      prompt: 'Enter your account number, then pound.',
      digits: { max: 10, termchars: ['#'] },
      on: { digits: { target: 'heard', actions: assign({ account: ({ event }) => event.digits }) }, exhausted: 'bye' },
    }),
    heard: prompt(({ context }) => `You entered ${context.account}.`, 'sure'),
    sure: recognize({
      prompt: 'Is that right?',
      choices: { yes: ['1', 'yes', 'yep', 'sure', 'ok', 'true'], no: ['2', 'no', 'nope', 'not', 'false'] },
      on: { yes: 'bye', no: 'account', exhausted: 'bye' },
    }),
    bye: hangup('Thank you. Goodbye.'),
  },
});
