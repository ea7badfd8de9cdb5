/** Chat — a card for the person on the line, beside the call. */
import { chat as send, confirm, dialogMachine, prompt } from 'callchart';

export const chat = dialogMachine('chat', {
  initial: 'intro',
  states: {
    intro: prompt('Here you get a card to read.', 'asking'),
    asking: confirm({ prompt: 'Shall I write to you?', on: { yes: 'sending', no: 'notCompleted', exhausted: 'notCompleted' } }),
    sending: send({
      card: { title: 'Callchart', text: 'A card from the call that you are in.', buttons: [{ title: 'What it is', url: 'https://callchart.example/' }] },
      on: { sent: 'sent', failed: 'failed' },
    }),
    sent: prompt('It is on its way to you.', 'completed'),
    failed: prompt('It could not be delivered.', 'completed'),
    completed: { type: 'final', output: { status: 'completed' } },
    notCompleted: { type: 'final', output: { status: 'notCompleted' } },
  },
});
