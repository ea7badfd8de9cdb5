/**
 * Call view — what may be told of a call on record to somebody who looks after the server: where it stands and what it waits for, in
 * words; and only if it is asked for, who the caller is and what he said and keyed. Pure.
 *
 * What is told without that is named here, field by field: states and tasks as the bot's author named them, counts, times, codes and
 * kinds. What a bot keeps, asks and says may hold the caller's words, and so may names that are given at run time. What a service has to
 * remember is told in no case, nor is a secret: a seal stays one.
 *
 * @module
 */
import type { CallActionType } from '../actions/index.ts';
import { type CallInput, type CallSnapshot, configurations, type EndReason, maskSeals } from '../machines/index.ts';
import { hidden } from '../machines/secret.ts';
import { type CallRecord, requestsTaken } from './record.ts';

/** What a call waits for: an answer or a recording of the caller's, the line (a prompt, a transfer), its own end, a task or a timer of its own, the next request of the service, or nothing. */
export type WaitsFor = 'answer' | 'recording' | 'line' | 'end' | 'task' | 'timer' | 'request' | 'nothing';

/** How far the end has come that was asked for: no process has taken it up yet; it goes out with the next request of the service; the service is told, or has been. */
export type EndingAsked = 'asked' | 'request' | 'told';

/** One call, in a line. Times are epoch ms. */
export interface CallSummary {
  readonly service: string;
  readonly call: string;
  /** `unreadable`: a record that this version cannot read; `quarantined`: one that was put aside for that. */
  readonly status: 'live' | 'ended' | 'quarantined' | 'unreadable';
  readonly bot?: string;
  readonly version?: string;
  /** Where it stands, the bot first and then the dialogs that run: `order`, `order/size`. */
  readonly states?: readonly string[];
  readonly begunAt?: number;
  /** When the service was last heard of. */
  readonly heardAt?: number;
  readonly waitsFor?: WaitsFor;
  readonly ended?: EndReason;
  readonly ending?: EndingAsked;
  /** Why nobody could go on with it: what is left of it is its end, or the record that was put aside. */
  readonly quarantined?: NonNullable<CallRecord['quarantined']>;
}

/** One call, with what it still has to do. */
export interface CallView extends CallSummary {
  /** How often it was written. */
  readonly revision: number;
  /** When it wants attention next, and until when it is remembered. */
  readonly dueAt?: number;
  readonly expiresAt?: number;
  readonly chain?: string | undefined;
  readonly direction?: CallInput['direction'];
  readonly answeredAt?: number | null;
  readonly requests?: number;
  readonly askedAgain?: number;
  readonly tasksBegun?: number;
  /** Tasks by name, and since when. */
  readonly tasks?: readonly { readonly task: string; readonly since: number }[];
  readonly timers?: readonly { readonly timer: string; readonly dueAt: number }[];
  /** What the service is still to be told, in order: for which operation, and when it was sent. */
  readonly outbox?: readonly { readonly operation: CallActionType; readonly sentAt?: number }[];
  /** Only if it is asked for. */
  readonly unmasked?: Unmasked;
}

/** Who calls, and what the bot knows and says: all but secrets. */
export interface Unmasked {
  readonly call: CallInput;
  /** XState's own persisted snapshot, the bot's context in it. */
  readonly chart: unknown;
  /** What tasks were given. */
  readonly tasks: readonly unknown[];
  /** The replies that are kept, as the service got them. */
  readonly replies: readonly string[];
}

/** The call of `record`, in a line. */
export const summaryOf = ({ snapshot, begunAt, heardAt, endAsked, quarantined }: CallRecord, service: string, isUnmasked = false): CallSummary => {
  const { bot, version, ended, call: { id } } = snapshot;
  const ending = ended !== null ? undefined : endAsked !== undefined ? 'asked' : snapshot.parted !== true ? undefined : snapshot.parked.length > 0 ? 'request' : 'told';
  return {
    service, call: id, status: ended === null ? 'live' : 'ended', bot, version, states: statesOf(snapshot, isUnmasked), begunAt, heardAt,
    waitsFor: waitsFor(snapshot), ...(ended !== null && { ended }), ...(ending !== undefined && { ending }), ...(quarantined !== undefined && { quarantined }),
  };
};

/** The call of `record` with what it still has to do, as it is stored. */
export const viewOf = (record: CallRecord, service: string, stored: Pick<CallView, 'revision' | 'dueAt' | 'expiresAt'>, isUnmasked: boolean): CallView => {
  const { snapshot, chain, answeredAt, askedAgain, tasksBegun, outbox } = record;
  return {
    ...summaryOf(record, service, isUnmasked), ...stored,
    chain, direction: snapshot.call.direction, answeredAt, requests: requestsTaken(record), askedAgain, tasksBegun,
    tasks: snapshot.tasks.map(({ name, since }) => ({ task: name, since })),
    timers: snapshot.timers.map(({ id, dueAt }) => ({ timer: isUnmasked || id.startsWith('xstate.after.') ? id : hidden, dueAt })),
    outbox: outbox.map(({ operation: { type }, sentAt }) => ({ operation: type, ...(sentAt !== undefined && { sentAt }) })),
    ...(isUnmasked && { unmasked: unmasked(record) }),
  };
};

const unmasked = ({ snapshot: { call, machine, tasks }, replies }: CallRecord): Unmasked => {
  const told: Unmasked = { call, chart: machine, tasks: tasks.map(({ input }) => input), replies: replies.flatMap(({ body }) => (body === null ? [] : [body])) };
  return JSON.parse(maskSeals(JSON.stringify(told))) as Unmasked;
};

/** Where a call stands. A dialog that a state runs bears its name; an actor of another name got it at run time, and is not told. */
const statesOf = (snapshot: CallSnapshot, isUnmasked: boolean): readonly string[] => {
  const authored = new Set<string>();
  return configurations(snapshot).map((configuration) => {
    const names = configuration.split('/');
    const state = names.pop() ?? '';
    const path = names.map((name) => (isUnmasked || name.split('.').every((part) => authored.has(part)) ? name : hidden));
    for (const name of state.split(/[.+]/)) authored.add(name);
    return [...path, state].join('/');
  });
};

const waitsFor = ({ ended, awaiting, parked, tasks, timers }: CallSnapshot): WaitsFor => {
  if (ended !== null) return tasks.length > 0 ? 'task' : 'nothing';
  switch (awaiting?.types.at(-1)) {
    case undefined:
      return parked.length > 0 ? 'request' : tasks.length > 0 ? 'task' : timers.length > 0 ? 'timer' : 'nothing';
    case 'recognize':
      return 'answer';
    case 'record':
      return 'recording';
    case 'hangup':
    case 'reject':
      return 'end';
    default:
      return 'line';
  }
};
