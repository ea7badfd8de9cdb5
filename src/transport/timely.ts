/**
 * Timely — a reply while the service still waits for it, whatever has become of what keeps the calls.
 *
 * A reply that is held back has its filler before that; what comes later than both is a store that does not answer. The
 * service is told so (503, `Retry-After`), and its retry gets the stored reply if the event was taken after all.
 *
 * @module
 */
import { CallError } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { Reply } from './deliver.ts';
import { within } from './within.ts';

/** However short a service waits: a store that answers is not later than this, ms. */
export const leastPatienceMs = 1_000;

/** How long before the deadline an answer is on its way, ms: what is decided by then is not thrown away. */
const wayBackMs = 100;

/** `reply` by the deadline, less the way back (a quarter of `marginMs` at most), by the time of `clock`. */
export const inTime = (reply: Promise<Reply>, deadlineAt: number, clock: Clock, marginMs: number): Promise<Reply> => {
  const now = clock.now();
  const forMs = Math.max(deadlineAt - Math.min(wayBackMs, marginMs / 4) - now, leastPatienceMs);
  return clock.working === undefined ? within(reply, forMs, late) : byHand(reply, now + forMs, clock);
};

/** By a clock that somebody moves. */
const byHand = (reply: Promise<Reply>, at: number, { setTimer }: Clock): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const disarm = setTimer(at, () => reject(late()), true);
    reply.then(resolve, reject).finally(disarm);
  });

const late = (): CallError<'ERR_STORE_UNAVAILABLE'> => new CallError('ERR_STORE_UNAVAILABLE', 'what keeps the calls has not answered for as long as the service waits', { reason: 'locked' });
