/** A choice by the name of an outcome that every question has. */
import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    // refused: state `menu`: choice `noinput` is a reserved outcome name
    menu: recognize({ choices: { sales: '1', noinput: '2' }, on: { sales: 'bye', noinput: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});
