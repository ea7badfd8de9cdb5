/**
 * Runs many commands in one process, one after the other: standard input is the list of them, standard output what came of each. A script is a
 * file, since standard input is taken.
 */
import { text as textOf } from 'node:stream/consumers';
import { call } from '../../src/cli/call.ts';
import { check } from '../../src/cli/check.ts';
import { tell } from '../../src/cli/failure.ts';
import type { Command } from './run.ts';

/** What `work` writes, and how it ends. */
const captured = async (work: () => Promise<number>): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> => {
  const written = { stdout: '', stderr: '' };
  const restored = (['stdout', 'stderr'] as const).map((name) => {
    const { write } = process[name];
    process[name].write = (text: string | Uint8Array) => {
      written[name] += String(text);
      return true;
    };
    return () => void (process[name].write = write);
  });
  const code = await work().catch(tell);
  for (const restore of restored) restore();
  return { code, ...written };
};

const commands = JSON.parse(await textOf(process.stdin)) as readonly Command[];
const ran = [];
for (const { command, bot, options } of commands) ran.push(await captured(() => (command === 'check' ? check(bot, options) : call(bot, options, []))));
process.stdout.write(JSON.stringify(ran), () => process.exit(0));
