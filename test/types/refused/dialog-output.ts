/** A dialog's final states do not give what the dialog promises. */
import { dialogMachine, prompt } from 'callchart';

export default dialogMachine<{ readonly pin: string }, undefined, { readonly pin: string }>()('pin', {
  context: { pin: '' },
  initial: 'ask',
  states: {
    ask: prompt('Pin?', 'good'),
    good: { type: 'final', output: ({ context }: { context: { pin: string } }) => ({ pin: context.pin }) },
    plain: { type: 'final', output: { pin: '1234' } },
    // refused: state `wrong`: `output` is not what the dialog gives
    wrong: { type: 'final', output: { digits: '1234' } },
    // refused: state `none`: is final and has no `output`
    none: { type: 'final' },
  },
});
