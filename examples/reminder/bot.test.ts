import { expect } from 'chai';
import { dial, type DialOptions } from 'callchart/testing';
import reminder from './bot.ts';
import { calls } from './calls.ts';
import { answers } from './practice.ts';

const tasks = { find: { id: 'appointment-1', when: 'tomorrow at 10 o’clock' }, note: null };
const placed = (answeredBy: 'human' | 'machine' | 'fax' | 'unknown', options: DialOptions = {}) =>
  dial(reminder, { tasks, ...options, call: { direction: 'outbound', from: '+15550199', to: '+15550100', answeredBy } });

describe('the reminder', () => {
  for (const [title, { script, ...scene }] of Object.entries(calls)) it(title, () => void script(dial(reminder, scene)));

  it('tells a machine nothing of the appointment', () => {
    const caller = placed('machine').waits(2_999);
    expect(caller.batches.flat(), 'its greeting is not talked into').eql([]);
    caller.waits(1).hears('call us back').isHungUp();
    expect(caller.transcript).not.contain('tomorrow');
  });

  it('hangs up on a fax without a word, and where the practice cannot be asked', () => {
    for (const caller of [placed('fax'), placed('human', { tasks: { find: () => { throw new Error('no line'); } } })]) expect(caller.isHungUp().batches.flat().map(({ type }) => type)).eql(['hangup']);
  });

  it('takes for a person whoever is not known to be a machine', () => void placed('unknown').hears('You have an appointment'));

  it('calls again when nobody answers the question', () => void placed('human').staysSilent().staysSilent().staysSilent().hears('We call again later').isHungUp());

  it('excuses itself to a number without an appointment', () => void placed('human', { tasks: { find: null } }).hears('no appointment for this number').isHungUp());

  it('says so when the answer could not be written down', () => {
    placed('human', { tasks: { ...tasks, note: () => { throw new Error('no line'); } } }).presses('2').hears('could not write that down').isHungUp();
  });

  it('writes down what a person said, or that it was a machine', async () => {
    const called = async (answeredBy: 'human' | 'machine') => placed(answeredBy, { tasks: {}, runTasks: true }).settled();
    (await (await called('human')).presses('3').settled()).hears('to find another time').isHungUp();
    expect(answers.get('appointment-1')).equal('another time');
    (await (await called('machine')).waits(3_000).settled()).hears('call us back').isHungUp();
    expect(answers.get('appointment-1')).equal('machine');
  });
});
