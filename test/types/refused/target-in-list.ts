/** The second of several guarded transitions leads to no state. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: target `nowhere` does not exist
    menu: recognize({
      choices: { sales: '1' },
      on: { sales: [{ target: 'bye', guard: ({ event }) => event.via === 'dtmf' }, { target: 'nowhere' }], exhausted: 'bye' },
    }),
    bye: hangup(),
  },
});
