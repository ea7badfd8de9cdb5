/** A state asks for what the service cannot do. */
import { botframework, callMachine, calls, hangup, transfer } from 'callchart';

const service = botframework({ appId: 'app', appPassword: 'none', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://login.example/openid', issuer: 'https://login.example' });

const bot = callMachine('refused', {
  initial: 'desk',
  states: {
    desk: transfer({ to: '+15550123', on: { failed: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

// refused: state `desk`: the service `botframework` cannot do `transfer`
export default calls({ service, bots: bot });
