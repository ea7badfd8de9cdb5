/**
 * Next record — what is kept of a call after what was decided, made of what was kept before. Pure.
 *
 * @module
 */
import type { PendingTask, StepEvent } from '../../machines/index.ts';
import { timesAskedAgain } from '../detail.ts';
import { type CallRecord, hasSeen, type Leases, unasked, withReply } from '../record.ts';
import type { Decided } from './decide.ts';
import type { Settled } from './happening.ts';

/** What else is known of a step. */
interface Bringing {
  readonly leasedBy: Leases;
  readonly request: string | undefined;
  readonly chain: string | undefined;
}

/** The record after the step that `event` came to. */
export const afterStep = (before: CallRecord | undefined, event: StepEvent, { result: { snapshot }, body, outbox, memory }: Decided, { leasedBy, request, chain }: Bringing): CallRecord => {
  const { seen = '', replies = [], heardAt = event.at, begunAt = event.at, answeredAt = null, askedAgain = 0, tasksBegun = 0, quarantined } = before ?? {};
  return {
    snapshot,
    heardAt: event.type === 'service' ? event.at : heardAt,
    begunAt,
    answeredAt: answeredAt ?? (snapshot.answered ? event.at : null),
    askedAgain: askedAgain + timesAskedAgain(before?.snapshot.machine, snapshot.machine),
    tasksBegun: snapshot.tasks.length === 0 || snapshot.ended !== null ? tasksBegun : tasksBegun + snapshot.tasks.filter((task) => isNew(before, task)).length,
    leasedBy,
    chain: chain ?? before?.chain,
    seen: withSeen(seen, request),
    replies: keptReplies(request !== undefined ? withReply(replies, request, body) : body === null ? replies : withReply(replies, unasked, body), snapshot.ended !== null),
    memory,
    outbox,
    quarantined,
    ...(before?.endAsked !== undefined && event.type !== 'end.asked' && snapshot.ended === null && { endAsked: before.endAsked }),
  };
};

/** The record after something at `at` in which the bot had no part. */
export const afterNote = (before: CallRecord, { outbox, memory }: Pick<Settled, 'outbox' | 'memory'>, leasedBy: Leases, request: string | undefined, at: number): CallRecord =>
  ({ ...before, outbox, memory, heardAt: at, leasedBy, seen: withSeen(before.seen, request) });

/** Whether there is a request that is not on record yet. */
export const isUnseen = (before: CallRecord, request: string | undefined): boolean => request !== undefined && !hasSeen(before, request);

const withSeen = (seen: string, request: string | undefined): string => (request === undefined || seen.includes(request) ? seen : seen === '' ? request : `${seen} ${request}`);

const isNew = (before: CallRecord | undefined, { id }: PendingTask): boolean => before?.snapshot.tasks.some((task) => task.id === id) !== true;

/** With the call ends what is owed, and nobody asks again for what was sent unasked. */
const keptReplies = (replies: CallRecord['replies'], ended: boolean): CallRecord['replies'] => (ended ? replies.filter(({ id, body }) => body !== null && id !== unasked) : replies);
