/** Calls to the voicemail, by what they show: the same in a test and on any service. */
import type { ScriptedCall } from 'callchart/testing';

export const calls: Readonly<Record<string, ScriptedCall>> = {
  'a message that ends by pound is kept': {
    script: (caller) => caller.hears('Miller Plumbing').hears('after the tone').records(4_000, { endedBy: 'termchar' }).hears('To keep your message press 1').presses('1').hears('We listen to it today').isHungUp().endedWith('bot'),
  },
  'a message that ends by silence is recorded again': {
    script: (caller) => caller.hears('after the tone').records(5_000).hears('press 2').says('record again').hears('after the tone').records(3_000).hears('To keep').says('keep it').hears('We listen to it').isHungUp().endedWith('bot'),
  },
  'a message may be cancelled': {
    script: (caller) => caller.hears('after the tone').records(4_000).hears('To keep').presses('3').hears('Your message is gone').isHungUp().endedWith('bot'),
  },
  'who says nothing is asked once more, and leaves no message': {
    script: (caller) => caller.hears('after the tone').staysSilent().hears('did not hear anything').hears('after the tone').staysSilent().hears('I have no message from you').isHungUp().endedWith('bot'),
  },
  'who says nothing about his message keeps it': {
    script: (caller) => caller.hears('after the tone').records(4_000).hears('To keep').presses('8').hears('did not get that').staysSilent().hears('We listen to it today').isHungUp().endedWith('bot'),
  },
  'who hangs up in the middle of his message has left it': {
    script: (caller) => caller.hears('after the tone').records(6_000, { endedBy: 'hangup' }).endedWith('caller'),
  },
};
