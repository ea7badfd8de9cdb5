/** Of several bots, the one for a number asks for what the service cannot do. */
import { botframework, callMachine, calls, hangup, unhold } from 'callchart';

const service = botframework({ appId: 'app', appPassword: 'none', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://login.example/openid', issuer: 'https://login.example' });

const hello = callMachine('hello', { initial: 'bye', states: { bye: hangup('Hello.') } });
const desk = callMachine('desk', { initial: 'back', states: { back: unhold('bye'), bye: hangup('Goodbye.') } });

export default calls({
  service,
  bots: {
    '/api/hello': hello,
    '/api/desk': {
      '*': hello,
      // refused: state `back`: the service `botframework` cannot do `unhold`
      '+15550123': desk,
    },
  },
});
