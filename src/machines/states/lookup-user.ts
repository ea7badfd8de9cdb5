/**
 * The state `lookupUser` — account linking: finds out whose the caller's number or identity is.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import type { CallData } from '../call-context.ts';
import type { DoneEvent, FailedEvent } from '../call-event.ts';
import { kinds, noted, oddities } from '../options.ts';
import { type Facts, type Handler, type MadeState, transitions } from '../state-config.ts';
import { type TaskArgs, taskLogic } from '../task-logic.ts';
import { outcomeWhen } from './outcome.ts';
import { type WorkOptions, workOptions, workState } from './task.ts';

interface Handlers<C extends MachineContext> {
  /** The account was found, and is `context.call.user` from here on. */
  readonly known?: Handler<C, DoneEvent<string>>;
  /** The caller has no account. */
  readonly unknown?: Handler<C, DoneEvent<null>>;
  readonly failed?: Handler<C, FailedEvent>;
  readonly timeout?: Handler<C, FailedEvent>;
}

/** Finds the account of whoever calls: its id, or nothing. It may be run more than once. */
export type LookupUser = (call: CallData, args: TaskArgs) => string | null | undefined | Promise<string | null | undefined>;

/**
 * A state that links the caller to an account: `run` gets the call and gives the account's id, which is then
 * `context.call.user` and the user of {@link userData}. `known`, `unknown` and `failed` must be handled. A dialog that looks a
 * user up knows him by itself alone: do it in the bot, before its dialogs.
 *
 * @example
 * ```ts
 * lookupUser({ run: async ({ from }) => (await accounts.byNumber(from))?.id, on: { known: 'welcome', unknown: 'register', failed: 'welcome' } })
 * ```
 */
export function lookupUser<C extends MachineContext, const On extends Handlers<C>>(
  options: WorkOptions<C> & { readonly run: LookupUser; readonly on: On },
): MadeState<C, Facts<'task', 'known' | 'unknown' | 'failed', 'timeout', On>>;
export function lookupUser(options: WorkOptions<never> & { readonly run: LookupUser; readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { run, on = {} } = options;
  const state = workState({
    ...options, on,
    src: taskLogic((call: CallData, args) => {
      const found = run(call, args);
      return found instanceof Promise ? found.then(accountId) : accountId(found);
    }),
    input: ({ context }) => (context as { readonly call: CallData }).call,
    onDone: [
      ...outcomeWhen({ type: 'call.gaveNothing', params: { outcome: 'unknown' } }, on['unknown']),
      ...transitions(on['known']).map((step) => ({ ...step, actions: [{ type: 'call.link' }, step.actions ?? []].flat() })),
    ],
    onError: [],
    required: ['known', 'unknown', 'failed'], optional: ['timeout'],
  });
  return noted(oddities(options, { ...workOptions, run: kinds.work }), state);
}

const accountId = (found: unknown): string | null => {
  if (found === undefined || found === null || found === '') return null;
  if (typeof found !== 'string') throw new TypeError('the id of an account is a string');
  return found;
};
