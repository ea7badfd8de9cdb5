/**
 * Replays — a recorded call as a test: the bot has it again, and everything comes out as it was.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { type CallLog, logText, readLog, replay, type Replay } from '../machines/index.ts';

/**
 * Expects that `bot` has the call of `log` again as it was: every batch to the byte, or of a masked log its way. `log` is one, or the text or the lines of one. That
 * the log ends before the call does is no difference here, and neither is another version of the bot: it is what such a test is for.
 *
 * @throws `ERR_EXPECTATION` with the first difference; `ERR_LOG_INVALID` for what is no log of this bot
 * @example
 * ```ts
 * replays(acme, readFileSync('calls/acme-1.jsonl', 'utf8'));
 * ```
 */
export const replays = (bot: AnyStateMachine, log: CallLog | string | readonly object[]): Replay => {
  const read = readLog(typeof log === 'string' ? log : isLines(log) ? log.map((line) => JSON.stringify(line)).join('\n') : logText(log));
  const replayed = replay(bot, read, { anyVersion: true });
  const { outcome, at, steps } = replayed;
  if (outcome === 'same' || at === undefined || (outcome === 'unexamined' && steps === read.steps.length)) return replayed;
  const values = at.recorded === undefined ? [] : [`  recorded  ${at.recorded}`, `  replayed  ${at.replayed ?? ''}`];
  throw new CallError('ERR_EXPECTATION', [`line ${at.line} of the log, state \`${at.state}\`: ${at.what}`, ...values].join('\n'), {});
};

const isLines = (log: CallLog | readonly object[]): log is readonly object[] => Array.isArray(log);
