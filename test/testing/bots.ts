/** Bots that the tests of the scripted caller call. @module */
import { callMachine, dialog, dialogMachine, hangup, play, prompt, recognize, record, reject, task, transfer } from 'callchart';
import { assign } from 'xstate';

/** A menu that leads on to a question for digits. */
export const bank = callMachine<{ readonly account: string }>()('bank', {
  context: { account: '' },
  initial: 'menu',
  states: {
    menu: recognize({
      prompt: 'For your balance press 1, for an advisor press 2.',
      choices: { balance: '1', advisor: ['2', 'advisor', 'a human'] },
      on: { balance: 'account', advisor: 'advisor', exhausted: 'bye' },
    }),
    account: recognize({
      prompt: 'Enter your account number, then pound.',
      digits: { max: 6, termchars: ['#'] },
      on: { digits: { target: 'confirm', actions: assign({ account: ({ event }) => event.digits }) }, exhausted: 'bye' },
    }),
    confirm: recognize({
      prompt: ({ context }) => `Account ${context.account}. Press 1 if that is right.`,
      choices: { right: '1' },
      bargein: false,
      on: { right: 'bye', exhausted: 'bye' },
    }),
    advisor: transfer({ to: '+15550123', on: { failed: 'sorry', busy: 'menu' } }),
    sorry: hangup('Nobody is there.'),
    bye: hangup('Goodbye.'),
  },
});

/** Takes a message. */
export const voicemail = callMachine<{ readonly ref: string; readonly lengthMs: number }>()('voicemail', {
  context: { ref: '', lengthMs: 0 },
  initial: 'message',
  states: {
    message: record({
      prompt: 'Leave a message.', maxMs: 60_000, termchars: ['#'],
      on: {
        done: { target: 'thanks', actions: assign(({ event }) => ({ ref: event.recording.ref, lengthMs: event.recording.lengthMs })) },
        maxspeech: { target: 'long', actions: assign(({ event }) => ({ lengthMs: event.recording.lengthMs })) },
        exhausted: 'bye',
      },
    }),
    thanks: hangup('Thank you.'),
    long: hangup('That was long.'),
    bye: hangup('Goodbye.'),
  },
});

/** Looks an order up while the caller waits: a task by name, and one that is written in place. */
export const shop = callMachine<{ readonly eta: number }>()('shop', {
  context: { eta: 0 },
  initial: 'hold',
  filler: 'Still looking.',
  tasks: { lookup: async (from: string): Promise<{ eta: number }> => ({ eta: from.length }) },
  cleanup: () => undefined,
  states: {
    hold: prompt('One moment.', 'looking'),
    looking: task({
      run: 'lookup', input: ({ context }) => context.call.from, timeoutMs: 25_000,
      on: { done: { target: 'noting', actions: assign(({ event }) => event.output as { eta: number }) }, failed: 'sorry', timeout: 'late' },
    }),
    noting: task({ run: (eta: number) => eta > 0, input: ({ context }) => context.eta, on: { done: 'tell', failed: 'sorry' } }),
    tell: hangup(({ context }) => `It takes ${context.eta} days.`),
    sorry: hangup('I cannot find it.'),
    late: hangup('That takes too long.'),
  },
});

const pin = dialogMachine<{ readonly pin: string }, undefined, string>()('pin', {
  context: { pin: '' },
  initial: 'asking',
  tasks: { check: (entered: string): boolean => entered === '1234' },
  states: {
    asking: recognize({ prompt: 'Your PIN?', digits: { max: 4 }, on: { digits: { target: 'checking', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'none' } }),
    checking: task({ run: 'check', input: ({ context }) => context.pin, on: { done: [{ target: 'right', guard: ({ event }) => event.output === true }, 'asking'], failed: 'none' } }),
    right: { type: 'final', output: ({ context }) => context.pin },
    none: { type: 'final', output: '' },
  },
});

/** Runs a dialog that has a task of its own. */
export const vault = callMachine('vault', {
  initial: 'pin',
  states: { pin: dialog(pin, { on: { done: 'open' } }), open: hangup('It is open.') },
});

/** Plays something and waits for time to pass. */
export const clock = callMachine('clock', {
  initial: 'first',
  states: {
    first: { entry: play('One.'), after: { 2_000: 'second' } },
    second: { entry: play('Two.'), after: { 3_000: 'third' } },
    third: hangup('Three.'),
  },
});

/** Does not take the call. */
export const closed = callMachine('closed', { initial: 'no', states: { no: reject('busy') } });

/** Says whether its jingle was heard. */
export const jingle = callMachine('jingle', {
  initial: 'jingle',
  states: {
    jingle: prompt({ audio: 'https://example.com/jingle.wav' }, { on: { done: 'heard', failed: 'unheard' } }),
    heard: hangup('You heard it.'),
    unheard: hangup('You missed it.'),
  },
});

/** Its code fails when it is asked to go on. */
export const broken = callMachine<{ readonly n: number }>()('broken', {
  context: { n: 0 },
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'Press 1 to go on.', choices: { on: '1' }, on: { on: 'boom', exhausted: 'boom' } }),
    boom: hangup(() => {
      throw new Error('no such table');
    }),
  },
});
