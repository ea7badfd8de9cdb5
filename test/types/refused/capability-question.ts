/** A question takes whatever is said, and the service understands only the words of choices. */
import { botframework, callMachine, calls, hangup, recognize } from 'callchart';

const service = botframework({ appId: 'app', appPassword: 'none', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://login.example/openid', issuer: 'https://login.example' });

const bot = callMachine('refused', {
  initial: 'wish',
  states: {
    wish: recognize({ prompt: 'What can I do for you?', speech: true, choices: { agent: '0' }, on: { agent: 'bye', speech: 'bye', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

// refused: state `wish`: the service `botframework` cannot do `speech`
export default calls({ service, bots: bot });
