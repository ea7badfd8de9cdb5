/** Arguments of messages: missing, misspelt, and of the wrong type. */
import { callMachine, catalogue, hangup, prompt } from 'callchart';

const say = catalogue('en', { en: { welcome: 'Welcome to {shop}.', items: '{who, select, me {I have {n, plural, one {# item} other {# items}}} other {You have {n}}}.' } });

export default callMachine<{ readonly n: string }>()('refused', {
  context: { n: '1' },
  initial: 'hello',
  states: {
    // refused: Expected 2 arguments, but got 1
    hello: prompt(say('welcome'), 'there'),
    // refused: 'shpo' does not exist in type
    there: prompt(say('welcome', { shpo: 'Acme' }), 'items'),
    // refused: Type 'string' is not assignable to type 'number'
    items: prompt(say('items', ({ context }) => ({ who: 'me', n: context.n })), 'bye'),
    bye: hangup(),
  },
});
