/** Calls to the shop, by what they show: the same in a test and on any service. */
import type { ScriptedCall } from 'callchart/testing';

/** A Monday in February, Sunday before it, and Christmas Day. */
const monday = Date.UTC(2026, 1, 2, 10);
const sunday = Date.UTC(2026, 1, 1, 10);
const christmas = Date.UTC(2026, 11, 25, 10);

export const calls: Readonly<Record<string, ScriptedCall>> = {
  'while the shop is open a caller hears the hours, and is rung back': {
    tasks: { clock: monday, ringBack: null },
    script: (caller) => caller.hears('Welcome').hears('press 1').presses('1').hears('Monday to Wednesday from 9:00 to 17:30').hears('to be rung back').presses('3').hears('will ring you back today').isHungUp().endedWith('bot'),
  },
  'a wrong key and a word are no dead end': {
    tasks: { clock: monday },
    script: (caller) => caller.presses('7').hears('For our hours press 1').says('address').hears('12 Mill Lane').hears('For our hours').hangsUp().endedWith('caller'),
  },
  'silence is asked twice again, then the shop says goodbye': {
    tasks: { clock: monday },
    script: (caller) => caller.hears('Welcome').staysSilent().hears('did not hear').staysSilent().hears('did not hear').staysSilent().hears('Thank you for calling. Goodbye.').isHungUp().endedWith('bot'),
  },
  'on a Sunday it says that it opens tomorrow': {
    tasks: { clock: sunday },
    script: (caller) => caller.hears('We are closed now. We open again tomorrow at 9:00.').isHungUp().endedWith('bot'),
  },
  'on Christmas Day it says why it is closed, and passes over Boxing Day and the Sunday': {
    tasks: { clock: christmas },
    script: (caller) => caller.hears('We are closed for Christmas Day. We open again on Monday at 9:00.').isHungUp().endedWith('bot'),
  },
};
