import { expect } from 'chai';
import { dial } from 'callchart/testing';
import desk from './bot.ts';
import { calls } from './calls.ts';

/** The desk with the bank as it is: an account that is locked stays locked for the other tests. */
const call = () => dial(desk, { runTasks: true });

describe('the desk with PINs', () => {
  for (const [title, { script, ...scene }] of Object.entries(calls)) it(title, () => void script(dial(desk, scene)));

  it('lets the bank look at what was keyed, and nobody else', async () => {
    const caller = await call().presses('1001#').presses('246813#').settled();
    caller.hears('Your balance is 1250 euros').isHungUp();
    expect(JSON.stringify([caller.context, caller.events, caller.batches])).not.contain('246813');
  });

  it('keeps an account locked for whoever calls next, right PIN or not', async () => {
    const first = call();
    for (const pin of ['111111', '222222', '333333']) await first.presses('1002#').presses(`${pin}#`).settled();
    await first.settled();
    first.hears('is locked').isHungUp();
    (await call().presses('1002#').presses('975310#').settled()).hears('is locked').isHungUp();
    (await call().presses('1001#').presses('246813#').settled()).hears('1250 euros');
  });

  it('tells nothing to who keys a number that is no account', async () => {
    (await call().presses('7#').presses('246813#').settled()).hears('do not belong together');
  });

  it('asks to call later when the bank does not answer, or says what makes no sense', () => {
    for (const signIn of [() => { throw new Error('no line'); }, { status: 'in' }, 'yes'])
      dial(desk, { tasks: { signIn } }).presses('1001#').presses('246813#').hears('Please call again later').isHungUp();
  });

  it('is locked out by a bank that cannot lock as well', () => {
    const caller = dial(desk, { tasks: { signIn: { status: 'wrong' }, lock: () => { throw new Error('no line'); } } });
    for (const pin of ['1', '2', '3']) caller.presses('1001#').presses(`${pin}#`);
    caller.hears('is locked').isHungUp();
  });

  it('does not let a slow bank keep the caller for more than ten seconds', () => {
    const caller = dial(desk, { tasks: { signIn: () => new Promise(() => undefined) }, patienceMs: 4_000 }).presses('1001#').presses('246813#');
    caller.waits(4_000).hears('One moment, please.').waits(6_000).hears('Please call again later').isHungUp();
  });
});
