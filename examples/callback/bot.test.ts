import { expect } from 'chai';
import { dial } from 'callchart/testing';
import heating from './bot.ts';
import { calls } from './calls.ts';
import { join, leave, next, place, promise } from './queue.ts';

const tasks = { join: 3, place: 2, promise: null };
const broken = (): never => { throw new Error('the line is down'); };
const withheld = { from: '' };

describe('the line of callers', () => {
  for (const [title, { script, ...scene }] of Object.entries(calls)) it(title, () => void script(dial(heating, scene)));

  it('tells the first one that he is next, and calls at once when somebody is free', () => {
    dial(heating, { tasks: { ...tasks, join: 1 } }).hears('You are next in line.');
    dial(heating, { tasks: { ...tasks, join: 0 } }).hears('It is your turn').hears('calls you in a minute').isHungUp();
  });

  it('offers to call back after ten minutes of waiting', () => {
    const caller = dial(heating, { tasks });
    for (let minutes = 0; minutes < 10; minutes += 1) caller.waits(60_000);
    caller.waits(20_000).hears('It takes longer than it should').hears('For the number that you are calling from').presses('1').hears('You keep your place').isHungUp();
  });

  it('asks for a number whoever withholds his', () => {
    dial(heating, { tasks, call: withheld }).presses('1').hears('Please key the number').presses('02079460123#').hears('02079460123').says('no').hears('Please key the number').presses('02079460199#').says('yes').hears('You keep your place');
    dial(heating, { tasks: { ...tasks, place: 0 }, call: withheld }).staysSilent().hears('It is your turn').hears('Please key the number').presses('02079460123#').says('yes').hears('calls you in a minute').isHungUp();
  });

  it('goes on with the place it knows when nobody can say where the caller is, and hangs up when nothing can be promised', () => {
    dial(heating, { tasks: { ...tasks, place: broken } }).hears('number 3').staysSilent().hears('number 3').presses('1').presses('1').hears('You keep your place');
    dial(heating, { tasks: { ...tasks, promise: broken } }).presses('1').presses('1').hears('Our line does not work').isHungUp();
    dial(heating, { tasks: { ...tasks, join: broken } }).hears('Our line does not work').isHungUp();
  });

  it('takes whoever hangs up out of the line, and keeps whoever was promised a call', async () => {
    const call = async (id: string) => dial(heating, { runTasks: true, call: { id, from: `+1555010${id}` } }).settled();
    const [ann, bob, cid] = [await call('1'), await call('2'), await call('3')];
    ann.hears('You are next in line');
    cid.hears('number 3');
    await (await bob.presses('1').presses('1').settled()).hears('You keep your place').isHungUp().settled();
    await ann.hangsUp().settled();
    (await cid.staysSilent().settled()).hears('number 2 in line');
    expect(next(), 'Bob is rung').equal('+15550102');
    expect(next(), 'Cid is on the telephone').equal(undefined);
    (await cid.staysSilent().settled()).hears('It is your turn');
  });
});

describe('the queue that stands for yours', () => {
  it('has a call in it once, however often its tasks are run', async () => {
    const [first, second] = [{ callId: 'first' }, { callId: 'second' }];
    const before = await join('+15550100', first) - 1;
    await join('+15550101', second);
    expect(await join('+15550100', first)).equal(before + 1);
    await promise('+15550100', first);
    await leave(first);
    await leave(first);
    expect(await place(null, second)).equal(before + 2);
  });
});
