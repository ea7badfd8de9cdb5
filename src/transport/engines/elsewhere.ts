/**
 * Elsewhere — looks whether another process has done the work that a held request waits for, or has answered the same
 * request: it is on record then.
 *
 * @module
 */
import type { Clock } from '../clock.ts';
import type { CallRef } from '../host.ts';
import { type Log, thrown } from '../log.ts';
import { type CallRecord, replyTo } from '../record.ts';
import type { Holder } from './heartbeat.ts';
import type { HeldRequests } from './held.ts';
import type { Transactor } from './transact.ts';
import type { Turns } from './turns.ts';
import { isWaiting } from './waiting.ts';

export interface ElsewhereOptions extends Pick<Transactor, 'warmed' | 'changed'> {
  readonly clock: Clock;
  readonly log: Log;
  readonly turns: Turns;
  readonly held: HeldRequests;
  readonly holder: Holder;
  /** What is to be said to the held request of a call whose turn it is, is due. */
  readonly due: (callId: string) => Promise<unknown>;
}

/** Makes the looks for a call, the first of which finds all that is on record new. None of them rejects. */
export const lookingElsewhere = ({ warmed, changed, clock, log, turns, held, holder, due }: ElsewhereOptions): ((ref: CallRef) => () => Promise<void>) => {
  /** Whether all that the call waits for is this process's own, and its timers are not due: nothing is looked for meanwhile. */
  const isOurs = ({ snapshot: { tasks, timers, parked }, leasedBy }: CallRecord): boolean =>
    parked.length === 0 && tasks.every(({ id }) => leasedBy[id] === holder.name()) && timers.every(({ dueAt }) => dueAt > clock.now()) && tasks.length + timers.length > 0;

  return (ref) => {
    let revision = 0;
    let hasFailed = false;
    return async () => {
      const warm = warmed(ref.call);
      if (warm !== undefined && isOurs(warm)) return;
      try {
        await turns.take(ref.call, async () => {
          const request = held.of(ref.call);
          const kept = request === undefined ? undefined : await changed(ref.call, revision);
          if (request === undefined || kept === undefined) return;
          if (!isWaiting(kept.record) || replyTo(kept.record, request) !== null) await due(ref.call);
          ({ revision } = kept);
        });
        hasFailed = false;
      } catch (error) {
        if (!hasFailed) log.warn({ ...ref, ...thrown(error) }, 'held reply not looked for');
        hasFailed = true;
      }
    };
  };
};
