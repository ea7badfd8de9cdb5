/**
 * Reminder — your application calls patients on the day before, and this bot talks to whoever answers.
 *
 * A person confirms the appointment, cancels it or asks for another time. An answering machine is told to call back, and no more: nobody
 * knows who listens to it. Who calls the number that he missed is asked the same. Replace the functions of `practice.ts`, and place
 * the calls with machine detection; a service that has none takes everybody for a person.
 */
import { assign } from 'xstate';
import { callMachine, hangup, personOn, recognize, task } from 'callchart';
import { type Answer, Appointment, find, note } from './practice.ts';

interface Context {
  readonly id: string;
  readonly when: string;
  readonly answer: Answer;
}

const input = ({ context: { id, answer } }: { readonly context: Context }) => ({ id, answer });

export default callMachine<Context>()('reminder', {
  context: { id: '', when: '', answer: 'none' },
  initial: 'finding',
  tasks: { find, note },
  states: {
    finding: task({
      run: 'find', input: ({ context }) => personOn(context.call), output: Appointment, timeoutMs: 5_000,
      on: {
        done: [
          { guard: ({ context }) => context.call.answeredBy === 'fax', target: 'gone' },
          { guard: ({ event }) => event.output === null, target: 'mistaken' },
          { guard: ({ context }) => context.call.answeredBy === 'machine', target: 'greeting', actions: assign({ id: ({ event }) => event.output?.id ?? '', answer: 'machine' }) },
          { target: 'asking', actions: assign(({ event }) => ({ id: event.output?.id ?? '', when: event.output?.when ?? '' })) },
        ],
        failed: 'gone',
      },
    }),

    greeting: { after: { 3_000: 'noting' } }, // the rest of what the machine says itself
    noting: task({ run: 'note', input, timeoutMs: 5_000, on: { done: 'message', failed: 'message' } }),
    message: hangup('Hello. This is the Lake Street practice. Please call us back at 020 7946 0123. Thank you.'),

    asking: recognize({
      prompt: ({ context }) => `Hello, this is the Lake Street practice. You have an appointment ${context.when}. If you come press 1, to cancel press 2, for another time press 3.`,
      choices: { come: ['1', 'yes', 'I come'], cancel: '2', other: ['3', 'another time'] }, timeoutMs: 8_000,
      on: {
        come: { target: 'saving', actions: assign({ answer: 'confirmed' }) }, cancel: { target: 'saving', actions: assign({ answer: 'cancelled' }) },
        other: { target: 'saving', actions: assign({ answer: 'another time' }) }, exhausted: 'unanswered',
      },
    }),
    saving: task({ run: 'note', input, timeoutMs: 10_000, filler: 'One moment, please.', on: { done: 'saved', failed: 'unsaved' } }),
    saved: hangup(({ context }) => partings[context.answer]),
    unsaved: hangup('I could not write that down. Please call us at 020 7946 0123.'),
    unanswered: hangup('We call again later. Goodbye.'),
    mistaken: hangup('Excuse us, we have no appointment for this number. Goodbye.'),
    gone: hangup(),
  },
});

const partings: Readonly<Record<Answer, string>> = {
  confirmed: 'Thank you. We look forward to seeing you. Goodbye.', cancelled: 'Your appointment is cancelled. Goodbye.',
  'another time': 'The desk calls you to find another time. Goodbye.', machine: 'Goodbye.', none: 'Goodbye.',
};
