/**
 * Record — what an engine keeps of one call, and its text: the snapshot, the ids of all events taken, the last replies.
 *
 * State and reply are one text and one commit, so a retry finds either nothing or both. The replies stand behind the
 * JSON, a line each, as they went out: nothing is escaped twice, and the same bytes come back.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { CallError } from '../errors.ts';
import { type CallSnapshot, readSnapshot } from '../machines/index.ts';

/** A reply that was given, or one that is still owed (`body` null): its request is held open. */
export interface GivenReply {
  /** Hash of the event's id. */
  readonly id: string;
  readonly body: string | null;
}

/** A call as it is kept. */
export interface CallRecord {
  readonly snapshot: CallSnapshot;
  /** When the last event was taken, epoch ms. */
  readonly at: number;
  /** Hashes of the ids of all events of the call, oldest first. */
  readonly seen: readonly string[];
  /** The newest last. */
  readonly replies: readonly GivenReply[];
}

/** How many replies are kept byte for byte; a retry of an older request is answered with nothing to do. */
const repliesKept = 2;

/** What stands for an event's id: 72 bits of its SHA-256. */
export const eventHash = (eventId: string): string => hash('sha256', eventId, 'base64url').slice(0, 12);

/** `record` after the event `id` was taken and answered with `body`. */
export const withReply = (record: Pick<CallRecord, 'seen' | 'replies'>, id: string, body: string | null): Pick<CallRecord, 'seen' | 'replies'> => ({
  seen: record.seen.includes(id) ? record.seen : [...record.seen, id],
  replies: [...record.replies.filter((reply) => reply.id !== id), { id, body }].slice(-repliesKept),
});

interface Head {
  readonly at: number;
  readonly seen: string;
  readonly replies: readonly { readonly id: string; readonly owed?: true }[];
  readonly snapshot: CallSnapshot;
}

/** The text of `record`. */
export const writeRecord = ({ snapshot, at, seen, replies }: CallRecord): string => {
  const head: Head = { at, seen: seen.join(' '), replies: replies.map(({ id, body }) => (body === null ? { id, owed: true } : { id })), snapshot };
  return [JSON.stringify(head), ...replies.map(({ body }) => body ?? '')].join('\n');
};

/** The record that `text` holds. @throws `ERR_RECORD_UNKNOWN` */
export const readRecord = (text: string): CallRecord => {
  const [first = '', ...bodies] = text.split('\n');
  try {
    const head = JSON.parse(first) as Head;
    return {
      snapshot: readSnapshot(head.snapshot), at: head.at, seen: head.seen === '' ? [] : head.seen.split(' '),
      replies: head.replies.map(({ id, owed }, index) => ({ id, body: owed === true ? null : (bodies[index] ?? '') })),
    };
  } catch (cause) {
    if (cause instanceof CallError) throw cause;
    throw new CallError('ERR_RECORD_UNKNOWN', 'a stored call cannot be read', { reason: 'damaged' }, { cause });
  }
};
