/** A command leads to a state that is not there. */
import { callMachine, hangup, prompt } from 'callchart';

export default callMachine('refused', {
  commands: { operator: { key: '0', target: 'dekc' }, start: { key: '1', target: 'hello' }, repeat: { key: '*', repeat: true } },
  initial: 'hello',
  states: {
    // refused: target `dekc` of a command does not exist
    hello: prompt('Hello.', 'desk'),
    desk: hangup(),
  },
});
