/** What a stranger wrote on his first day with the package, and what he expected to hear. */
import { expect } from 'chai';
import { type CallEnd, callMachine, hangup, prompt, recognize, task } from 'callchart';
import { dial } from 'callchart/testing';

describe('a bot of the first day', () => {
  it('that says “press 9 to hear this again” is asked again, as often as the caller likes', () => {
    const bot = callMachine('again', {
      initial: 'menu',
      states: {
        menu: recognize({ prompt: 'News. Press 9 to hear this again.', choices: { out: '1', again: '9' }, on: { out: 'bye', again: 'menu', exhausted: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const caller = dial(bot).hears('News');
    for (let time = 0; time < 5; time += 1) caller.presses('9').hears('News');
    expect(caller.state).to.equal('menu');
    caller.staysSilent().hears('News').presses('9').hears(/^News/).presses('1').hears('Bye').isHungUp();
  });

  it('that has nothing to say on the way says nothing, and goes on', () => {
    const bot = callMachine('quiet', {
      initial: 'a',
      states: {
        a: prompt('', 'b'),
        b: prompt([], 'c'),
        c: recognize({ choices: { yes: '1' }, on: { yes: 'd', exhausted: 'd' } }),
        d: prompt('', { on: { done: 'e', failed: 'e' } }),
        e: hangup(''),
      },
    });
    const caller = dial(bot);
    expect(caller.lastBatch.map(({ type }) => type)).to.deep.equal(['answer', 'recognize']);
    caller.presses('1').isHungUp();
    expect(caller.batches.map((batch) => batch.map(({ type }) => type))).to.deep.equal([['answer', 'recognize'], ['play'], ['hangup']]);
  });

  it('that refuses everybody without a word answers nobody', () => {
    dial(callMachine('mute', { initial: 'a', states: { a: hangup('') } })).isRejected();
  });

  it('that gives one text for silence is heard to say it', () => {
    const bot = callMachine('one', {
      initial: 'a',
      states: { a: recognize({ prompt: 'Yes?', noinput: 'Hello?', choices: { yes: '1' }, on: { yes: 'b', exhausted: 'b' } }), b: hangup() },
    });
    dial(bot).hears('Yes?').staysSilent().hears('Hello?').hears('Yes?').staysSilent().hears('Hello?');
  });

  it('that writes its keys as numbers, in JavaScript, is understood', () => {
    const bot = callMachine('numbers', { initial: 'a', states: { a: recognize({ choices: { yes: 1 as never }, on: { yes: 'b', exhausted: 'b' } }), b: hangup('Yes.') } });
    dial(bot).presses('1').hears('Yes.');
  });

  it('cannot change who calls, not even in place', () => {
    const bot = callMachine('thief', {
      initial: 'a',
      states: {
        a: recognize({ choices: { yes: '1' }, on: { yes: { target: 'b', actions: ({ context }) => { (context.call as { from: string }).from = 'somebody else'; } }, exhausted: 'b' } }),
        b: hangup('Yes.'),
      },
    });
    const caller = dial(bot).presses('1').endedWith('error');
    expect(caller.error?.code).to.equal('ERR_BOT_THREW');
  });

  it('whose task gives what JSON cannot carry hears of a failure, not of another value', () => {
    const run = (): unknown => new Date(0);
    const bot = callMachine('dates', { initial: 'a', states: { a: task({ run, on: { done: 'done', failed: 'failed' } }), done: hangup('Done.'), failed: hangup('Failed.') } });
    dial(bot, { runTasks: true }).hears('Failed.');
    dial(bot, { tasks: { a: () => null } }).hears('Done.');
    expect(() => dial(bot, { tasks: { b: null } })).to.throw('the bot has no task `b`; it has `a`');
  });

  it('is told which state computed the prompt that threw', () => {
    const bot = callMachine('boom', {
      initial: 'a',
      states: { a: recognize({ choices: { yes: '1' }, on: { yes: 'b', exhausted: 'b' } }), b: hangup(() => { throw new Error('no'); }) },
    });
    expect(dial(bot).presses('1').error?.message).to.equal("state `b`: the bot's code threw");
  });

  it('is refused by name when it is no bot at all', () => {
    for (const nothing of [undefined, null, {}, { id: 'x' }]) expect(() => dial(nothing as never)).to.throw().with.property('code', 'ERR_BOT_INVALID');
  });

  it('cleans up once, however the call ends', () => {
    const ends: CallEnd[] = [];
    const bot = callMachine('tidy', { initial: 'a', cleanup: (end: CallEnd) => void ends.push(end), states: { a: recognize({ choices: { yes: '1' }, on: { yes: 'b', exhausted: 'b' } }), b: hangup() } });
    dial(bot, { runTasks: true }).hangsUp().endedWith('caller');
    dial(bot, { runTasks: true }).presses('1').endedWith('bot');
    expect(ends.map(({ reason }) => reason)).to.deep.equal(['caller', 'bot']);
  });
});
