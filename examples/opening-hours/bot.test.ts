import { expect } from 'chai';
import { dial } from 'callchart/testing';
import shop, { toRingBack } from './bot.ts';
import { calls } from './calls.ts';

/** A call that comes in at `time`, on a day of which the shop's own clock tells `date`. */
const at = (date: string, from = '+15550100') => dial(shop, { tasks: { clock: Date.parse(date), ringBack: null }, call: { from } });

describe('the shop with opening hours', () => {
  for (const [title, { script, ...scene }] of Object.entries(calls)) it(title, () => void script(dial(shop, scene)));

  it('opens and closes on the minute, in the time of the place where it stands', () => {
    at('2026-02-02T08:59:59Z').hears('open again today at 9:00').isHungUp();
    at('2026-02-02T09:00:00Z').hears('Welcome');
    at('2026-02-02T17:29:59Z').hears('Welcome');
    at('2026-02-02T17:30:00Z').hears('open again tomorrow at 9:00');
    at('2026-07-01T08:30:00Z').hears('Welcome'); // in summer it is 9:30 there
    at('2026-06-30T23:30:00Z').hears('open again today at 9:00'); // and half past midnight of the next day
  });

  it('finds the next day on which it is open over a whole Easter', () => {
    at('2026-04-03T12:00:00Z').hears('closed for Good Friday').hears('open again tomorrow at 10:00');
    at('2026-04-04T18:00:00Z').hears('open again on Tuesday at 9:00');
  });

  it('cannot ring back who withholds the number, and says so', () => {
    at('2026-02-02T10:00:00Z', '').presses('3').hears('cannot see your number').hears('For our hours');
  });

  it('lets the caller try again when the list cannot be written', () => {
    const full = (): never => { throw new Error('the disk is full'); };
    dial(shop, { tasks: { clock: Date.UTC(2026, 1, 2, 10), ringBack: full } }).presses('3').hears('That did not work').hears('For our hours');
  });

  it('asks to call later when nobody knows what time it is', () => {
    const stopped = (): never => { throw new Error('the clock has stopped'); };
    dial(shop, { tasks: { clock: stopped } }).hears('Please call again later').isHungUp();
  });

  it('notes who is to be rung back', async () => {
    const caller = dial(shop, { tasks: { clock: Date.UTC(2026, 1, 2, 10) }, runTasks: true });
    (await caller.presses('3').settled()).hears('will ring you back').isHungUp();
    expect([...toRingBack.values()]).eql(['+15550100']);
  });
});
