/**
 * Session coverage — what of the bot the calls of this command have met so far, whichever way it was saved meanwhile.
 *
 * @module
 */
import type { CoverageShown } from '../../page/protocol.ts';

/** A bot, by what there is to be covered of it. */
type Covered = Pick<CoverageShown, 'chart' | 'points' | 'arrows'>;

/** The count of a command. */
export interface SessionCoverage {
  /** As it stands; undefined while no bot was loaded. */
  readonly shown: CoverageShown | undefined;
  /** The bot is another one now. What was met of the one before counts, as far as it is there still. */
  of(bot: Covered): CoverageShown;
  /** A step came by these. */
  meets(names: readonly string[]): void;
}

/** A count that begins with nothing, beside what was counted before. */
export const sessionCoverage = (given?: CoverageShown['given']): SessionCoverage => {
  const session: Record<string, number> = {};
  let current: Covered | undefined;
  const shownOf = (bot: Covered): CoverageShown => ({ ...bot, session, ...(given !== undefined && { given }) });
  return {
    get shown() {
      return current === undefined ? undefined : shownOf(current);
    },
    of: (bot) => {
      current = bot;
      return shownOf(bot);
    },
    meets: (names) => {
      for (const name of names) session[name] = (session[name] ?? 0) + 1;
    },
  };
};
