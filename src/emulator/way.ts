/**
 * Way — how the messages of one call travel from the service to the bot: at once and once each, unless there is to be trouble.
 *
 * A message that is late is so by the machine's own time, which is none in that of a script. One that is delivered twice is the same
 * message both times, and of two answers the first counts; where messages overtake one another, the second delivery comes behind the message
 * that follows. An answer that is lost is waited for all the same: a service that hears nothing tries again no sooner.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LineTrouble } from './line-trouble.ts';
import type { Message, Posted } from './post.ts';

/** What a way is made of. */
export interface WayOptions {
  readonly trouble: LineTrouble;
  /** Posts a message until it is answered or given up; `isCopy`: nobody waits for that, and it is tried once. */
  readonly post: (target: string, message: Message, isCopy: boolean) => Promise<Posted>;
  /** Told of what is on its way beside the call. */
  readonly beside: (work: Promise<unknown>) => void;
  /** Told what a person would be told of a message that is sent again. */
  readonly onRetry: (text: string) => void;
  /** From now on nothing is late. */
  readonly closing: AbortSignal;
}

/** The way of one call. */
export interface Way {
  /** Brings `message` to `target`, and the answer back. */
  bring(target: string, message: Message): Promise<Posted>;
  /** Brings what was held back for something that does not follow any more. */
  end(): void;
}

/** Opens one. */
export const openWay = ({ trouble: { delayMs = 0, twice = false, reordered = false, lost = false }, post, beside, onRetry, closing }: WayOptions): Way => {
  const held: (() => void)[] = [];

  const late = async (): Promise<void> => {
    if (delayMs > 0) await delay(delayMs, undefined, { signal: closing }).catch(() => {}); // the emulator is closed, and does not wait
  };

  const release = (): void => {
    for (const bring of held.splice(0)) bring();
  };

  return {
    bring: async (target, message) => {
      await late();
      const answered = post(target, message, false);
      const copy = twice && !reordered ? post(target, message, true) : undefined;
      copy?.catch(() => {});
      const posted = await answered;
      release();
      if (copy !== undefined) beside(copy); // as long as the bot holds its answer back it holds back both, and time goes on
      if (twice && reordered) held.push(() => beside(post(target, message, true)));
      if (!lost || posted.got === 'unreachable') return posted;
      onRetry('the answer of the bot is lost; the message is sent again');
      await late();
      return post(target, message, false);
    },
    end: release,
  };
};
