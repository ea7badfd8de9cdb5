/** A handler asks by hand for what the service cannot do, and so does not even ring in a test. */
import { callMachine, hangup, play, recognize } from 'callchart';
import { dial } from 'callchart/testing';
import { botframeworkLimits } from 'callchart/transport';

const bot = callMachine('refused', {
  initial: 'menu',
  states: {
    menu: recognize({
      choices: { sales: '1' },
      on: { sales: { target: 'waiting', actions: [play('One moment.'), { type: 'createcall', params: { to: '+15550123', timeoutMs: 20_000 } }] }, exhausted: 'bye' },
    }),
    waiting: { on: { 'createcall.*': 'bye' } },
    bye: hangup('Goodbye.'),
  },
});

// refused: state `menu`: the service `botframework` cannot do `createcall`
export default dial(bot, { service: botframeworkLimits });
