/** Calls to the practice, by what they show: the same in a test and on any service. */
import type { ScriptedCall } from 'callchart/testing';

/** Three days; on each of them somebody else gets half past nine just before it is booked. */
const tasks = {
  days: ['2026-02-02', '2026-02-03', '2026-02-05'],
  times: ({ input }: { readonly input: { readonly time: string } }) => ['09:30', '11:00', '14:15'].filter((time) => time !== input.time),
  book: ({ time }: { readonly time: string }) => (time === '09:30' ? 'taken' : 'booked'),
};

export const calls: Readonly<Record<string, ScriptedCall>> = {
  'a caller books a day and a time': {
    tasks,
    script: (caller) =>
      caller.hears('When would you like to come?').hears('For Monday 2 February press 1. For Tuesday 3 February press 2.').presses('2').hears('For 9:30 press 1. For 11:00 press 2.').presses('2')
        .hears('Tuesday 3 February at 11:00. Shall I book that?').says('yes').hears('You are expected on Tuesday 3 February at 11:00.').isHungUp().endedWith('bot'),
  },
  'a time that was taken meanwhile is told, and the others of the day are offered': {
    tasks,
    script: (caller) =>
      caller.hears('For Monday').says('Monday').hears('For 9:30 press 1').presses('1').hears('Shall I book that?').presses('1')
        .hears('I am sorry, 9:30 has just been taken.').hears('For 11:00 press 1. For 14:15 press 2.').presses('2').hears('Monday 2 February at 14:15').presses('1').hears('You are expected').isHungUp().endedWith('bot'),
  },
  'star goes back to the day, and no begins again': {
    tasks,
    script: (caller) =>
      caller.hears('For Monday').presses('1').hears('For 9:30').presses('*').hears('For Monday').presses('3').hears('For 9:30').presses('3').hears('Thursday 5 February at 14:15').says('no').hears('For Monday')
        .presses('9').hears('Nothing is booked. Goodbye.').isHungUp().endedWith('bot'),
  },
  'keys that mean nothing and silence end it after three askings': {
    tasks,
    script: (caller) => caller.hears('For Monday').presses('7').hears('did not get that').hears('For Monday').staysSilent().hears('did not hear').presses('0').hears('Please call again when you know').isHungUp().endedWith('bot'),
  },
  'who hangs up before the last yes has booked nothing': {
    tasks,
    script: (caller) => caller.hears('For Monday').presses('1').hears('For 9:30').presses('2').hears('Shall I book that?').hangsUp().endedWith('caller'),
  },
};
