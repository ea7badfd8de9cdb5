/**
 * States — a bot of answer, prompt, recognize and hangup states by name, and one that is written by hand: an ordinary
 * XState state with a call action in its entry. Nothing of the menu waits for the greeting: all four make one batch.
 */
import { answer, callMachine, hangup, play, prompt, recognize } from 'callchart';

export default callMachine('states', {
  initial: 'answering',
  states: {
    answering: answer('greeting'),
    greeting: { entry: play('Hi'), always: 'news' },
    news: prompt('We are open until six.', 'asking'),
    asking: recognize({
      prompt: 'Do you want to hear that again?',
      choices: { yes: '1', no: '2' },
      attempts: 2,
      on: { yes: 'news', no: 'bye', exhausted: 'bye' },
    }),
    bye: hangup('Goodbye.'),
  },
});
