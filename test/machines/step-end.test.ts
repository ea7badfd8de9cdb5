/** An end that is asked for from outside: the call is hung up, wherever it stands, and nothing of the bot's goes on. */
import { callMachine, hangup, prompt, recognize, task } from 'callchart';
import { expect } from 'chai';
import { heard, ring, types } from './line.ts';

const bot = callMachine('bot', {
  initial: 'ask', apology: 'We have to stop here.',
  states: {
    ask: recognize({ prompt: 'Hm?', choices: { work: '1', wait: '2' }, on: { work: 'work', wait: 'wait', exhausted: 'bye' } }),
    work: task({ run: () => 0, on: { done: 'bye', failed: 'bye' } }),
    wait: prompt('Please hold.', 'waits'),
    waits: { after: { 60_000: 'bye' } },
    bye: hangup('Bye.'),
  },
});

const asked = (more: { readonly apologise?: boolean; readonly reply?: boolean } = {}) => ({ type: 'end.asked' as const, at: 1_100_000, apologise: false, reply: true, ...more });

describe('an end that is asked for', () => {
  it('hangs up at once where the service can be told at any time, and the call was ended by the bot', () => {
    const line = ring(bot);
    const { batch, moves } = line.take(asked());
    expect([batch.map(({ type }) => type), moves]).to.deep.equal([['hangup'], []]);
    line.ends({ type: 'hangup.done' });
    expect(line.snapshot()).to.deep.include({ ended: 'bot', parted: true });
  });

  it('apologises before, in the words of the bot, if that is wished', () => {
    const line = ring(bot);
    line.take(asked({ apologise: true }));
    expect([heard(line.result()), types(line.result())]).to.deep.equal([['We have to stop here.'], ['play', 'hangup']]);
  });

  it('rides on the next reply where nothing can be told before, whatever the caller has answered', () => {
    const line = ring(bot);
    expect(line.take(asked({ reply: false, apologise: true })).batch).to.deep.equal([]);
    line.keys('1');
    expect([types(line.result()), line.snapshot().tasks]).to.deep.equal([['play', 'hangup'], []]);
    line.ends({ type: 'hangup.done' });
    expect(line.snapshot().ended).to.equal('bot');
  });

  it('gives up the tasks and timers that the call waits for', () => {
    const line = ring(bot);
    line.keys('1');
    expect(line.snapshot().tasks).to.have.length(1);
    line.take(asked());
    expect([types(line.result()), line.snapshot().tasks]).to.deep.equal([['hangup'], []]);
    const other = ring(bot);
    other.keys('2');
    other.ends({ type: 'play.done' });
    other.take(asked());
    expect([types(other.result()), other.snapshot().timers]).to.deep.equal([['hangup'], []]);
  });

  it('changes nothing of a call that is being hung up, or has ended', () => {
    const line = ring(bot);
    line.silence();
    line.silence();
    line.silence();
    expect(types(line.result())).to.deep.equal(['play', 'hangup']);
    const before = line.snapshot();
    expect(line.take(asked()).batch).to.deep.equal([]);
    expect(line.snapshot()).to.deep.equal({ ...before, revision: before.revision + 1 });
    line.hangsUp();
    expect(line.take(asked()).ignored).to.equal(true);
  });

  it('leaves a caller who hangs up by himself the one who ended it', () => {
    const line = ring(bot);
    line.take(asked({ reply: false }));
    line.hangsUp();
    expect(line.snapshot().ended).to.equal('caller');
  });
});
