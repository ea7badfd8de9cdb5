/** An inline function reads what the event does not have. */
import { callMachine, hangup, play, recognize, task } from 'callchart';

export default callMachine('refused', {
  initial: 'menu',
  states: {
    menu: recognize({
      choices: { sales: '1' },
      on: {
        // refused: Property 'digits' does not exist
        sales: { target: 'work', guard: ({ event }) => event.digits === '1' },
        exhausted: 'work',
      },
    }),
    work: task({
      run: async () => ({ eta: 1 }),
      on: {
        // refused: Property 'ETA' does not exist
        done: { target: 'hello', guard: ({ event }) => event.output.ETA > 1 },
        failed: 'bye',
      },
    }),
    hello: {
      entry: play('Hello.'),
      on: {
        // refused: Property 'via' does not exist
        'play.done': { target: 'bye', guard: ({ event }) => event.via === 'dtmf' },
      },
    },
    bye: hangup(),
  },
});
