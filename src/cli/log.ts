/**
 * Log — pino, as JSON lines on stderr, so that stdout is the command's own.
 *
 * @module
 */
import { destination, pino } from 'pino';
import type { Log } from '../transport/index.ts';
import { wrong } from './arguments.ts';

/** A log that writes from `level` on. @throws `ERR_OPTION_INVALID` for a level that pino does not have. */
export const openLog = (level: string): Log => {
  const levels = [...Object.keys(pino.levels.values), 'silent'];
  if (!levels.includes(level)) throw wrong('CALLCHART_LOG_LEVEL', `CALLCHART_LOG_LEVEL is one of ${levels.join(', ')}`);
  return pino({ level, name: 'callchart' }, destination({ dest: 2, sync: true }));
};
