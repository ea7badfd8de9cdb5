/** A bot asks for a verb that another service has. */
import { botframework, callMachine, calls, hangup, raw } from 'callchart';

const service = botframework({ appId: 'app', appPassword: 'none', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://login.example/openid', issuer: 'https://login.example' });

const bot = callMachine('refused', {
  initial: 'pay',
  states: {
    pay: raw('twilio', { verb: 'Pay', on: { success: 'bye', failed: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

// refused: state `pay`: the service `botframework` cannot do `raw:twilio`
export default calls({ service, bots: bot });
