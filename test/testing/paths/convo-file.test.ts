/** A generated call as a conversation for Botium. */
import { callMachine, hangup, oneOf, prompt, recognize, record } from 'callchart';
import { expect } from 'chai';
import { convoFile, convoNames, convoSteps } from '../../../src/testing/paths/convo-file.ts';
import { acme, rehearsed, shop } from './bots.ts';

const menu = 'For sales press 1, for support press 2.';

describe('a conversation for Botium', () => {
  it('has keys as buttons, silence as a pause behind what was heard, and one message for all that is heard at a time', () => {
    const call = rehearsed(acme, {
      title: 'menu: silence, words, then sales', script: [{ act: 'silence' }, { act: 'say', words: 'mumble' }, { act: 'press', keys: '1' }, { act: 'press', keys: '42#' }],
      heard: [[menu], [`Sorry, I did not hear you. ${menu}`], [`Sorry, I did not get that. ${menu}`], ['Sales it is.', 'Which part?'], ['Goodbye.']], states: ['menu', 'menu', 'menu', 'asking', 'ended'],
    });
    expect(convoFile(call)).to.equal(`menu: silence, words, then sales

#bot
For sales press 1, for support press 2.
PAUSE 5000

#bot
Sorry, I did not hear you. For sales press 1, for support press 2.

#me
mumble

#bot
Sorry, I did not get that. For sales press 1, for support press 2.

#me
BUTTON 1

#bot
Sales it is. Which part?

#me
BUTTON 42#

#bot
Goodbye.
`);
  });

  it('says in its description what has to be arranged, and begins with a pause where nothing is heard at first', () => {
    const call = rehearsed(shop, { call: { from: '' }, now: Date.UTC(2025, 0, 11, 22, 30), script: [{ act: 'wait', ms: 25_000 }], heard: [[], ['Still looking.', 'Still looking.', 'That takes too long.']], states: ['looking', 'ended'] });
    expect(convoFile(call)).to.equal(`a call
Arrange before: The number of the caller is withheld.
Arrange before: The time is Saturday, 2025-01-11, 22:30:00 UTC.
Arrange before: The task \`lookup\` does not end.

#me
PAUSE 25000

#bot
Still looking. Still looking. That takes too long.
`);
    const twice = rehearsed(shop, { script: [{ act: 'task', path: 'looking', failed: 'ERR_X' }, { act: 'task', path: 'again', done: { eta: 3 } }], heard: [[], [], ['Here it is.']], states: ['looking', 'again', 'ended'] });
    expect(convoFile(twice).split('\n')[1]).to.equal('Arrange before: The task `lookup` fails with ERR_X, then gives {"eta":3}.');
  });

  it('tells of people who are rung what they have to do', () => {
    const call = rehearsed(acme, { script: [{ act: 'press', keys: '2' }, { act: 'service', outcome: 'busy' }, { act: 'hangup' }], heard: [[menu], [], [menu], []], states: ['menu', 'support', 'menu', 'ended'], ended: 'caller' });
    expect(convoFile(call)).to.equal(`a call\nArrange before: Whoever the caller is transferred to is busy.\n\n#bot\n${menu}\n\n#me\nBUTTON 2\n\n#bot\n${menu}\n`);
  });

  it('has a wildcard for what nobody can know the words of, ten at most, and for the sign of a variable', () => {
    const heard = (what: Parameters<typeof prompt>[0], text: string): string => {
      const bot = callMachine('bot', { initial: 'bye', states: { bye: hangup(what as never) } });
      const [step] = convoSteps(rehearsed(bot, { heard: [[text]], states: ['ended'] }));
      return step?.sender === 'bot' ? step.text : '';
    };
    expect(heard([{ audio: 'https://media.example.test/a.wav' }, { silenceMs: 500 }, 'Hello.'] as never, '[audio https://media.example.test/a.wav] [silence 0.5 s] Hello.')).to.equal('* Hello.');
    expect(heard(oneOf('Hello.', 'Good day.') as never, 'Good day.')).to.equal('*');
    expect(heard('It is $amount.' as never, 'It is $amount.')).to.equal('It is *amount.');
    expect(heard('1*2*3*4*5*6*7*8*9*10*11*12*13' as never, '1*2*3*4*5*6*7*8*9*10*11*12*13')).to.equal('1*2*3*4*5*6*7*8*9*10*13');
  });

  it('counts aloud where something is to be recorded, and keys the key that ends it', () => {
    const bot = callMachine('bot', { initial: 'message', states: { message: record({ prompt: 'Speak.', maxMs: 10_000, termchars: ['#'], on: { done: 'bye', exhausted: 'bye' } }), bye: hangup('Thanks.') } });
    const steps = (act: { readonly recordMs: number; readonly stop?: '#' | 'hangup' }): unknown => convoSteps(rehearsed(bot, { script: [{ act: 'record', ...act }], heard: [['Speak.'], act.stop === 'hangup' ? [] : ['Thanks.']], states: ['message', 'ended'], ended: act.stop === 'hangup' ? 'caller' : 'bot' })).slice(1);
    expect(steps({ recordMs: 2_000, stop: '#' })).to.deep.equal([{ sender: 'me', says: 'one two three four' }, { sender: 'me', keys: '#' }, { sender: 'bot', text: 'Thanks.', pauseMs: 0 }]);
    expect(steps({ recordMs: 500, stop: 'hangup' })).to.deep.equal([{ sender: 'me', says: 'one' }]);
  });

  it('takes no text for a command: it begins with a space where it could be one', () => {
    const line = (text: string): string => convoFile(rehearsed(callMachine('bot', { initial: 'bye', states: { bye: hangup(text) } }), { heard: [[text]], states: ['ended'] })).split('\n')[3] ?? '';
    expect(['#me', '?maybe', '!no', 'PAUSE 5', 'TEXT', '{"a": 1}', 'I am here', 'A key'].map(line)).to.deep.equal([' #me', ' ?maybe', ' !no', ' PAUSE 5', ' TEXT', ' {"a": 1}*', 'I am here', 'A key']);
  });

  it('is a file of another name than all others', () => {
    expect(convoNames(['menu: silence, then sales', 'Menu – silence, then sales!', '#', `${'x'.repeat(100)}`])).to.deep.equal(['menu-silence-then-sales.convo.txt', 'menu-silence-then-sales-2.convo.txt', 'call.convo.txt', `${'x'.repeat(80)}.convo.txt`]);
  });

  it('asks for words where a question takes no keys', () => {
    const bot = callMachine('bot', { initial: 'menu', states: { menu: recognize({ prompt: 'Well?', choices: { yes: ['yes', 'sure'] }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') } });
    expect(convoSteps(rehearsed(bot, { script: [{ act: 'say', words: 'sure' }], heard: [['Well?'], ['Goodbye.']], states: ['menu', 'ended'] }))[1]).to.deep.equal({ sender: 'me', says: 'sure' });
  });
});
