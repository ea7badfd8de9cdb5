/** Menu — what the caller is asked between the demos, in a long form and a short one. By words alone, as the SDK's demo had it. */
import { recognize } from 'callchart';

export const menu = (prompt: string) => recognize({
  prompt,
  choices: {
    dtmf: 'dtmf', number: 'digits', record: ['record', 'recordings'], chat: ['chat', 'chat message'],
    options: ['choices', 'options', 'list'], help: ['help', 'repeat'], quit: ['quit', 'end call', 'hangup', 'goodbye'],
  },
  on: { dtmf: 'dtmf', number: 'digits', record: 'record', chat: 'chat', options: 'options', help: 'help', quit: 'bye', exhausted: 'gaveUp' },
});
