/** Calls to the desk, by what they show: the same in a test and on any service. */
import type { ScriptedCall } from 'callchart/testing';

/** A bank that knows by the account number alone how it ends: 1001 is let in, 1003 is locked, any other is wrong. */
const signIn = ({ account }: { readonly account: string }) => (account === '1001' ? { status: 'in', euros: 1_250 } : { status: account === '1003' ? 'locked' : 'wrong' });
const tasks = { signIn, lock: null };

export const calls: Readonly<Record<string, ScriptedCall>> = {
  'the right PIN tells the balance': {
    tasks,
    script: (caller) => caller.hears('North Bank').hears('account number').presses('1001#').hears('your PIN').presses('246813#').hears('Your balance is 1250 euros').isHungUp().endedWith('bot'),
  },
  'a wrong PIN may be tried again': {
    tasks,
    script: (caller) => caller.presses('1002#').presses('0000#').hears('do not belong together. You may try twice more').hears('account number').presses('1001#').presses('246813#').hears('1250 euros').isHungUp().endedWith('bot'),
  },
  'the third wrong PIN locks the account': {
    tasks,
    script: (caller) => caller.presses('1002#').presses('1111#').hears('twice more').presses('1002#').presses('2222#').hears('once more').presses('1002#').presses('3333#').hears('is locked for the telephone').isHungUp().endedWith('bot'),
  },
  'silence at the PIN is asked twice again, then the desk says goodbye': {
    tasks,
    script: (caller) => caller.presses('1001#').hears('your PIN').staysSilent().hears('did not hear').staysSilent().hears('did not hear').staysSilent().hears('Thank you for calling').isHungUp().endedWith('bot'),
  },
  'who hangs up between the number and the PIN is asked nothing more': {
    tasks,
    script: (caller) => caller.presses('1001#').hears('your PIN').hangsUp().endedWith('caller'),
  },
};
