/**
 * Call log file — the log of the one call of `callchart call --log <file>`.
 *
 * @module
 */
import { appendFile, writeFile } from 'node:fs/promises';
import type { CallLogs } from '../transport/index.ts';
import { wrong } from './arguments.ts';
import { spareBot } from './written-files.ts';

/** Writes the log of the latest call as `file`, which is made now. @throws `ERR_OPTION_INVALID` where it cannot be */
export const fileCallLogs = async (file: string, masked: boolean): Promise<CallLogs> => {
  await spareBot(file, 'log');
  await writeFile(file, '', { mode: 0o600 }).catch(() => {
    throw wrong('log', `${file} cannot be written`);
  });
  return { masked, append: ({ begins, head, lines }) => (begins ? writeFile(file, head + lines) : appendFile(file, lines)) };
};
