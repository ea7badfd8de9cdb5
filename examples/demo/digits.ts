/** Digits — a number of five to ten digits, which the caller confirms. */
import { assign } from 'xstate';
import { confirm, dialogMachine, prompt, recognize } from 'callchart';

export const digits = dialogMachine<{ keyed: string }>()('digits', {
  context: { keyed: '' },
  initial: 'intro',
  states: {
    intro: prompt('Here you key a number.', 'asking'),
    asking: recognize({
      prompt: 'Five to ten digits, please, then pound.',
      digits: { max: 10, termchars: ['#'] },
      validate: ({ digits }) => (digits.length < 5 ? 'That is too short.' : undefined),
      on: { digits: { target: 'confirming', actions: assign({ keyed: ({ event }) => event.digits }) }, exhausted: 'notCompleted' },
    }),
    confirming: confirm({
      prompt: ({ context }) => ['Is this your number:', { text: context.keyed, sayAs: 'letters' }],
      on: { yes: 'completed', no: 'asking', exhausted: 'notCompleted' },
    }),
    completed: { type: 'final', output: { status: 'completed' } },
    notCompleted: { type: 'final', output: { status: 'notCompleted' } },
  },
});
