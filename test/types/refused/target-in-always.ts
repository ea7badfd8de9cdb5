/** A transition without an event leads to no state. */
import { callMachine, hangup } from 'callchart';

export default callMachine('refused', {
  initial: 'route',
  states: {
    // refused: state `route`: target `abroad` does not exist
    route: { always: [{ target: 'abroad', guard: ({ context }) => context.call.from.startsWith('+') }, { target: 'bye' }] },
    bye: hangup(),
  },
});
