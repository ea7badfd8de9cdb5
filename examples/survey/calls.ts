/** Calls to the survey, by what they show: the same in a test and on any service. */
import type { ScriptedCall } from 'callchart/testing';

export const calls: Readonly<Record<string, ScriptedCall>> = {
  'a guest answers all three questions': {
    script: (caller) =>
      caller.hears('three short questions').hears('Key a mark').presses('5').hears('Would you come again?').presses('1').hears('To tell us more press 1').presses('1')
        .hears('after the tone').records(4_000, { endedBy: 'termchar' }).hears('that helps us').isHungUp().endedWith('bot'),
  },
  'a comment may be left out': {
    script: (caller) => caller.presses('3').hears('Would you come again?').says('no').hears('To tell us more').says('finish').hears('that helps us').isHungUp().endedWith('bot'),
  },
  'a mark that is none is asked for again': {
    script: (caller) => caller.hears('Key a mark').presses('9').hears('no mark from 1 to 5').hears('Key a mark').presses('4').hears('Would you come again?').presses('7').hears('did not get that').presses('2').hears('To tell us more').hangsUp().endedWith('caller'),
  },
  'who says nothing is let go after three askings': {
    script: (caller) => caller.hears('Key a mark').staysSilent().hears('did not hear').staysSilent().staysSilent().hears('Thank you all the same').isHungUp().endedWith('bot'),
  },
  'who wants to say more and then says nothing has answered all the same': {
    script: (caller) => caller.presses('2').presses('2').hears('To tell us more').presses('1').hears('after the tone').staysSilent().hears('after the tone').staysSilent().hears('that helps us').isHungUp().endedWith('bot'),
  },
  'who hangs up half-way is asked nothing more': {
    script: (caller) => caller.presses('5').hears('Would you come again?').hangsUp().endedWith('caller'),
  },
};
