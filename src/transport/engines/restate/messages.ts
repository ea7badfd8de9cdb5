/**
 * Messages — what goes through Restate: the names of what we serve there, and what is said to each. All of it is JSON.
 *
 * A call, its outbox, its tasks and whoever waits for a reply are of one calling service each, which is in their names: bots
 * on two services may be served by different processes. Documents belong to all of them.
 *
 * @module
 */
import type { SpanContext } from '@opentelemetry/api';
import type { CallErrorCode } from '../../../errors.ts';
import type { PendingTask, ServiceEvent, TaskResult } from '../../../machines/index.ts';
import type { CallRef } from '../../host.ts';
import type { Sent, ServiceMemory } from '../../service.ts';
import type { StoredRecord } from '../store.ts';

/** What we are called at the server. */
export interface Names {
  readonly call: string;
  readonly outbox: string;
  readonly task: string;
  readonly wait: string;
  readonly document: string;
}

/** The names of an application called `name` behind the calling service `service`. */
export const namesOf = (name: string, service: string): Names => {
  const of = service.replaceAll(/[^A-Za-z0-9]/g, '_');
  return { call: `${name}Call_${of}`, outbox: `${name}Outbox_${of}`, task: `${name}Task_${of}`, wait: `${name}Wait_${of}`, document: documentsOf(name) };
};

export const documentsOf = (name: string): string => `${name}Document`;

/** A request of the calling service. */
export interface ToldEvent {
  readonly at: number;
  /** Hash of its id. */
  readonly request: string;
  /** A text is the sealed JSON of events and memory: a bot here asks for secrets. */
  readonly told: Told | string;
  readonly asks: boolean;
  readonly path: string;
  readonly chain?: string;
  /** When the filler is due if the bot still waits for itself, epoch ms. */
  readonly fillBy: number;
  /** Whether a call that begins is refused: the process that asks ends. */
  readonly drains: boolean;
  readonly trace?: SpanContext;
}

export interface Told {
  readonly events: readonly ServiceEvent[];
  readonly memory?: ServiceMemory;
}

/** Why something was refused. `code` is null for a defect of ours, which is logged where it was met. */
export interface Refused {
  readonly refused: { readonly code: CallErrorCode | null; readonly message: string; readonly details: unknown };
}

/** What becomes of a request. `body` is null while its reply is owed: until `until` at most. */
export type Answer = Refused | { readonly kind: 'taken' | 'repeated' | 'ignored'; readonly bot: string; readonly body: string | null; readonly until: number };

/** The reply to a request that was held. */
export type HeldAnswer = Refused | { readonly body: string };

/** What can be said to a call. */
export interface CallMessages {
  event: ToldEvent;
  /** The filler is due for the request. */
  due: { readonly request: string; readonly at: number };
  /** Somebody waits for the reply to the request; `awakeable` is told it. */
  hold: { readonly request: string; readonly awakeable: string };
  timer: { readonly key: string };
  task: { readonly taskId: string; readonly result: TaskResult; readonly at: number };
  sent: { readonly id: string; readonly sent: Sent; readonly at: number };
  overdue: { readonly at: number };
  /** A caller who is told nothing by replies may want to know that he is not alone, unless there was a commit since. */
  remind: { readonly revision: number };
  /** Is the call of that time silent, or forgotten? */
  look: { readonly begunAt: number; readonly ended: boolean };
}

/** A task that is to be done. */
export interface TaskErrand {
  readonly ref: CallRef;
  /** Of the bot. */
  readonly version: string;
  readonly task: PendingTask;
}

/** A record of a call that is to be kept aside (`quarantine.ts`). */
export interface KeptAside {
  readonly record: StoredRecord;
  /** How long it is kept, ms; for ever, where that is not said. */
  readonly keepMs?: number;
}

/** A document that is to be written. */
export interface DocumentCommit extends KeptAside {
  readonly expected: number;
}

/** Something of the call's own that was left to another deployment: how often. */
export interface PutOff {
  readonly putOff?: number;
}
