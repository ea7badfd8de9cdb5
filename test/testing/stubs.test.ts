import { expect } from 'chai';
import { dial } from 'callchart/testing';
import { shop, vault } from './bots.ts';

const noting = (): boolean => true;

describe('the tasks of a test call', () => {
  it('are stood for by values or functions, and the call goes on at once', () => {
    dial(shop, { tasks: { lookup: { eta: 3 }, noting } }).hears('One moment').hears('It takes 3 days').isHungUp();
    dial(shop, { tasks: { lookup: (from: string) => ({ eta: from.length }), noting } }).hears('It takes 9 days');
  });

  it('fail when the stub throws', () => {
    const caller = dial(shop, { tasks: { lookup: () => { throw new Error('the shop is closed'); } } }).hears('I cannot find it').isHungUp();
    expect(caller.transcript).to.contain('(task lookup failed: the shop is closed)');
  });

  it('are named when they have no stub', () => {
    expect(() => dial(shop)).to.throw(/bot: One moment\.\nexpected a stub for the task `lookup`\ninstead there is none: dial\(bot, \{ tasks: \{ "lookup": … \} \}\)/);
    expect(() => dial(shop, { tasks: { lookup: { eta: 1 } } })).to.throw('the task `noting`');
  });

  it('get the result as in production, through JSON', () => {
    const caller = dial(shop, { tasks: { lookup: () => ({ eta: 2, extra: undefined }), noting } });
    expect(caller.context).to.not.have.property('extra');
  });

  it('that take real time are waited for', async () => {
    const caller = dial(shop, { tasks: { lookup: async () => ({ eta: 5 }), noting } }).hears('One moment');
    expect(() => caller.hears('It takes')).to.throw('the bot waits for its task `lookup`: await caller.settled()');
    (await caller.settled()).hears('It takes 5 days').isHungUp();
    await caller.settled();
  });

  it('that fail after real time have failed', async () => {
    (await dial(shop, { tasks: { lookup: () => Promise.reject(new Error('no')) } }).settled()).hears('I cannot find it');
  });

  it('run for real when the test wants it, those of a dialog too, and the cleanup', async () => {
    (await dial(shop, { runTasks: true }).settled()).hears('It takes 9 days').isHungUp();
    dial(vault, { runTasks: true }).presses('9999').hears('Your PIN?').presses('1234').hears('It is open').isHungUp();
  });

  it('of a dialog are stubbed by their name', () => {
    dial(vault, { tasks: { check: true } }).presses('9999').hears('It is open').isHungUp();
  });

  it('that outlast the patience of the service are covered by the filler, and given up in time', () => {
    let aborted = false;
    const lookup = (_: unknown, { signal }: { readonly signal: AbortSignal }): Promise<never> => new Promise(() => signal.addEventListener('abort', () => { aborted = true; }));
    const caller = dial(shop, { tasks: { lookup } }).waits(10_000).hears('Still looking').waits(15_000).hears('takes too long').isHungUp();
    expect(aborted).to.equal(true);
    expect(caller.state).to.equal('ended');
  });

  it('include the cleanup, which runs once when the call has ended, if a stub stands for it', () => {
    const ends: unknown[] = [];
    dial(shop, { tasks: { lookup: { eta: 3 }, noting, 'call.cleanup': (end: { readonly reason: string }) => ends.push(end.reason) } }).isHungUp();
    expect(ends).to.deep.equal(['bot']);
  });
});
