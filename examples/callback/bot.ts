/**
 * Callback — a line of callers who wait for somebody to be free, and who need not wait on the telephone.
 *
 * The caller hears his place every twenty seconds. He stays on the line, is called back without losing his place, at his number or
 * at another, or leaves; who hangs up has left. Every service can call back: where yours can hand callers on, let `turn` be a
 * `transfer`. Replace the functions of `queue.ts`, and the music.
 */
import * as t from 'io-ts';
import { assign } from 'xstate';
import { callMachine, confirm, hangup, prompt, recognize, task } from 'callchart';
import { join, leave, place, promise } from './queue.ts';

interface Context {
  /** Where in the line: 1 is next, 0 is whose turn it is. */
  readonly place: number;
  /** How often the caller was told. */
  readonly told: number;
  /** What is rung, once that is known. */
  readonly number: string;
}

const music = { audio: 'https://media.example.com/waltz.wav' };
/** Waiting on the telephone is limited to some ten minutes. */
const mostTold = 30;

export default callMachine<Context>()('callback', {
  context: { place: 0, told: 0, number: '' },
  initial: 'welcome',
  waive: { 'no-person': 'somebody calls back, which is what the line is for' },
  tasks: { join, place, promise },
  cleanup: leave,
  filler: 'One moment, please.',
  states: {
    welcome: prompt('Welcome to City Heating. All of us are on the telephone.', 'joining'),
    joining: task({
      run: 'join', input: ({ context }) => context.call.from, output: t.number, timeoutMs: 10_000,
      on: { done: [{ guard: ({ event }) => event.output === 0, target: 'turn' }, { target: 'waiting', actions: assign({ place: ({ event }) => event.output }) }], failed: 'sorry' },
    }),
    waiting: recognize({
      prompt: ({ context }) => [context.place === 1 ? 'You are next in line.' : `You are number ${context.place} in line.`, 'To be called back press 1, to leave the line press 9.', music],
      choices: { callback: ['1', 'call me back'], leave: ['9', 'leave'] }, timeoutMs: 20_000, // the patience is the time between two tellings: a key counts at any moment
      on: { callback: [{ guard: ({ context }) => context.call.from === '', target: 'keying' }, 'which'], leave: 'left', noinput: 'looking', exhausted: 'looking' },
    }),
    looking: task({
      run: 'place', output: t.number, timeoutMs: 10_000,
      on: {
        done: [
          { guard: ({ event }) => event.output === 0, target: 'turn', actions: assign({ place: 0 }) },
          { guard: ({ context }) => context.told < mostTold, target: 'waiting', actions: assign({ place: ({ event }) => event.output, told: ({ context }) => context.told + 1 }) },
          'long',
        ],
        failed: [{ guard: ({ context }) => context.told < mostTold, target: 'waiting', actions: assign({ told: ({ context }) => context.told + 1 }) }, 'long'],
      },
    }),
    turn: prompt('It is your turn.', [{ guard: ({ context }) => context.call.from === '', target: 'keying' }, { target: 'promising', actions: assign({ number: ({ context }) => context.call.from }) }]),
    long: prompt('It takes longer than it should. We call you back, and you keep your place.', [{ guard: ({ context }) => context.call.from === '', target: 'keying' }, 'which']),

    which: recognize({
      prompt: 'For the number that you are calling from press 1, for another number press 2.', choices: { same: ['1', 'this number'], other: ['2', 'another number'] },
      on: { same: { target: 'promising', actions: assign({ number: ({ context }) => context.call.from }) }, other: 'keying', exhausted: 'left' },
    }),
    keying: recognize({
      prompt: 'Please key the number to call, with the area code, then pound.', digits: { max: 15, termchars: ['#'] },
      validate: ({ digits }) => (digits.length < 7 ? 'That is too short.' : undefined),
      on: { digits: { target: 'sure', actions: assign({ number: ({ event }) => event.digits }) }, exhausted: 'left' },
    }),
    sure: confirm({ prompt: ({ context }) => ['We call', { text: context.number, sayAs: 'telephone' }, 'Is that right?'], on: { yes: 'promising', no: 'keying', exhausted: 'left' } }),
    promising: task({ run: 'promise', input: ({ context }) => context.number, timeoutMs: 10_000, on: { done: 'promised', failed: 'sorry' } }),

    promised: hangup(({ context }) => (context.place === 0 ? 'A colleague calls you in a minute. Please hang up now.' : 'You keep your place, and we call you when it is your turn. Goodbye.')),
    left: hangup('You are in the line no more. Please call again whenever you like. Goodbye.'),
    sorry: hangup('Our line does not work at the moment. Please call again in some minutes.'),
  },
});
