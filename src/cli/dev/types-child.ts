/**
 * Types child — a process that has the types of the bot checked once, by the compiler of the author's project, and says what that found.
 *
 * @module
 */
import { readSource } from '../../inspector/chart/source.ts';
import { botFile } from '../load-bot.ts';
import type { TypesTold } from './bot-talk.ts';
import { compiled } from './compiler.ts';

const stop = new AbortController();

const look = async (path: string): Promise<TypesTold> => {
  const file = await botFile(path);
  const source = await readSource(file);
  const found = await compiled(file, source, stop.signal);
  return 'mistakes' in found ? { type: 'typed', files: source.files, ...found } : { type: 'untyped', files: source.files, ...found };
};

/** The compiler ends with this process. */
const end = (): void => {
  stop.abort();
  process.exit(0);
};

process.on('disconnect', end);
process.on('SIGTERM', end);
process.on('SIGINT', () => {}); // the phone process says when it is time
const told = await look(process.argv[2] ?? '.').catch((error: unknown): TypesTold => ({ type: 'untyped', files: [], sentence: `Types are not checked: ${error instanceof Error ? error.message : String(error)}` }));
process.send?.(told, () => process.exit(0));
