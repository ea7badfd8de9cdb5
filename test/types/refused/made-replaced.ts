/** A spread that replaces what the maker wrote, and with it every outcome. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: property `on` replaces what the maker wrote there
    menu: { ...recognize({ choices: { sales: '1' }, on: { sales: 'bye', exhausted: 'bye' } }), on: { 'call.roster': 'bye' } },
    bye: hangup(),
  },
});
