/** Calls to Acme, by what they show: the same in a test and on any service. */
import type { ScriptedCall } from 'callchart/testing';

export const calls: Readonly<Record<string, ScriptedCall>> = {
  'a key leads to sales': {
    script: (caller) => caller.isAnswered().hears('Welcome to Acme').presses('1').hears('Sales will call you back.').isHungUp().endedWith('bot'),
  },
  'after a silence a word leads to support': {
    script: (caller) => caller.hears('press 2').staysSilent().hears('did not hear').hears('Welcome to Acme').says('support').hears('Support will call you back.').isHungUp().endedWith('bot'),
  },
  'a key that means nothing is asked again': {
    script: (caller) => caller.presses('9').hears('did not get that').hears('press 1').presses('1').hears('Sales').isHungUp().endedWith('bot'),
  },
  'who says nothing three times hears goodbye': {
    script: (caller) => caller.staysSilent().hears('did not hear').staysSilent().hears('did not hear').staysSilent().hears('Goodbye.').isHungUp().endedWith('bot'),
  },
  'who hangs up at the menu hears nothing more': {
    script: (caller) => caller.hears('Welcome to Acme').hangsUp().endedWith('caller'),
  },
};
