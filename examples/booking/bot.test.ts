import { expect } from 'chai';
import { dial } from 'callchart/testing';
import practice from './bot.ts';
import { calls } from './calls.ts';
import { book, freeDays, freeTimes } from './diary.ts';

const { tasks = {} } = calls['a caller books a day and a time'] ?? {};
const failing = (code: string) => (): never => { throw Object.assign(new Error('it does not work'), { code }); };

describe('the practice that gives appointments', () => {
  for (const [title, { script, ...scene }] of Object.entries(calls)) it(title, () => void script(dial(practice, scene)));

  it('goes back from the time to the days also after the time was taken', () => {
    dial(practice, { tasks }).presses('1').presses('1').presses('1').hears('has just been taken').hears('For 11:00').says('back').hears('For Monday').presses('2').hears('For 9:30');
  });

  it('begins again when star is pressed at the first question', () => {
    dial(practice, { tasks }).hears('For Monday').presses('*').hears('For Monday 2 February press 1');
  });

  it('tells the number of the desk when nothing is free, and when the diary cannot be had', () => {
    dial(practice, { tasks: { ...tasks, days: failing('FULL') } }).hears('Nothing is free in the next weeks').isHungUp();
    dial(practice, { tasks: { ...tasks, times: failing('FULL') } }).presses('1').hears('Nothing is free').isHungUp();
    dial(practice, { tasks: { ...tasks, days: failing('ECONNREFUSED') } }).hears('I cannot get at our diary').isHungUp();
    dial(practice, { tasks: { ...tasks, book: failing('ECONNREFUSED') } }).presses('1').presses('2').presses('1').hears('I cannot get at our diary').isHungUp();
    dial(practice, { tasks: { ...tasks, book: 'perhaps' } }).presses('1').presses('2').presses('1').hears('I cannot get at our diary').isHungUp();
  });

  it('offers two times where only two are left, and no key for a third', () => {
    dial(practice, { tasks: { ...tasks, times: ['11:00', '16:00'] } }).presses('1').hears('For 11:00 press 1. For 16:00 press 2. To cancel').presses('3').hears('did not get that').presses('2').hears('at 16:00');
  });
});

describe('the diary that stands for yours', () => {
  it('offers three workdays, and what is free on them', async () => {
    const days = await freeDays();
    expect(days).lengthOf(3);
    expect(days.map((day) => new Date(day).getUTCDay())).satisfies((each: readonly number[]) => each.every((day) => day >= 1 && day <= 5));
    expect(await freeTimes('2030-01-07')).eql(['09:30', '11:00', '14:15']);
  });

  it('gives a time to one caller, and to the same one again when the task is run twice', async () => {
    const wish = { day: '2030-01-07', time: '11:00', number: '+15550100' };
    const by = (taskId: string) => book(wish, { taskId, callId: 'call', signal: new AbortController().signal, reveal: (text) => text });
    expect([await by('ann'), await by('bob'), await by('ann')]).eql(['booked', 'taken', 'booked']);
    expect(await freeTimes(wish.day)).not.contain('11:00');
  });
});
