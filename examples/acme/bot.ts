import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('acme', {
  initial: 'menu',
  states: {
    menu: recognize({
      prompt: 'Welcome to Acme. For sales press 1, for support press 2.',
      choices: { sales: '1', support: '2' },
      on: { sales: 'sales', support: 'support', exhausted: 'bye' },
    }),
    sales: hangup('Sales will call you back.'),
    support: hangup('Support will call you back.'),
    bye: hangup('Goodbye.'),
  },
});
