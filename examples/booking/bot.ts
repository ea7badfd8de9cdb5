/**
 * Booking — a practice that gives appointments by telephone: which day, which time, and is that right.
 *
 * The caller can go back with star and cancel with 9 at every question. A time that somebody else has taken while the caller
 * made up his mind is told, and others on that day are offered. Replace the three functions of `diary.ts`.
 */
import { assign } from 'xstate';
import { callMachine, dialog, hangup, prompt, task, waterfall } from 'callchart';
import { book, Booked, freeDays, freeTimes } from './diary.ts';

interface Context {
  /** What the caller wants, or wanted when it was taken; empty before. */
  readonly day: string;
  readonly time: string;
}

const dayText = (day: string): string => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long' }).format(Date.parse(day));
const weekday = (day: string): string => dayText(day).split(' ')[0] ?? '';
const timeText = (time: string): string => time.replace(/^0/, '');

/** The keys 1, 2, 3 for `names`, each with the words for it. */
const keyed = (names: readonly string[], words: (name: string) => string) => Object.fromEntries(names.map((name, index) => [name, [String(index + 1), words(name)]]));
/** The same as a question. */
const listed = (names: readonly string[], words: (name: string) => string): string => `${names.map((name, index) => `For ${words(name)} press ${index + 1}.`).join(' ')} To cancel press 9.`;

/** Whether the day is still to be chosen. */
const isNew = ({ input }: { readonly input: Context }): boolean => input.day === '';

const appointment = waterfall<Context>('appointment', { back: ['*', 'back'], cancel: ['9', 'cancel'] })
  .run('days', freeDays, { when: isNew, timeoutMs: 10_000 })
  .ask('day', { when: isNew, prompt: ({ results }) => listed(results.days ?? [], dayText), choicesFrom: ({ results }) => keyed(results.days ?? [], weekday) })
  .run('times', ({ results, input }) => freeTimes(results.day ?? input.day), { timeoutMs: 10_000 })
  .ask('time', { prompt: ({ results }) => `${listed(results.times, timeText)} For another day press star.`, choicesFrom: ({ results }) => keyed(results.times, timeText) })
  .confirm('sure', { prompt: ({ results, input }) => `${dayText(results.day ?? input.day)} at ${timeText(results.time)}. Shall I book that?` })
  .end();

export default callMachine<Context>()('booking', {
  context: { day: '', time: '' },
  initial: 'welcome',
  waive: { 'no-person': 'the desk has a number of its own, which is told where this line cannot help' },
  tasks: { book },
  filler: 'One moment, please.',
  states: {
    welcome: prompt('Welcome to the Lake Street practice. When would you like to come?', 'appointment'),
    appointment: dialog(appointment, {
      input: ({ context: { day, time } }) => ({ day, time }),
      on: {
        completed: [
          { guard: ({ event }) => event.output.results.sure, target: 'booking', actions: assign(({ context, event: { output } }) => ({ day: output.results.day ?? context.day, time: output.results.time })) },
          { target: 'appointment', actions: assign({ day: '', time: '' }) },
        ],
        back: { target: 'appointment', actions: assign({ day: '', time: '' }) },
        cancelled: 'cancelled',
        notCompleted: [
          { guard: ({ event }) => event.output.error?.code === 'FULL', target: 'full' },
          { guard: ({ event }) => event.output.error !== null, target: 'failed' },
          'bye',
        ],
      },
    }),
    booking: task({
      run: 'book', input: ({ context }) => ({ day: context.day, time: context.time, number: context.call.from }), output: Booked, timeoutMs: 10_000,
      on: { done: [{ guard: ({ event }) => event.output === 'booked', target: 'booked' }, 'taken'], failed: 'failed' },
    }),
    taken: prompt(({ context }) => `I am sorry, ${timeText(context.time)} has just been taken.`, 'appointment'),

    booked: hangup(({ context }) => `You are expected on ${dayText(context.day)} at ${timeText(context.time)}. Goodbye.`),
    cancelled: hangup('Nothing is booked. Goodbye.'),
    full: hangup('Nothing is free in the next weeks. Please call our desk at 020 7946 0123.'),
    failed: hangup('I cannot get at our diary. Please call our desk at 020 7946 0123.'),
    bye: hangup('Nothing is booked. Please call again when you know when you would like to come. Goodbye.'),
  },
});
