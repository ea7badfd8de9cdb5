/**
 * The state `createcall` — rings somebody else and joins the caller to him, where the service can; afterwards the bot has
 * its caller again.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import { createcallDefaults, type CreatecallEvents } from '../../actions/index.ts';
import type { FixedEvents } from '../call-event.ts';
import { computed, type Kind, kinds, noted, oddities } from '../options.ts';
import { type Computed, type Facts, type Handler, type MadeState, targetsOf, transitions } from '../state-config.ts';
import { askAction, isDynamic } from './question.ts';

interface Handlers<C extends MachineContext> {
  /** They have talked, the other party is gone, and the caller is still there. */
  readonly done?: Handler<C, CreatecallEvents['createcall.done']>;
  /** Also when what was to be said before it cannot be played. */
  readonly failed?: Handler<C, CreatecallEvents['createcall.failed' | 'createcall.busy' | 'createcall.noanswer'] | FixedEvents['play.failed']>;
  readonly busy?: Handler<C, CreatecallEvents['createcall.busy']>;
  readonly noanswer?: Handler<C, CreatecallEvents['createcall.noanswer']>;
}

/** Options of an outgoing call. */
export interface CreatecallOptions<C extends MachineContext> {
  /** Who is rung: a telephone number in E.164, a SIP URI, or an identity of the service. */
  readonly to: Computed<C, string>;
  /** Who seems to call: one of the bot's own numbers. Default: the service's choice. */
  readonly from?: Computed<C, string>;
  /** How long it may ring, ms; then it is `noanswer`. Default 30,000. */
  readonly timeoutMs?: number;
}

/**
 * A state that rings `to` and joins the caller to whoever answers. `done` (they have talked, and the bot has the caller
 * back) and `failed` must be handled; `failed` catches `busy` and `noanswer` where these are not handled themselves.
 *
 * @example
 * ```ts
 * createcall({ to: '+15550123', timeoutMs: 20_000, on: { done: 'rating', busy: 'message', failed: 'sorry' } })
 * ```
 */
export function createcall<C extends MachineContext, const On extends Handlers<C>>(
  options: CreatecallOptions<C> & { readonly on: On },
): MadeState<C, Facts<'createcall', 'done' | 'failed', 'busy' | 'noanswer', On>>;
export function createcall(options: CreatecallOptions<never> & { readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { to, from, timeoutMs, on = {} } = options;
  return noted(oddities(options, createcallOptions), {
    entry: [
      askAction('createcall', isDynamic(to, from), (evaluate) => ({
        to: evaluate(to), timeoutMs: timeoutMs ?? createcallDefaults.timeoutMs, ...(from !== undefined && { from: evaluate(from) }),
      })),
    ],
    on: {
      'createcall.done': transitions(on['done']),
      'createcall.busy': transitions(on['busy'] ?? on['failed']),
      'createcall.noanswer': transitions(on['noanswer'] ?? on['failed']),
      'createcall.failed': transitions(on['failed']),
      'play.failed': transitions(on['failed']),
    },
    meta: {
      call: {
        kind: 'createcall', required: ['done', 'failed'], optional: ['busy', 'noanswer'],
        handled: Object.keys(on), targets: targetsOf(on), choices: [], actions: ['createcall'], task: [],
      },
    },
  });
}

const createcallOptions = { to: computed(kinds.text), from: computed(kinds.text), timeoutMs: kinds.time, on: kinds.object } satisfies Record<keyof CreatecallOptions<never> | 'on', Kind>;
