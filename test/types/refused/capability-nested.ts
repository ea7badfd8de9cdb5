/** A nested state asks for what the service cannot do. */
import { botframework, callMachine, hangup, hold, requestListener } from 'callchart';

const service = botframework({ appId: 'app', appPassword: 'none', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://login.example/openid', issuer: 'https://login.example' });

const bot = callMachine<{ readonly n: number }>()('refused', {
  context: { n: 1 },
  initial: 'desk',
  states: {
    desk: { initial: 'busy', states: { busy: hold(({ context }) => `${context.n}`, 'over'), over: { type: 'final' } }, onDone: 'bye' },
    bye: hangup(({ context }) => `Goodbye, ${context.n}.`),
  },
});

// refused: state `desk.busy`: the service `botframework` cannot do `hold`
export default requestListener({ service, bots: bot });
