/**
 * Coverage — what the calls of a test have come by of a bot, so that a test can hold them to all of it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Counter, coverageCounter, type CoverageReport, coverageReport } from '../machines/index.ts';

/** Counts the calls that it is given to: `dial(bot, { coverage })`. */
export interface Coverage extends Counter {
  /** The bot whose calls it counts. */
  readonly bot: AnyStateMachine;
  /** How much was covered so far, and what was not. */
  report(): CoverageReport;
}

/**
 * Counts calls of `bot`.
 *
 * @throws `ERR_BOT_INVALID` for a machine that `callMachine` did not make
 * @example
 * ```ts
 * const counted = coverage(acme);
 * for (const keys of ['1', '2']) dial(acme, { coverage: counted }).presses(keys).isHungUp();
 * expect(counted.report().missed.map(({ id }) => id)).to.deep.equal([]); // what no call came by
 * ```
 */
export const coverage = (bot: AnyStateMachine): Coverage => {
  const { count, tally } = coverageCounter(bot);
  return { bot, count, tally, report: () => coverageReport(bot, tally()) };
};
