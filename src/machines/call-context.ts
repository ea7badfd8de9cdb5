/**
 * Call context — what the framework keeps in `context.call`: who calls, how often the open question was asked, how the
 * call ended. The author reads it; only the named actions here write it.
 *
 * @module
 */
import { assign, sendTo } from 'xstate';
import { CallError } from '../errors.ts';
import { shared } from './copies.ts';
import { timedOut } from './task-logic.ts';
import type { CallInput, EndReason } from './service-event.ts';

/** How often the question at hand was asked since its state was entered, and what went wrong. */
export interface Asked {
  /** Askings so far, all causes together. 0 while no question is open. */
  readonly attempts: number;
  readonly noinput: number;
  readonly nomatch: number;
  readonly failed: number;
  /** What went wrong with the last asking; null at the first. */
  readonly last: Cause | null;
}

/** `context.call`: read-only to the author. */
export interface CallData extends CallInput {
  /** The account of the caller, once the state `lookupUser` has found it. */
  readonly user?: string;
  readonly asked: Asked;
  /** Why the call ended, or null while it lasts. */
  readonly ended: EndReason | null;
}

/** What is the same for every call, or computed from the call alone: where no chart is at hand, such as at a bot's own texts. */
export type ByCall<T> = T | ((args: { readonly call: CallInput }) => T);

/** `value` for `call`. */
export const byCall = <T>(value: ByCall<T>, call: CallInput): T => (typeof value === 'function' ? (value as (args: { readonly call: CallInput }) => T)({ call }) : value);

/** What goes wrong with one asking. */
export type Cause = 'noinput' | 'nomatch' | 'failed';

/** How often a question may be asked; the limits that are absent do not limit. */
export interface AskLimits {
  readonly attempts: number;
  readonly maxNoinput?: number;
  readonly maxNomatch?: number;
}

/** A call of which nothing is known yet. */
export const unknownCall: CallInput = { id: '', from: '', to: '', direction: 'inbound', headers: {} };

const nothingAsked: Asked = Object.freeze({ attempts: 0, noinput: 0, nomatch: 0, failed: 0, last: null });
const askedOnce: Asked = Object.freeze({ ...nothingAsked, attempts: 1 });

/** Values of `context.call` that the framework itself made, whichever copy of it: a write by anybody else is an object not in here. */
const issued = shared('issued', () => new WeakSet<object>());

/** Marks `call` as the framework's own (a restored one has to be marked again), and closes it to writes. */
export const issue = (call: CallData): CallData => {
  issued.add(call);
  Object.freeze(call.asked);
  Object.freeze(call.headers);
  if (Array.isArray(call.participants)) Object.freeze(call.participants).forEach(Object.freeze);
  return Object.freeze(call);
};

/** Whether `call` was made by the framework. */
export const isIssued = (call: unknown): boolean => typeof call === 'object' && call !== null && issued.has(call);

/** The `context.call` of a call that begins. */
export const beginCall = (input: CallInput): CallData => issue({ asked: nothingAsked, ended: null, ...input });

interface WithCall {
  readonly call: CallData;
}

/** The named actions that change `context.call`; every call machine and dialog is set up with them. */
export const contextActions = {
  /** The call began: takes over who calls. */
  'call.begin': assign(({ event }) => ({ call: beginCall((event as { call?: CallInput }).call ?? unknownCall) })),
  /** A question is asked for the first time since its state was entered. */
  'call.ask': assign(({ context }: { context: WithCall }) => ({ call: issue({ ...context.call, asked: askedOnce }) })),
  /** The question is asked again, because of `cause`. */
  'call.askAgain': assign(({ context }: { context: WithCall }, { cause }: { cause: Cause }) => {
    const { asked } = context.call;
    return { call: issue({ ...context.call, asked: { ...asked, attempts: asked.attempts + 1, [cause]: asked[cause] + 1, last: cause } }) };
  }),
  /** The caller's account is known. */
  'call.link': assign(({ context, event }) => ({ call: issue({ ...(context as WithCall).call, user: (event as { output?: string }).output ?? '' }) })),
  /** A document that nobody can read ends the call with the apology, as a fault of the bot's own code does. */
  'call.apologise': ({ event }: { event: object }, { data }: { data: string }): never => {
    throw new CallError('ERR_DATA_SHAPE', (event as { readonly error: { readonly message: string } }).error.message, { data });
  },
  /** The task `task` has taken too long. */
  'call.timeOut': sendTo((_: object, { task }: { task: string }) => task, timedOut),
  /** The call is over. */
  'call.end': assign(({ context, event }) => ({
    call: issue({ ...(context as WithCall).call, ended: (event as { reason?: EndReason }).reason ?? 'service' }),
  })),
};

/** The named guards of states: how often a question may be asked, and which of its endings a task or a dialog came to. */
export const contextGuards = {
  /** The task failed with `code`. */
  'call.failedWith': ({ event }: { event: object }, { code }: { code: string }): boolean => (event as { readonly error?: { readonly code?: unknown } }).error?.code === code,
  /** The task gave nothing. */
  'call.gaveNothing': ({ event }: { event: object }): boolean => ((event as { readonly output?: unknown }).output ?? null) === null,
  /** The dialog ended with the status `outcome`. */
  'call.endedAs': ({ event }: { event: object }, { outcome }: { outcome: string }): boolean => (event as { readonly output?: { readonly status?: unknown } | null }).output?.status === outcome,
  /** The question may be asked once more after `cause`. */
  'call.mayAskAgain': ({ context }: { context: WithCall }, { cause, limits }: { cause: Cause; limits: AskLimits }): boolean => {
    const { asked } = context.call;
    const max = cause === 'noinput' ? limits.maxNoinput : cause === 'nomatch' ? limits.maxNomatch : undefined;
    return asked.attempts < limits.attempts && (max === undefined || asked[cause] + 1 < max);
  },
};
