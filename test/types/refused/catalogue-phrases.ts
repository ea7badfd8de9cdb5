/** A text where phrases are wanted. */
import { callMachine, catalogue, hangup, recognize } from 'callchart';

const say = catalogue('en', { en: { welcome: 'Welcome.', words: ['bye'] } });

export default callMachine('refused', {
  initial: 'ask',
  states: {
    ask: recognize({
      // refused: Argument of type '"welcome"' is not assignable to parameter of type '"words"'
      choices: { bye: { phrases: say.phrases('welcome') } },
      on: { bye: 'bye', exhausted: 'bye' },
    }),
    bye: hangup(),
  },
});
