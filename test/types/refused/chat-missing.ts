/** A chat message may not be delivered, and nobody handles that. */
import { callMachine, chat, hangup } from 'callchart';

export default callMachine('bot', {
  initial: 'tell',
  states: {
    // refused: state `tell`: outcome `failed` is not handled
    tell: chat({ message: 'Hello.', on: { sent: 'bye' } }),
    bye: hangup('Bye.'),
  },
});
