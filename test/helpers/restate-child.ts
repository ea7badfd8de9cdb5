/**
 * A process that does what a server of Restate gives it, for tests that kill it: `restate-child.ts <ingress> <admin> <port> <name> [hangs|serves|dies]`.
 * It prints `ready` once it is registered, and `work <task id>` when it is given a task; with `hangs` it never ends one. With `serves` it takes calls of a bot
 * that decides by chance, and prints `at <url>` and `decided <what>`; with `dies` it kills itself as soon as the second step of a call is told of.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { assign } from 'xstate';
import { callMachine, hangup, recognize } from 'callchart';
import { type Engine, gatherBots, restateEngine, silentLog } from 'callchart/transport';
import { rig, stubService } from '../transport/rig.ts';
import { worker } from './worker-bot.ts';

const [ingress = '', admin = '', port = '', name = '', how] = process.argv.slice(2);

const make = await restateEngine({ ingress, admin, listen: `127.0.0.1:${port}`, name });
const registered = async (engine: Engine): Promise<void> => {
  while (!(await engine.check().then(() => true, () => false))) await new Promise((resolve) => setTimeout(resolve, 20));
};

const decided = (): string => {
  const n = String(Math.random());
  writeSync(1, `decided ${n}\n`);
  return n;
};

const service = stubService({ replyWithinMs: 10_000 });
const bot = worker(async (taskId) => {
  writeSync(1, `work ${taskId}\n`);
  if (how === 'hangs') await new Promise(() => setInterval(() => {}, 60_000));
  return 'done';
});
const chancy = callMachine<{ n: string }>()('chancy', {
  context: { n: '' },
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'Menu.', choices: { on: '1' }, on: { on: { target: 'next', actions: assign({ n: decided }) as never }, exhausted: 'bye' } }),
    next: recognize({ prompt: ({ context }) => `Next ${context['n']}.`, choices: { on: '1' }, on: { on: 'bye', exhausted: 'bye' } }),
    bye: hangup('Bye.'),
  },
} as never);

let steps = 0;
const onStep = (): void => {
  steps += 1;
  if (how === 'dies' && steps === 2) process.kill(process.pid, 'SIGKILL');
};

if (how === 'serves' || how === 'dies') {
  let engine: Engine | undefined;
  const { url } = await rig(chancy, { now: Date.now, marginMs: 500, service, onStep, engine: (options) => (engine = make(options)) });
  writeSync(1, `at ${url}\n`);
  await registered(engine!);
} else await registered(make({ bots: gatherBots({ '/api/calls': bot }, service), service, log: silentLog }));
writeSync(1, 'ready\n');
