import { callMachine, hangup, prompt, recognize, task } from 'callchart';
import { expect } from 'chai';
import { dial, failing, inTurn, never } from 'callchart/testing';
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

  it('end one time after the other as they are run, and not once more', () => {
    const asking = callMachine('asking', {
      initial: 'menu', tasks: { lookup: () => '' },
      states: {
        menu: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: 'looking', exhausted: 'bye' } }),
        looking: task({ run: 'lookup', timeoutMs: 5_000, on: { done: 'menu', failed: 'sorry', timeout: 'late' } }),
        sorry: prompt('That did not work.', 'menu'), late: prompt('That takes too long.', 'menu'), bye: hangup(),
      },
    });
    const caller = dial(asking, { tasks: { lookup: inTurn('here', failing('ERR_X'), (_: unknown, { taskId }: { readonly taskId: string }) => taskId, never) } });
    caller.presses('1').hears('Press 1').presses('1').hears('did not work').presses('1').hears('Press 1').presses('1').staysSilent().hears('takes too long');
    expect(() => caller.presses('1')).to.throw(/expected the task `lookup` to be run no more often than it has stubs\ninstead it is run once more/);
    expect(() => dial(asking, { tasks: { lookup: inTurn() } }).presses('1')).to.throw('run once more');
  });

  it('fail with a code, or without one', () => {
    const coded = callMachine('coded', {
      initial: 'looking',
      states: { looking: task({ run: () => 1, on: { done: 'bye', failed: [{ guard: ({ event }) => event.error.code === 'ERR_X', target: 'known' }, { target: 'bye' }] } }), known: hangup('I know that one.'), bye: hangup('Goodbye.') },
    });
    dial(coded, { tasks: { looking: failing('ERR_X') } }).hears('I know that one');
    dial(coded, { tasks: { looking: failing() } }).hears('Goodbye');
  });

  it('end when the test says so, where they are never to end by themselves', async () => {
    const caller = dial(shop, { tasks: { lookup: never, noting } }).waits(10_000).hears('Still looking');
    await caller.settled(); // what never ends is not waited for
    expect(() => caller.taskEnds('noting')).to.throw(/expected the task `noting` to be under way\ninstead the bot waits for its task `lookup`/);
    caller.taskEnds('lookup', { eta: 3 }).hears('It takes 3 days').isHungUp();
    dial(shop, { tasks: { lookup: never, noting } }).taskFails('looking', 'ERR_X').hears('I cannot find it').isHungUp();
    expect(() => caller.taskEnds('lookup')).to.throw('the bot has hung up');
  });

  it('include the cleanup, which runs once when the call has ended, if a stub stands for it', () => {
    const ends: unknown[] = [];
    dial(shop, { tasks: { lookup: { eta: 3 }, noting, 'call.cleanup': (end: { readonly reason: string }) => ends.push(end.reason) } }).isHungUp();
    expect(ends).to.deep.equal(['bot']);
  });
});
