/**
 * Record — what an engine keeps of one call, and its text: the snapshot, the ids of all requests taken, the last replies.
 *
 * State and reply are one text and one commit, so a retry finds either nothing or both. The replies stand behind the
 * JSON as they went out: nothing is escaped twice, and the same bytes come back.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { CallError, type CallErrorDetails } from '../errors.ts';
import { type CallSnapshot, type PendingTimer, readSnapshot, timerKey } from '../machines/index.ts';
import { hasEntries } from '../machines/json.ts';
import type { Outbox } from './outbox.ts';
import { readsAs } from './record-shape.ts';
import type { ServiceMemory } from './service.ts';
import { slim, whole } from './slim.ts';

/** A reply that was given, or the one that is still owed (`body` null): its request is held. */
export interface GivenReply {
  /** Hash of the request's id. */
  readonly id: string;
  readonly body: string | null;
}

/** By the id of a piece of work, the name of the process that does it (`engines/heartbeat.ts`). */
export type Leases = Readonly<Record<string, string>>;

/** There is nothing to be done. */
export const noLeases: Leases = Object.freeze({});

/** A call as it is kept. */
export interface CallRecord {
  readonly snapshot: CallSnapshot;
  /** When the service was last heard of, epoch ms. */
  readonly heardAt: number;
  /** When it began, epoch ms. */
  readonly begunAt: number;
  /** When the bot answered it, epoch ms; null before, and when it never did. */
  readonly answeredAt: number | null;
  /** How often a question of the bot was asked again. */
  readonly askedAgain: number;
  /** How many tasks it has waited for. */
  readonly tasksBegun: number;
  /** Who does what the call has to do: by the id of each task, and of the command to be sent, the process that began it. */
  readonly leasedBy: Leases;
  /** Correlates the log lines of the call, where the service sends such an id. */
  readonly chain: string | undefined;
  /** Hashes of the ids of all requests of the call, oldest first, with a blank between. */
  readonly seen: string;
  /** The newest last. */
  readonly replies: readonly GivenReply[];
  /** What the service has to remember of the call. */
  readonly memory: ServiceMemory;
  /** What the service is still to be told. */
  readonly outbox: Outbox;
  /** Somebody outside of the call asked for its end, and no process has taken it up yet. */
  readonly endAsked?: EndAsked | undefined;
  /** Why nobody can go on with the call: what is left of it is its end (`engines/quarantine.ts`). Absent of all others. */
  readonly quarantined?: CallErrorDetails['ERR_RECORD_UNKNOWN']['reason'] | undefined;
}

/** That a call is to be ended: it wants attention from then on. */
export interface EndAsked {
  /** Epoch ms, by the clock of whoever asked. */
  readonly at: number;
  /** Whether the caller hears the bot's apology before. */
  readonly apologise: boolean;
}

/** Stands for the id of a request where a reply was sent unasked. */
export const unasked = '';

/** How many replies are kept byte for byte; a retry of an older request is answered with nothing to do. */
const repliesKept = 2;

const hashLength = 12;

/** What stands for a request's id: 72 bits of its SHA-256. */
export const eventHash = (eventId: string): string => hash('sha256', eventId, 'base64url').slice(0, hashLength);

/** Whether the request `id` was taken before. Ids are of one length and hold no blank, so none is found across two. */
export const hasSeen = ({ seen }: CallRecord, id: string): boolean => seen.includes(id);

/** Whether `timer` is still to go off: what has happened since may have called it off. */
export const isSet = ({ snapshot: { timers } }: CallRecord, timer: PendingTimer): boolean => timers.some((one) => timerKey(one) === timerKey(timer));

/** How many requests were taken: as many as ids are remembered. */
export const requestsTaken = ({ seen }: Pick<CallRecord, 'seen'>): number => Math.floor((seen.length + 1) / (hashLength + 1));

/** What the request `id` is answered with: null while its reply is owed, the empty string when there is nothing to say (any more). */
export const replyTo = ({ replies }: CallRecord, id: string): string | null => {
  const given = replies.find((reply) => reply.id === id);
  return given === undefined ? '' : given.body;
};

/**
 * `replies` once the request `id` is answered with `body`. One reply is owed at a time: what is said, or owed, to a
 * later request is no longer owed to an earlier one. Nothing to say is not worth keeping, and drives out nothing; what
 * was sent unasked is kept while it is the newest, and drives out no reply.
 */
