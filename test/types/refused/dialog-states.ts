/** A dialog's own question forgets an outcome. */
import { dialogMachine, recognize } from 'callchart';

export default dialogMachine<Record<never, never>, undefined, string>()('pin', {
  initial: 'ask',
  states: {
    // refused: state `ask`: outcome `exhausted` is not handled
    ask: recognize({ digits: { max: 4 }, on: { digits: 'done' } }),
    done: { type: 'final', output: '1234' },
  },
});
