/** Events that the machine cannot receive. */
import { callMachine, hangup, recognize } from 'callchart';
import { createActor } from 'xstate';

const bot = callMachine('sent', {
  initial: 'menu',
  states: {
    menu: recognize({ choices: { sales: '1' }, on: { sales: 'bye', exhausted: 'bye' } }),
    bye: hangup(),
  },
});

const actor = createActor(bot);
// refused: recognize.choice.slaes
actor.send({ type: 'recognize.choice.slaes', via: 'dtmf' });
// refused: play.finished
actor.send({ type: 'play.finished' });