export const withReply = (replies: readonly GivenReply[], id: string, body: string | null): readonly GivenReply[] => {
  const others = replies.filter((reply) => reply.id !== id && (body === '' || reply.body !== null));
  if (body === '') return others;
  const answers = others.filter((reply) => reply.id !== unasked);
  return id === unasked ? [...answers, { id, body }] : [...answers, { id, body }].slice(-repliesKept);
};

/** What a service remembers that has to remember nothing. */
export const nothing: ServiceMemory = Object.freeze({});

interface Head {
  readonly heardAt: number;
  /** How long the call had lasted then, ms; absent where it has just begun, as all below are where they are 0. */
  readonly age?: number | undefined;
  /** How long after its beginning it was answered, ms. */
  readonly rang?: number | undefined;
  readonly again?: number | undefined;
  readonly worked?: number | undefined;
  readonly leasedBy?: Leases | undefined;
  readonly chain?: string | undefined;
  readonly seen: string;
  /** Length of each reply, in UTF-16 units; null for the one that is owed. */
  readonly replies: readonly { readonly id: string; readonly length: number | null }[];
  readonly memory?: ServiceMemory | undefined;
  readonly outbox?: Outbox | undefined;
  readonly endAsked?: EndAsked | undefined;
  readonly quarantined?: CallRecord['quarantined'];
  readonly snapshot: object;
}

/** The text of `record`. */
export const writeRecord = ({ snapshot, heardAt, begunAt, answeredAt, askedAgain, tasksBegun, leasedBy, chain, seen, replies, memory, outbox, endAsked, quarantined }: CallRecord): string => {
  const head: Head = {
    heardAt,
    age: unlessZero(heardAt - begunAt),
    rang: answeredAt === null ? undefined : unlessZero(answeredAt - begunAt),
    again: unlessZero(askedAgain),
    worked: unlessZero(tasksBegun),
    leasedBy: hasEntries(leasedBy) ? leasedBy : undefined,
    chain, seen,
    replies: replies.map(({ id, body }) => ({ id, length: body === null ? null : body.length })),
    memory: hasEntries(memory) ? memory : undefined,
    outbox: outbox.length > 0 ? outbox : undefined,
    endAsked,
    quarantined,
    snapshot: slim(snapshot),
  };
  let text = `${JSON.stringify(head)}\n`;
  for (const { body } of replies) if (body !== null) text += body;
  return text;
};

const unlessZero = (count: number): number | undefined => (count === 0 ? undefined : count);

/** The text of a record that says `endAsked`, and is else what `text` is: what another version has written besides stays there. */
export const asksEnd = (text: string, endAsked: EndAsked): string => {
  const at = text.indexOf('\n');
  return `${JSON.stringify({ ...(JSON.parse(text.slice(0, at)) as Head), endAsked })}${text.slice(at)}`;
};

/** The record that `text` holds. @throws `ERR_RECORD_UNKNOWN` */
export const readRecord = (text: string): CallRecord => {
  let head: Head;
  let at = text.indexOf('\n') + 1;
  try {
    head = JSON.parse(text.slice(0, at)) as Head;
    const kept = readSnapshot(head.snapshot); // of another format anything else may be otherwise
    const { heardAt, age = 0, rang = 0, again: askedAgain = 0, worked: tasksBegun = 0, leasedBy = noLeases, chain, seen, memory = nothing, outbox = [], endAsked, quarantined } = head;
    const replies = head.replies.map(({ id, length }) => ({ id, body: length === null ? null : text.slice(at, (at += length)) }));
    const read = at === text.length ? readsAs(head) : 'damaged';
    if (read === 'later') throw new CallError('ERR_RECORD_UNKNOWN', 'a stored call says what only a later version knows', { reason: 'version' });
    if (read === 'record') {
      const snapshot = whole(kept);
      const begunAt = heardAt - age;
      return { snapshot, heardAt, begunAt, answeredAt: snapshot.answered ? begunAt + rang : null, askedAgain, tasksBegun, leasedBy, chain, seen, replies, memory, outbox, ...(endAsked !== undefined && { endAsked }), quarantined };
    }
  } catch (cause) {
    if (cause instanceof CallError) throw cause;
  }
  throw new CallError('ERR_RECORD_UNKNOWN', 'a stored call cannot be read', { reason: 'damaged' }); // without its cause, whose message quotes the record
};
