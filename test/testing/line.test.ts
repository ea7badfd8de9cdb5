import { expect } from 'chai';
import { callMachine, hangup, play, recognize } from 'callchart';
import { dial } from 'callchart/testing';
import { bank, clock } from './bots.ts';

describe('the clock of a test call', () => {
  it('stands still until the caller is silent', () => {
    const caller = dial(bank, { now: 1_000 }).presses('1').presses('42#');
    expect(caller.now).to.equal(1_000);
    expect(caller.staysSilent().now).to.equal(6_000);
  });

  it('goes on to the next timer when nothing is asked', () => {
    const caller = dial(clock, { now: 0 }).hears('One.');
    expect(caller.staysSilent().hears('Two.').now).to.equal(2_000);
    expect(caller.staysSilent().hears('Three.').isHungUp().now).to.equal(5_000);
  });

  it('lets every timer fire that is due, in order, and no other', () => {
    expect(dial(clock).waits(1_999).state).to.equal('first');
    expect(dial(clock).waits(1_999).waits(1).state).to.equal('second');
    dial(clock).waits(10_000).hears('Two.').hears('Three.').isHungUp();
  });

  it('counts the silence of a caller who waits too long', () => {
    dial(bank).waits(4_999).presses('1').hears('Enter your account');
    const caller = dial(bank).waits(15_000).hears('did not hear you').hears('did not hear you').hears('Goodbye').isHungUp();
    expect(caller.batches).to.have.length(4);
  });

  it('fires a timer while a question is open; what it asks for is heard when the question ends', () => {
    const bot = callMachine('slow', {
      initial: 'asking',
      states: {
        asking: { ...recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 2_000: 'late' } },
        late: hangup('Too late.'),
        bye: hangup('Goodbye.'),
      },
    });
    const caller = dial(bot, { now: 0 }).waits(3_000);
    expect(caller.state).to.equal('late');
    expect(caller.batches).to.have.length(1);
    caller.staysSilent().hears('Too late.').isHungUp();
    expect(caller.now).to.equal(5_000);
  });

  it('fills a long wait with what the bot chose, each time that the service would run out of patience', () => {
    const bot = callMachine('patient', { initial: 'wait', states: { wait: { entry: play('Please wait.'), after: { 12_000: 'done' } }, done: hangup('Done.') } });
    const caller = dial(bot, { patienceMs: 5_000 }).staysSilent().hears('[silence').hears('[silence').hears('Done.').isHungUp();
    expect(caller.batches).to.have.length(4);
  });

  it('has nothing to wait for when neither a question is open nor a timer set', () => {
    expect(() => dial(bank).presses('2').staysSilent()).to.throw('expected a question to be open, or a timer to be set');
    expect(() => dial(bank).waits(-1)).to.throw('a time in ms');
  });
});
