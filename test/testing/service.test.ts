import { expect } from 'chai';
import { type AnyStateMachine, assign } from 'xstate';
import { callMachine, examine, hangup, prompt, recognize, type ServiceLimits, transfer } from 'callchart';
import { dial } from 'callchart/testing';
import { azureLimits, botframeworkLimits } from 'callchart/transport';
import { bank, closed, voicemail } from './bots.ts';
import { messageOf, thrownBy } from './surprise.ts';

const service = botframeworkLimits;

/** Plays the file that its caller is called after. */
const greeting = callMachine('greeting', {
  initial: 'menu', apology: 'I am out of order.',
  states: {
    menu: recognize({ prompt: 'Press 1.', choices: { on: '1' }, on: { on: 'greet', exhausted: 'bye' } }),
    greet: prompt(({ context }) => ({ audio: context.call.name ?? '' }), 'bye'),
    bye: hangup('Goodbye.'),
  },
});

describe('a call through a service that is named', () => {
  it('goes as any other where the bot asks for what the service can do', () => {
    dial(voicemail, { service }).hears('Leave a message').records(4_000).isHungUp();
    dial(closed, { service }).isRejected();
  });

  it('does not begin where the bot uses what the service cannot do', () => {
    const loaded: AnyStateMachine = bank; // its states are unknown to the compiler, which would refuse it too
    const error = thrownBy(() => dial(loaded, { service }));
    expect(error).to.deep.include({ code: 'ERR_CAPABILITY_MISSING', details: { service: 'botframework', action: 'transfer', state: 'advisor' } });
  });

  it('does not begin where the bot asks in every call for what the service refuses', () => {
    const bot = callMachine('long', { initial: 'ask', states: { ask: recognize({ prompt: 'Digits?', digits: { max: 99 }, on: { digits: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') } });
    const error = thrownBy(() => dial(bot, { service }));
    expect(error.code).to.equal('ERR_BATCH_ILLEGAL');
    expect(error.message).to.match(/^state `ask`: the service refuses its `recognize`/);
    dial(bot).presses('1').isHungUp();
  });

  it('ends with the apology where the bot comes to ask for what the service refuses, and says so', () => {
    const options = { service, call: { name: 'not a file' } };
    const caller = dial(greeting, options).hears('Press 1.').presses('1').hears('I am out of order.').endedWith('error');
    expect(caller.error).to.include({ code: 'ERR_BATCH_ILLEGAL' });
    expect(messageOf(() => dial(greeting, options).presses('1').hears('Goodbye'))).to.match(
      /caller presses 1\n {2}\(the bot failed: state `greet`: the service refuses its `play`: .*\)\n {2}bot: I am out of order\.\n {2}bot hangs up\nexpected to hear "Goodbye"\nheard instead: "I am out of order\."; the call has ended: the bot failed/,
    );
    dial(greeting, { service, call: { name: 'https://bot.example/ann.wav' } }).presses('1').hears('[audio https://bot.example/ann.wav]').isHungUp();
    dial(greeting, { call: { name: 'not a file' } }).presses('1').isHungUp();
  });

  it('may come to that at once', () => {
    const bot = callMachine('at-once', { initial: 'greet', states: { greet: prompt(({ context }) => ({ audio: context.call.name ?? '' }), 'bye'), bye: hangup('Goodbye.') } });
    const caller = dial(bot, { service, call: { name: 'not a file' } }).hears('something went wrong').endedWith('error').hasBatch('answer', 'play', 'hangup');
    expect(caller.transcript).to.match(/^caller dials\n\(the bot failed: state `greet`: .*\)\nbot answers\nbot: Sorry, something went wrong/);
  });

  it('is hung up without a word where not even the apology can be said', () => {
    const mute: ServiceLimits = {
      ...service,
      check: (batch) => {
        if (batch.some(({ type, state }) => type === 'play' && state === '')) service.check([...batch, ...batch]);
        service.check(batch);
      },
    };
    const caller = dial(greeting, { service: mute, call: { name: 'not a file' } }).presses('1').endedWith('error');
    expect(caller.lastBatch.map(({ type }) => type)).to.deep.equal(['hangup']);
    expect(caller.error?.message).to.match(/^state `greet`/);
  });

  it('is told of words that are no choice as the service tells them', () => {
    const bot = callMachine('yes', { initial: 'ask', states: { ask: recognize({ prompt: 'Yes?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') } });
    expect(dial(bot, { now: 0 }).says('perhaps').hasContext({ call: { asked: { nomatch: 1, noinput: 0 } } }).now).to.equal(0);
    expect(dial(bot, { now: 0, service }).says('perhaps').hasContext({ call: { asked: { nomatch: 0, noinput: 1 } } }).now).to.equal(5_000);
    dial(bot, { service }).says('Yes!').hears('Goodbye').isHungUp();
  });

  it('is told of digits that a pause ends as the service tells them', () => {
    const bot = callMachine<{ readonly told: string }>()('pin', {
      context: { told: '' }, initial: 'ask',
      states: { ask: recognize({ prompt: 'Digits?', digits: { max: 4, termchars: ['#'] }, on: { digits: { target: 'bye', actions: assign({ told: ({ event }) => event.digits }) }, exhausted: 'bye' } }), bye: hangup('Goodbye.') },
    });
    dial(bot).presses('12').hears('Goodbye').hasContext({ told: '12' });
    dial(bot, { service }).presses('12').hears('Goodbye').hasContext({ told: '12' });
    dial(bot, { service: azureLimits }).presses('12').hears('Digits?').hasContext({ call: { asked: { nomatch: 1 } } }).presses('12#').hears('Goodbye').hasContext({ told: '12' });
    dial(bot, { service: azureLimits }).presses('1234').hears('Goodbye').hasContext({ told: '1234' });
  });

  it('is not one that answers requests', () => {
    const answering = { name: 'botframework', capabilities: botframeworkLimits.capabilities, encode: () => '' };
    expect(thrownBy(() => dial(voicemail, { service: answering as never })).message).to.match(/^option `service` is the limits of a calling service/);
  });

  it('may be a service of one’s own', () => {
    const own: ServiceLimits = { name: 'own', capabilities: new Set(['answer', 'play', 'hangup', 'transfer']), strayWords: 'nomatch', check: () => {} };
    const bot = callMachine('through', { initial: 'on', states: { on: transfer({ to: '+15550123', on: { failed: 'bye' } }), bye: hangup('Goodbye.') } });
    dial(bot, { service: own }).isTransferredTo('+15550123');
    expect(thrownBy(() => dial(voicemail, { service: own })).message).to.equal('state `message`: the service `own` cannot do `record`');
    const unset: ServiceLimits = { ...own, takes: { record: 'the option `tape`' } };
    expect(thrownBy(() => dial(voicemail, { service: unset })).message).to.equal('state `message`: the service `own` cannot do `record`: it takes the option `tape`');
    expect(examine(voicemail, { service: unset }).findings.map(({ message }) => message)).to.include('state `message`: the service `own` cannot do `record`: it takes the option `tape`');
  });
});
