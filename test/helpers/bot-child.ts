/**
 * A process that serves a bot from a folder of calls, for tests that kill it: `bot-child.ts <folder> [dies]`. Prints
 * `listening <port>` once it takes calls.
 *
 * With `dies` it kills itself after the commit that answers `die here`, before the reply has left: the moment between
 * commit and reply, which nobody could hit from outside.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { assign } from 'xstate';
import { callMachine, hangup, recognize, task } from 'callchart';
import { botframework, lmdbStore, serve } from 'callchart/transport';

const [folder = '', dies] = process.argv.slice(2);

const bot = callMachine<{ count: number }>()('survivor', {
  context: { count: 0 },
  initial: 'ask',
  filler: 'One moment.',
  cleanup: (_, { taskId }) => {
    writeSync(1, `cleanup ${taskId}\n`);
    if (dies === 'in-cleanup') process.kill(process.pid, 'SIGKILL');
  },
  states: {
    ask: recognize({
      prompt: ({ context }) => `Count ${context.count}.`, choices: { up: '1', work: '2', stop: '3' },
      on: { up: { target: 'ask', reenter: true, actions: assign({ count: ({ context }) => context.count + 1 }) }, work: 'work', stop: 'bye', exhausted: 'bye' },
    }),
    work: task({
      run: async (_: unknown, { taskId }: { readonly taskId: string }) => {
        writeSync(1, `work ${taskId}\n`);
        if (dies === 'in-task') process.kill(process.pid, 'SIGKILL');
        return 'done';
      },
      on: { done: 'worked', failed: 'bye' },
    }),
    worked: hangup('It is done.'),
    bye: hangup('Bye.'),
  },
});

const server = await serve({
  service: botframework({ appId: 'the-app-id', appPassword: 'a password of the tests', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://issuer.test/openid', issuer: 'https://issuer.test', verify: async () => {}, replyWithinMs: 10_000 }),
  bots: bot,
  store: await lmdbStore({ folder }),
  roundMs: 20,
  port: 0,
  onStep: ({ result }) => {
    if (dies === 'after-commit' && JSON.stringify(result.batch).includes('Count 1.')) process.kill(process.pid, 'SIGKILL');
  },
});
writeSync(1, `listening ${server.port}\n`);
