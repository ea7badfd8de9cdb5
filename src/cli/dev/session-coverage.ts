/**
 * Session coverage — what of the bot the calls of this command have met so far, whichever way it was saved meanwhile.
 *
 * @module
 */
import type { CoverageShown, PointShown } from '../../page/protocol.ts';

/** The count of a command. */
export interface SessionCoverage {
  /** As it stands; undefined while no bot was loaded. */
  readonly shown: CoverageShown | undefined;
  /** The bot is another one now: with this chart, and these points. What was met of the one before counts, as far as it is there still. */
  of(chart: string, points: readonly PointShown[]): CoverageShown;
  /** A step has met these points. */
  meets(points: readonly string[]): void;
}

/** A count that begins with nothing, beside what was counted before. */
export const sessionCoverage = (given?: CoverageShown['given']): SessionCoverage => {
  const session: Record<string, number> = {};
  let current: Pick<CoverageShown, 'chart' | 'points'> | undefined;
  const shownOf = (bot: Pick<CoverageShown, 'chart' | 'points'>): CoverageShown => ({ ...bot, session, ...(given !== undefined && { given }) });
  return {
    get shown() {
      return current === undefined ? undefined : shownOf(current);
    },
    of: (chart, points) => {
      current = { chart, points };
      return shownOf(current);
    },
    meets: (points) => {
      for (const id of points) session[id] = (session[id] ?? 0) + 1;
    },
  };
};
