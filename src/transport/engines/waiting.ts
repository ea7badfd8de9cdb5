/**
 * Waiting — what is said, and after how long, while a call waits for its own tasks and timers. Pure.
 *
 * @module
 */
import { isLater, isOutcome, type ServiceEvent } from '../../machines/index.ts';
import type { Bots } from '../bots.ts';
import type { CallRecord } from '../record.ts';
import type { CallService } from '../service.ts';

/** Whether the call has nothing to say before one of its tasks or timers is done. */
export const isWaiting = ({ snapshot: { parked, tasks, timers } }: CallRecord): boolean => parked.length === 0 && tasks.length + timers.length > 0;

/** How long the caller goes without a word while the bot waits for itself, ms. On hold he hears something all the time. */
export const patienceWith = ({ snapshot: { held } }: CallRecord, { fillAfterMs = Infinity }: CallService): number => (held === null ? fillAfterMs : 0);

/** `given`, or what stands for nothing to say where an empty reply would end the call: what the call is about now, once more. */
export const spoken = (given: string, { snapshot: { bot, ended, awaiting }, replies }: CallRecord, service: CallService, bots: Bots): string => {
  if (given !== '' || service.style === 'command' || service.idle === undefined) return given;
  return (ended === null && awaiting !== null ? replies.at(-1)?.body : undefined) ?? service.idle({ over: ended !== null, path: bots.pathOf(bot) });
};

/**
 * What the call is about now, once more, where a request tells how it went with what the record has not come to: the call had moved on, and its
 * record was put back, as from a backup. With nothing said to him the caller would be hung up. Undefined of all other calls.
 */
export const saidAgain = ({ snapshot: { call: { id }, ended, awaiting, revision }, replies }: CallRecord, events: readonly ServiceEvent[], service: CallService): string | undefined => {
  if (service.style === 'command' || ended !== null || awaiting === null || !events.some((event) => isOutcome(event) && isLater(id, revision, event.operationId))) return undefined;
  return replies.at(-1)?.body ?? undefined;
};

/** Whether a caller who is told nothing by replies is to be reminded that he is not alone, while the bot waits for itself. */
export const wantsReminder = (record: CallRecord): boolean => {
  const { ended, awaiting, held } = record.snapshot;
  return ended === null && awaiting === null && held === null && isWaiting(record);
};

/**
 * A bot that goes from one piece of work to the next without end, and never hears from outside, may do so many at once; then
 * one every {@link paceMs}, so that the process and its other calls live. It is not ended: to ask a system again and again may be
 * what the author wants, and the caller can always hang up.
 */
export const freeWorks = 64;

export const paceMs = 50;
