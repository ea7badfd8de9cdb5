/** Calls of the practice, by what they show: the same in a test and on any service that places calls. */
import type { ScriptedCall } from 'callchart/testing';

const tasks = { find: { id: 'appointment-1', when: 'tomorrow at 10 o’clock' }, note: null };
const outbound = { direction: 'outbound', from: '+15550199', to: '+15550100' } as const;

export const calls: Readonly<Record<string, ScriptedCall>> = {
  'a person confirms': {
    tasks, call: { ...outbound, answeredBy: 'human' },
    script: (caller) => caller.hears('You have an appointment tomorrow at 10 o’clock').presses('1').hears('look forward to seeing you').isHungUp().endedWith('bot'),
  },
  'a person who says nothing at first asks for another time': {
    tasks, call: { ...outbound, answeredBy: 'human' },
    script: (caller) => caller.hears('an appointment').staysSilent().hears('did not hear').hears('an appointment').presses('6').hears('did not get that').says('another time').hears('The desk calls you').isHungUp().endedWith('bot'),
  },
  'a machine is told to call back, after its own greeting': {
    tasks, call: { ...outbound, answeredBy: 'machine' },
    script: (caller) => caller.staysSilent().hears('Please call us back at 020 7946 0123').isHungUp().endedWith('bot'),
  },
  'who hangs up has said nothing': {
    tasks, call: { ...outbound, answeredBy: 'unknown' },
    script: (caller) => caller.hears('an appointment').hangsUp().endedWith('caller'),
  },
  'who calls back is asked the same, and cancels': {
    tasks, call: { from: '+15550100', to: '+15550199' },
    script: (caller) => caller.hears('You have an appointment').says('cancel').hears('is cancelled').isHungUp().endedWith('bot'),
  },
};
