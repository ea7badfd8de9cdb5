/**
 * PIN login — the telephone desk of a bank, which tells the balance to whoever knows the account number and its PIN.
 *
 * The caller has three tries, then the account is locked. The PIN is a secret: it is sealed before the chart, the record of the
 * call or a log meets it, and only the task `signIn` opens it. Replace the two functions of `bank.ts`, and set `CALLCHART_SECRET_KEY`.
 */
import { assign } from 'xstate';
import { callMachine, hangup, prompt, recognize, task } from 'callchart';
import { lock, SignedIn, signIn } from './bank.ts';

interface Context {
  readonly account: string;
  /** Sealed. */
  readonly pin: string;
  /** Tries that came to nothing. */
  readonly wrong: number;
  readonly euros: number;
}

export default callMachine<Context>()('pin-login', {
  context: { account: '', pin: '', wrong: 0, euros: 0 },
  initial: 'welcome',
  waive: { 'no-person': 'who is locked out is told where to go, and nobody at the desk may tell a balance' },
  tasks: { signIn, lock },
  filler: 'One moment, please.',
  states: {
    welcome: prompt('Welcome to the North Bank.', 'account'),
    account: recognize({
      prompt: 'Please key your account number, then pound.', digits: { max: 8, termchars: ['#'] },
      on: { digits: { target: 'pin', actions: assign({ account: ({ event }) => event.digits }) }, exhausted: 'bye' },
    }),
    pin: recognize({
      prompt: 'And your PIN, then pound.', digits: { max: 8, termchars: ['#'] }, secret: true,
      on: { digits: { target: 'signingIn', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'bye' },
    }),
    signingIn: task({
      run: 'signIn', input: ({ context: { account, pin } }) => ({ account, pin }), output: SignedIn, timeoutMs: 10_000,
      on: {
        done: [
          { guard: ({ event }) => event.output.status === 'in', target: 'balance', actions: assign({ euros: ({ event }) => (event.output.status === 'in' ? event.output.euros : 0) }) },
          { guard: ({ event }) => event.output.status === 'locked', target: 'lockedOut' },
          { guard: ({ context }) => context.wrong < 2, target: 'wrong', actions: assign({ wrong: ({ context }) => context.wrong + 1 }) },
          'locking',
        ],
        failed: 'unreachable',
      },
    }),
    balance: hangup(({ context }) => ['Your balance is', { text: String(context.euros), sayAs: 'cardinal' }, 'euros. Goodbye.']),

    wrong: prompt(({ context }) => `This account number and this PIN do not belong together. You may try ${context.wrong === 1 ? 'twice' : 'once'} more.`, 'account'),
    locking: task({ run: 'lock', input: ({ context }) => context.account, timeoutMs: 10_000, on: { done: 'lockedOut', failed: 'lockedOut' } }),
    lockedOut: hangup('For your safety this account is locked for the telephone. Please come to one of our branches with your card. Goodbye.'),
    unreachable: hangup('We cannot look that up at the moment. Please call again later.'),
    bye: hangup('Thank you for calling. Goodbye.'),
  },
});
