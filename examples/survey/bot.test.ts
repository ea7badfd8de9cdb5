import { expect } from 'chai';
import { type Caller, dataStore, dial, type DialOptions } from 'callchart/testing';
import survey, { answered, handedIn } from './bot.ts';
import { calls } from './calls.ts';

const guest = '+15550123';
const call = (id: string, options: DialOptions = {}): Caller => dial(survey, { runTasks: true, ...options, call: { id, from: guest, ...options.call } });
/** Answers both questions, and is asked for a comment. */
const answering = (caller: Caller): Caller => caller.presses('4').presses('1').hears('To tell us more');

describe('the survey', () => {
  for (const [title, { script, ...scene }] of Object.entries(calls)) it(title, () => void script(dial(survey, scene)));

  it('keeps what the guest has said, and asks him nothing the next time', async () => {
    const data = dataStore();
    await answering(call('first', { data })).presses('1').records(4_000).hears('that helps us').settled();
    expect(data.read(answered, { user: guest })).eql({ mark: 4, again: true, comment: 'recording-1' });
    await call('second', { data }).hears('we have your answers already').isHungUp().settled();
    expect([handedIn.get('first'), handedIn.has('second')]).eql([{ stands: 'complete', revision: 0, mark: 4, again: true, comment: 'recording-1' }, false]);
  });

  it('takes one answer of two calls at the same time', async () => {
    const data = dataStore();
    const [left, right] = [answering(call('left', { data })), answering(call('right', { data }))];
    await left.presses('2').hears('that helps us').settled();
    await right.presses('1').records(4_000).hears('we have your answers already').isHungUp().settled();
    expect(data.read(answered, { user: guest })).eql({ mark: 4, again: true, comment: null });
    expect([handedIn.has('left'), handedIn.has('right')]).eql([true, false]);
  });

  it('hands in the answers of who hangs up half-way as incomplete', async () => {
    const data = dataStore();
    await call('gone', { data }).presses('2').hears('Would you come again?').hangsUp().settled();
    expect(handedIn.get('gone')).include({ stands: 'incomplete', mark: 2, again: null });
    expect(data.read(answered, { user: guest })).equal(null);
    call('once more', { data }).hears('three short questions');
  });

  it('asks who withholds the number, and hands in what he says', async () => {
    await answering(call('nobody', { call: { from: '' } })).says('finish').hears('that helps us').isHungUp().settled();
    expect(handedIn.get('nobody')).include({ stands: 'complete', mark: 4 });
  });

  it('takes answers to an older survey for answers', () => {
    const data = dataStore();
    data.writeText(answered, { user: guest }, '{"value":{"stars":5},"by":[]}');
    call('older', { data }).hears('we have your answers already');
  });
});
