/**
 * Session coverage — what of the bot the calls of this command have met so far, whichever way it was saved meanwhile.
 *
 * @module
 */
import type { CoverageShown } from '../../page/protocol.ts';

/** A bot, by what there is to be covered of it; and what of it calls of before have met. */
type Covered = Omit<CoverageShown, 'session'>;

/** The count of a command. */
export interface SessionCoverage {
  /** As it stands; undefined while no bot was loaded. */
  readonly shown: CoverageShown | undefined;
  /** The bot is another one now. What was met of the one before counts, as far as it is there still. */
  of(bot: Covered): CoverageShown;
  /** A step came by these. */
  meets(names: readonly string[]): void;
}

/** A count that begins with nothing. */
export const sessionCoverage = (): SessionCoverage => {
  const session: Record<string, number> = {};
  let current: Covered | undefined;
  return {
    get shown() {
      return current === undefined ? undefined : { ...current, session };
    },
    of: (bot) => {
      current = bot;
      return { ...bot, session };
    },
    meets: (names) => {
      for (const name of names) session[name] = (session[name] ?? 0) + 1;
    },
  };
};
