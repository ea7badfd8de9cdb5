/** A choice by the name of the outcome that has to be handled. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: choice `exhausted` is a reserved outcome name
    menu: recognize({ choices: { exhausted: '1' }, on: { exhausted: 'bye' } }),
    bye: hangup(),
  },
});
