/** A dialog of a library, in a step of a waterfall, asks for what the service cannot do. */
import { botframework, callMachine, dialog, dialogMachine, hangup, library, serve, transfer, waterfall } from 'callchart';

const service = botframework({ appId: 'app', appPassword: 'none', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://login.example/openid', issuer: 'https://login.example' });

const desk = dialogMachine<{ readonly rings: number }, { readonly to: string }>()('desk', {
  context: { rings: 0 },
  initial: 'through',
  states: { through: transfer({ to: '+15550123', on: { failed: 'nobody' } }), nobody: { type: 'final' } },
});
const people = library('people', { libraries: [library('offices', { dialogs: { desk } })] });
const order = waterfall('order').ask('size', { prompt: 'Large?', choices: { large: '1' } }).dialog('advice', people.dialog('offices:desk'), { input: { to: '1' } }).end();
const bot = callMachine('refused', { initial: 'order', states: { order: dialog(order, { on: { done: 'bye' } }), bye: hangup('Goodbye.') } });

// refused: state `through`: the service `botframework` cannot do `transfer`
export default await serve({ service, bots: bot, port: 0 });
