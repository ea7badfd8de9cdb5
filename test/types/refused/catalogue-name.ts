/** A message that the catalogue does not have. */
import { callMachine, catalogue, hangup } from 'callchart';

const say = catalogue('en', { en: { welcome: 'Welcome.', parting: 'Goodbye.', words: ['bye'] } });

export default callMachine('refused', {
  initial: 'bye',
  states: {
    // refused: Argument of type '"partig"' is not assignable to parameter of type '"parting" | "welcome"'
    bye: hangup(say('partig')),
    // refused: Argument of type '"words"' is not assignable to parameter of type '"parting" | "welcome"'
    words: hangup(say('words')),
  },
});
