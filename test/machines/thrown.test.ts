/** Code of the author's that throws where XState would put words of its own in its place. */
import { expect } from 'chai';
import { callMachine, hangup, recognize } from 'callchart';
import { dial } from 'callchart/testing';

/** A mistake with a place. */
const broken = (): never => {
  throw new RangeError('the table is empty');
};

describe('what the author’s code threw', () => {
  it('is the cause as it was, with its own place, when a guard threw it', () => {
    const bot = callMachine('bot', { initial: 'ask', states: { ask: recognize({ prompt: 'Yes?', choices: { yes: '1' }, on: { yes: { target: 'bye', guard: broken }, exhausted: 'bye' } }), bye: hangup('Bye.') } });
    const { error } = dial(bot).presses('1').endedWith('error');
    expect(error).to.include({ code: 'ERR_BOT_THREW' });
    expect(error?.cause).to.be.instanceOf(RangeError);
    expect(String((error?.cause as Error | undefined)?.stack)).to.include('thrown.test.ts');
  });

  it('is as well when `validate` threw it', () => {
    const bot = callMachine('bot', { initial: 'ask', states: { ask: recognize({ prompt: 'PIN?', digits: { max: 2 }, validate: broken, on: { digits: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') } });
    expect(dial(bot).presses('12').endedWith('error').error?.cause).to.be.instanceOf(RangeError);
  });

  it('is told of the call that it happened in: the next one has its own', () => {
    const bot = (guard: () => boolean) => callMachine('bot', { initial: 'ask', states: { ask: recognize({ prompt: 'Yes?', choices: { yes: '1' }, on: { yes: { target: 'bye', guard }, exhausted: 'bye' } }), bye: hangup('Bye.') } });
    dial(bot(broken)).presses('1').endedWith('error');
    expect(dial(bot(() => { throw new TypeError('another'); })).presses('1').error?.cause).to.be.instanceOf(TypeError);
    dial(bot(() => true)).presses('1').hears('Bye.');
  });
});
