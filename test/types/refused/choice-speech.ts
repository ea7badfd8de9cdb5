/** A choice by the name of the outcome of free speech. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: choice `speech` is a reserved outcome name
    menu: recognize({ choices: { speech: '1', keys: '2' }, on: { speech: 'bye', keys: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
