/**
 * Reminders — remind a caller who is told nothing by replies that he is not alone, while the bot waits for itself.
 *
 * @module
 */
import type { Clock } from '../clock.ts';
import type { CallRef } from '../host.ts';
import type { CallRecord } from '../record.ts';
import type { CallService } from '../service.ts';
import { refOf } from './telling.ts';
import { wantsReminder } from './waiting.ts';

export interface Reminders {
  /** The call is `record` now, and its caller has heard nothing for `waited` ms already, by whose clock ever. */
  set(record: CallRecord, waited?: number): void;
  /** Calls all of them off. */
  close(): void;
}

/** Makes the one that reminds. `due`: something is to be said in the call. */
export const reminders = ({ style, replyWithinMs, fillAfterMs = Infinity }: CallService, clock: Clock, isClosing: () => boolean, due: (ref: CallRef) => void): Reminders => {
  const disarms = new Map<string, () => void>();
  return {
    set: (record, waited = 0) => {
      if (style !== 'command') return;
      const { call: { id: callId } } = record.snapshot;
      disarms.get(callId)?.();
      disarms.delete(callId);
      if (isClosing() || !wantsReminder(record)) return;
      disarms.set(callId, clock.setTimer(clock.now() + Math.max(0, Math.min(fillAfterMs, replyWithinMs) - Math.max(0, waited)), () => {
        disarms.delete(callId);
        due(refOf(record));
      }));
    },
    close: () => disarms.forEach((disarm) => disarm()),
  };
};
