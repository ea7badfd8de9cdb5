/**
 * Child — the end of the wire to the bench: a contestant tells its port, its CPU time and its profile when asked.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

/** What the contestant is to be: the one argument of its process. */
export const options = JSON.parse(process.argv[2] ?? '{}');

const session = new Session();

const answers = {
  usage: () => ({ cpu: process.cpuUsage(), memory: process.memoryUsage() }),
  profile: async () => {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
  },
  profiled: async ({ file }) => {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(file, JSON.stringify(profile));
  },
  exit: () => process.exit(0),
};

/** Says that the contestant listens, and answers the bench from then on. */
export const ready = (port) => {
  process.on('message', (message) => void Promise.resolve(answers[message.ask](message)).then((answer) => process.send?.({ answer: answer ?? null })));
  process.on('disconnect', () => process.exit(0));
  process.send?.({ port });
};
