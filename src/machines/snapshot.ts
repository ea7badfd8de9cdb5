/**
 * Snapshot — all that is kept of a call between two events: JSON, complete, and enough to go on from anywhere.
 *
 * @module
 */
import type { AskedAction, CallActionType, PromptItem } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import type { OpenQuestion } from './match.ts';
import type { CallInput, EndReason } from './service-event.ts';

/** The number of this shape; a record with another is refused (`ERR_RECORD_UNKNOWN`). */
export const snapshotFormat = 1;

/** Something a state asked for, with where it stands in the machine. */
export interface Asking {
  readonly action: AskedAction;
  /** Path of the actor that asked: '' is the bot itself, `pin` the dialog that its state `pin` runs. */
  readonly path: string;
  /** The state, for people. */
  readonly state: string;
  /** Id of the state node that waits for the outcome; null when it was written by hand. */
  readonly node: string | null;
}

/** The batch that the service is working on, and who waits for its outcome. */
export interface Awaiting {
  /** The batch's operation ids are `<end of the call id>:<revision>:<index>`. */
  readonly revision: number;
  readonly types: readonly CallActionType[];
  readonly path: string;
  readonly node: string | null;
  readonly question: OpenQuestion | null;
  /** A filler keeps the line while something is pending; its outcome is nobody's event. */
  readonly filler: boolean;
  /** What is heard on hold, where the batch puts the caller there. */
  readonly hold?: readonly PromptItem[];
}

/** A delayed event of the chart. A host brings it back when it is due. */
export interface PendingTimer {
  readonly id: string;
  readonly path: string;
  readonly event: { readonly type: string };
  /** Epoch ms. */
  readonly dueAt: number;
}

/** The same for the same timer in every snapshot, and another for one that is set anew. */
export const timerKey = ({ path, id, dueAt }: PendingTimer): string => JSON.stringify([path, id, dueAt]);

/** The timer that is due first, of several at once the first of them. */
export const earliest = (timers: readonly PendingTimer[]): PendingTimer | undefined => timers.reduce<PendingTimer | undefined>((first, one) => (first === undefined || one.dueAt < first.dueAt ? one : first), undefined);

/** The timers that are due at `at`, in the order in which they fell due. */
export const dueTimers = (timers: readonly PendingTimer[], at: number): readonly PendingTimer[] => timers.filter(({ dueAt }) => dueAt <= at).sort((one, other) => one.dueAt - other.dueAt);

/** Work that the chart waits for. A host runs it and brings the result back. */
export interface PendingTask {
  /** The same when the task is run again after a crash. */
  readonly id: string;
  readonly path: string;
  /** The machine that the task belongs to, and its name there. */
  readonly machine: string;
  readonly name: string;
  readonly input: unknown;
  readonly filler: readonly PromptItem[];
  /** Epoch ms at which it was asked for. */
  readonly since: number;
}

/** A call between two events. */
export interface CallSnapshot {
  readonly format: typeof snapshotFormat;
  readonly bot: string;
  readonly version: string;
  readonly call: CallInput;
  /** Counts the steps of this call, from 1. */
  readonly revision: number;
  /** Whether an `answer` was sent. */
  readonly answered: boolean;
  /** What the caller hears over and over, while he is on hold; null while he is not. */
  readonly held: readonly PromptItem[] | null;
  /** XState's own persisted snapshot. */
  readonly machine: unknown;
  readonly awaiting: Awaiting | null;
  /** Asked for while there was no reply to ride on: goes out with the next one. */
  readonly parked: readonly Asking[];
  readonly timers: readonly PendingTimer[];
  readonly tasks: readonly PendingTask[];
  /** The bot's code failed: what is left of the call is the apology and the hangup. */
  readonly failed: boolean;
  /** With `failed`: it is no code of the bot's that failed, but somebody outside of the call asked for its end. */
  readonly parted?: true;
  /** Why the call ended; null while it lasts. Set once. */
  readonly ended: EndReason | null;
}

/** A snapshot that is being worked on. */
export type Draft = { -readonly [K in keyof CallSnapshot]: CallSnapshot[K] };

/** The snapshot that `value` is, after a store or a file gave it back. @throws `ERR_RECORD_UNKNOWN` */
export const readSnapshot = (value: unknown): CallSnapshot => {
  if (typeof value !== 'object' || value === null || !('format' in value) || !('bot' in value)) throw new CallError('ERR_RECORD_UNKNOWN', 'a stored call cannot be read', { reason: 'damaged' });
  if (value.format !== snapshotFormat) throw new CallError('ERR_RECORD_UNKNOWN', 'a stored call is of another format', { reason: 'version' });
  return value as CallSnapshot;
};

/**
 * The id of the operation at `index` of the batch that step `revision` made. It has to be told apart within its call alone,
 * and stands several times in every reply: the end of the call's id is enough of it.
 */
export const operationId = (callId: string, revision: number, index: number): string => `${callId.slice(-8)}:${revision}:${index}`;

/** Whether the operation `id` of a call is of a batch after its revision `revision`. */
export const isLater = (callId: string, revision: number, id: string): boolean => {
  const prefix = `${callId.slice(-8)}:`;
  const [later] = id.startsWith(prefix) ? /^\d+(?=:\d+$)/.exec(id.slice(prefix.length)) ?? [] : [];
  return later !== undefined && Number(later) > revision;
};

/** The index in `awaiting` of the operation `id`, or -1 when it belongs to no batch that the service works on. */
export const operationIndex = (callId: string, awaiting: Awaiting | null, id: string): number =>
  awaiting === null ? -1 : awaiting.types.findIndex((_, index) => operationId(callId, awaiting.revision, index) === id);
