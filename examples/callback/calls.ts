/** Calls to the line, by what they show: the same in a test and on any service. */
import type { ScriptedCall } from 'callchart/testing';

/** Two are before the caller when he calls, and one when he asks again. */
const tasks = { join: 3, place: 2, promise: null };

export const calls: Readonly<Record<string, ScriptedCall>> = {
  'who stays on the line hears his place again every twenty seconds, until it is his turn': {
    tasks: { ...tasks, place: 0 },
    script: (caller) => caller.hears('All of us are on the telephone').hears('You are number 3 in line').staysSilent().hears('It is your turn').hears('A colleague calls you in a minute').isHungUp().endedWith('bot'),
  },
  'a caller is called back at the number that he calls from': {
    tasks,
    script: (caller) => caller.hears('number 3 in line').staysSilent().hears('number 2 in line').presses('1').hears('For the number that you are calling from press 1').presses('1').hears('You keep your place').isHungUp().endedWith('bot'),
  },
  'a caller is called back at a number that he keys': {
    tasks,
    script: (caller) =>
      caller.hears('number 3').says('call me back').hears('for another number press 2').presses('2').hears('Please key the number').presses('123#').hears('That is too short').presses('02079460123#')
        .hears('We call 02079460123 Is that right?').presses('1').hears('You keep your place').isHungUp().endedWith('bot'),
  },
  'a key that means nothing does not cost the place': {
    tasks,
    script: (caller) => caller.hears('number 3').presses('5').hears('did not get that').hears('number 3').staysSilent().hears('number 2').presses('9').hears('You are in the line no more').isHungUp().endedWith('bot'),
  },
  'who says nothing when he is asked for a number is in the line no more': {
    tasks,
    script: (caller) => caller.presses('1').hears('For the number').staysSilent().hears('did not hear').staysSilent().staysSilent().hears('in the line no more').isHungUp().endedWith('bot'),
  },
  'who hangs up while he waits hears nothing more': {
    tasks,
    script: (caller) => caller.hears('number 3').staysSilent().hears('number 2').hangsUp().endedWith('caller'),
  },
};
