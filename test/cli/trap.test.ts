/** What a bot reads of the clock and of randomness within a step is told, with its state and the transition; dates of a given time are no reading. */
import { readLog, replay, type UnloggedReading } from 'callchart';
import { dial } from 'callchart/testing';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { setTrap, type Trap } from '../../src/cli/trap.ts';
import { placeOf } from '../../src/cli/author-place.ts';

describe('a bot that reads the clock or randomness by itself', () => {
  let trap: Trap;
  let bot: AnyStateMachine;
  before(async () => {
    trap = setTrap(); // before the bot is loaded, as the command does
    ({ default: bot } = (await import('../fixtures/bots/clock/bot.ts')) as { readonly default: AnyStateMachine });
  });
  after(() => trap.release());

  const readings = (does: (caller: ReturnType<typeof dial>) => unknown): readonly UnloggedReading[] => {
    const caller = dial(bot);
    does(caller);
    const played = replay(bot, readLog(caller.isHungUp().log()), { watch: trap.watch });
    expect(played.outcome).to.equal('same');
    return played.readings;
  };

  const ways = {
    now: 'Date.now', date: 'new Date()', text: 'Date()', performance: 'performance.now', random: 'Math.random', uuid: 'crypto.randomUUID', imported: 'crypto.randomUUID', values: 'crypto.getRandomValues', int: 'crypto.randomInt',
    hrtime: 'process.hrtime', bigint: 'process.hrtime.bigint', intl: 'Intl.DateTimeFormat',
  } as const;

  for (const [says, what] of Object.entries(ways)) {
    it(`is caught by ${what}${says === 'imported' ? ', imported' : ''}, in an action`, () => {
      const [first, ...more] = readings((caller) => caller.says(says));
      expect(more.filter((one) => one.what !== what && one.what !== 'crypto.randomBytes')).to.deep.equal([]);
      expect(first).to.deep.include({ line: 3, state: 'ask', transitions: ['clock.ask recognize.speech 1'], what });
      expect(placeOf(first?.stack ?? '')?.file).to.equal('test/fixtures/bots/clock/bot.ts');
    });
  }

  it('is caught in a guard, and in what a state says', () => {
    expect(readings((caller) => caller.presses('1'))[0]).to.deep.include({ line: 3, state: 'ask', transitions: ['clock.ask recognize.choice.guard 1'], what: 'Date.now' });
    expect(readings((caller) => caller.presses('2'))[0]).to.deep.include({ line: 3, state: 'ask', transitions: ['clock.ask recognize.choice.entry 1'], what: 'Math.random' });
  });

  it('is caught where a state is handed the function itself', () => {
    expect(readings((caller) => caller.presses('4'))[0]).to.deep.include({ line: 3, state: 'ask', transitions: ['clock.ask recognize.choice.handed 1'], what: 'Math.random' });
  });

  it('is not caught by its delays, for which XState makes names at random', () => {
    expect(readings((caller) => caller.presses('5').staysSilent())).to.deep.equal([]);
  });

  it('is not caught by what it makes of a given time, nor by what is read beside a step', () => {
    expect(readings((caller) => caller.says('given'))).to.deep.equal([]);
    expect(readings((caller) => caller.presses('3'))).to.deep.equal([]);
  });

  it('finds all as it was when the watch is over', () => {
    const { now } = Date;
    const own = setTrap();
    expect(Date.now).to.not.equal(now);
    expect(new Date()).to.be.instanceOf(Date);
    own.release();
    expect(Date.now).to.equal(now);
  });
});
