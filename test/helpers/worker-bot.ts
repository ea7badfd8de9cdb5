/**
 * A bot that does some work in the middle of a call.
 *
 * @module
 */
import { callMachine, hangup, recognize, task, type TaskArgs } from 'callchart';

export const worker = (work: (taskId: string, args: TaskArgs) => Promise<unknown>) =>
  callMachine('worker', {
    initial: 'ask',
    filler: 'One moment.',
    states: {
      ask: recognize({ prompt: 'Shall I work?', choices: { yes: '1', no: '2' }, on: { yes: 'work', no: 'bye', exhausted: 'bye' } }),
      work: task({ run: (_: unknown, args: TaskArgs) => work(args.taskId, args), on: { done: 'worked', failed: 'failed' } }),
      worked: hangup('It is done.'),
      failed: hangup('It failed.'),
      bye: hangup('Bye.'),
    },
  });
