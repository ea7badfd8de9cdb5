/** States that the machine does not have. */
import { callMachine, hangup } from 'callchart';
import { createActor } from 'xstate';

const bot = callMachine('matched', {
  initial: 'shop',
  states: {
    shop: { initial: 'till', states: { till: hangup() } },
  },
});

const snapshot = createActor(bot).getSnapshot();
// refused: "shpo"
snapshot.matches('shpo');
// refused: "tlil"
snapshot.matches({ shop: 'tlil' });
