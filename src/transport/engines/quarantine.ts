/**
 * Quarantine — where the records go that nobody here can go on with: what is damaged, and calls of a bot or a version that is not loaded.
 * What was kept of such a call stands under a key of its own, for people to look at; what is left of the call is its end.
 *
 * First the record is kept aside and then it is replaced: who dies in between leaves both, and the next one does the same again.
 *
 * @module
 */
import * as t from 'io-ts';
import type { AnyStateMachine } from 'xstate';
import type { CallError, CallErrorDetails } from '../../errors.ts';
import { callMachine, type CallSnapshot, hangup, type StepEvent } from '../../machines/index.ts';
import { heard } from '../outbox.ts';
import { type CallRecord, noLeases, nothing } from '../record.ts';
import type { ServiceMemory } from '../service.ts';
import type { CallStore } from './store.ts';

/** Why nobody can go on with a call. */
export type QuarantineReason = CallErrorDetails['ERR_RECORD_UNKNOWN']['reason'];

/** What was kept of a call, as it was found. */
export interface QuarantinedRecord {
  readonly reason: QuarantineReason;
  /** When it was found, epoch ms. */
  readonly at: number;
  /** Counts the commits of the call up to then. */
  readonly revision: number;
  /** The record's text: all that was said in the call may be in it. */
  readonly text: string;
}

/** All keys of quarantine begin with it; no service is called so. */
export const quarantinePrefix = 'quarantine:';

/** Where the record is kept aside that was found at `key`. */
export const quarantineKey = (key: string): string => quarantinePrefix + key;

/** So many records of one call are kept aside: the first, and the newest others. */
const mostKept = 4;

const QuarantinedRecord = t.type({ reason: t.keyof({ version: 0, bot: 0, damaged: 0 }), at: t.number, revision: t.number, text: t.string });
const Kept = t.type({ records: t.array(QuarantinedRecord) });

/** What the text at a key of quarantine holds, the oldest first; nothing where it holds nothing of the kind. */
export const readQuarantined = (text: string): readonly QuarantinedRecord[] => {
  try {
    const kept: unknown = JSON.parse(text);
    return Kept.is(kept) ? kept.records : [];
  } catch {
    return []; // what is not JSON is none of ours
  }
};

/** The text at a key of quarantine, `before`, with `found` in it; undefined where it is there already. */
export const withFound = (before: string | undefined, found: QuarantinedRecord): string | undefined => {
  const kept = before === undefined ? [] : readQuarantined(before);
  if (kept.some(({ text }) => text === found.text)) return undefined;
  const [first, ...others] = [...kept, found];
  return JSON.stringify({ records: [first, ...others.slice(1 - mostKept)] });
};

/** Keeps `found` aside for `keptMs`, once. @throws `ERR_STORE_UNAVAILABLE` */
export const keepAside = async (store: CallStore, key: string, found: QuarantinedRecord, keptMs: number): Promise<void> => {
  for (;;) {
    const stored = await store.load(quarantineKey(key));
    const text = withFound(stored?.text, found);
    if (text === undefined) return;
    const { revision = 0 } = stored ?? {};
    if (await store.commit(quarantineKey(key), revision, { revision: revision + 1, text, expiresAt: found.at + keptMs })) return;
  }
};

// ---- what is left of the call ----

/** Stands for the bot of a call that nobody can go on with: it only ends. */
export const farewell: AnyStateMachine = callMachine('farewell', { initial: 'bye', states: { bye: hangup() } });

/** What has just happened to the call. */
type Told = StepEvent | { readonly type: 'sent' | 'overdue' | 'unread'; readonly at: number };

/** A call that nobody can go on with. */
export interface Lost {
  readonly callId: string;
  readonly error: CallError<'ERR_RECORD_UNKNOWN'>;
  /** As far as it could be read. */
  readonly record: CallRecord | undefined;
  /** How often it was committed. */
  readonly revision: number;
  /** Whether the call was over: its record is only remembered. */
  readonly over: boolean;
  /** Who apologises. */
  readonly bot: AnyStateMachine | undefined;
}

/** What is left of a call to end it by: nothing of its chart and of what it waits for. `told` and `memory` are what has just come in. */
export const remains = ({ callId, error, record, revision, over, bot }: Lost, told: Told, memory: ServiceMemory = nothing): CallRecord => {
  const { reason: quarantined } = error.details;
  const snapshot = record?.snapshot ?? unreadable(callId, told, bot, revision, over);
  const { heardAt = told.at, begunAt = told.at, answeredAt = snapshot.answered ? told.at : null, askedAgain = 0, tasksBegun = 0, chain, seen = '', replies = [], outbox: pending = [] } = record ?? {};
  const left = told.type === 'service' ? heard(pending, told.events).outbox : pending;
  const outbox = left[0] === pending[0] ? left : []; // what has just ended holds up no apology, and nothing that was to follow it is begun
  return {
    snapshot: { ...snapshot, machine: null, awaiting: null, parked: [], timers: [], tasks: [] },
    heardAt: told.type === 'service' ? told.at : heardAt, begunAt, answeredAt, askedAgain, tasksBegun, leasedBy: noLeases, chain, seen, replies, memory: { ...record?.memory, ...memory }, outbox, quarantined,
  };
};

/** A call of which nothing is known but its id, and what has just been told of it. The revision is one that it has not come to: no operation gets an id that was there before. */
const unreadable = (id: string, told: Told, bot: AnyStateMachine | undefined, revision: number, over: boolean): CallSnapshot => {
  const incoming = told.type === 'service' ? told.events.find(({ type }) => type === 'call.incoming') : undefined;
  const call = incoming?.type === 'call.incoming' ? incoming.call : { id, from: '', to: '', direction: 'inbound' as const, headers: {} };
  return {
    format: 1, bot: bot?.id ?? '', version: '', call, revision, answered: incoming === undefined || call.direction === 'outbound', held: null, machine: null, awaiting: null, parked: [], timers: [], tasks: [],
    failed: false, ended: over ? 'error' : null,
  };
};

/** What the end of the call begins with: the request at hand where it can be answered, else whatever lets the apology out. */
export const lastEvent = (told: Told, canTell: boolean, isAnswered: boolean): StepEvent => {
  if (told.type === 'service' && (isEnd(told) || !canTell)) return told;
  if (canTell || isAnswered) return { type: 'reply.due', at: told.at };
  return { type: 'task', at: told.at, taskId: '', result: { type: 'task.failed', error: { message: '' } }, reply: false };
};

/** Whether `told` is the end of the call. */
export const isEnd = (told: Told): boolean => told.type === 'service' && told.events.some(({ type }) => type === 'call.ended');
