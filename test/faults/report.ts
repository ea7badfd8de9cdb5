/**
 * Report — a row and its figures, as one line.
 *
 * @module
 */
import type { Row } from './rows.ts';
import type { Figures } from './run-calls.ts';

/** The line of `row`. */
export const line = ({ id, fault }: Pick<Row, 'id' | 'fault'>, { calls, requests, duplicates, kills, commands, worstMs, worstWithOutageMs, faults, note }: Figures): string =>
  `${id.padEnd(3)} ${faults.length === 0 ? '✔' : '✘'} ${fault}: ${calls} calls, ${requests} requests, ${duplicates} sent twice, ${commands} commands, ${kills} kills; longest silence ${worstMs} ms, with outages ${worstWithOutageMs} ms${note === undefined ? '' : `; ${note}`}`;
