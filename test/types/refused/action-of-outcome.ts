/** The handler of an outcome asks for an action that no service knows, and for one that it does not fill in. */
import { callMachine, hangup, play, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: action `hangpu` does not exist
    // refused: state `menu`: action `transfer` has wrong parameters
    menu: recognize({
      choices: { sales: '1' },
      on: { sales: { target: 'bye', actions: [play('Sales.'), { type: 'transfer', params: {} }] }, exhausted: [{ target: 'bye', actions: { type: 'hangpu', params: {} } }] },
    }),
    bye: hangup(),
  },
});
