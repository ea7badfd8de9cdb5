/**
 * The state `transfer` — hands the caller to somebody else, where the service can.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import type { TransferEvents } from '../../actions/index.ts';
import type { FixedEvents } from '../call-event.ts';
import { computed, kinds, noted, oddities } from '../options.ts';
import { type Computed, type Facts, type Handler, type MadeState, targetsOf, transitions } from '../state-config.ts';
import { askAction, isDynamic } from './question.ts';

interface Handlers<C extends MachineContext> {
  /** The caller is with the other party; the call ends for the bot by itself. */
  readonly done?: Handler<C, TransferEvents['transfer.done']>;
  /** Also when what was to be said before it cannot be played. */
  readonly failed?: Handler<C, TransferEvents['transfer.failed' | 'transfer.busy' | 'transfer.noanswer'] | FixedEvents['play.failed']>;
  readonly busy?: Handler<C, TransferEvents['transfer.busy']>;
  readonly noanswer?: Handler<C, TransferEvents['transfer.noanswer']>;
}

/**
 * A state that transfers to `to` (a telephone number in E.164, a SIP URI, or an identity of the service). `failed` must
 * be handled and catches `busy` and `noanswer` where these are not handled themselves.
 */
export function transfer<C extends MachineContext, const On extends Handlers<C>>(options: {
  readonly to: Computed<C, string>;
  readonly on: On;
}): MadeState<C, Facts<'transfer', 'failed', 'done' | 'busy' | 'noanswer', On>>;
export function transfer(options: { readonly to: Computed<never, string>; readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { to, on = {} } = options;
  return noted([...(to === undefined ? ['has no `to`'] : []), ...oddities(options, { to: computed(kinds.text), on: kinds.object })], {
    entry: [askAction('transfer', isDynamic(to), (evaluate) => ({ to: evaluate(to) }))],
    on: {
      ...(on['done'] !== undefined && { 'transfer.done': transitions(on['done']) }),
      'transfer.busy': transitions(on['busy'] ?? on['failed']),
      'transfer.noanswer': transitions(on['noanswer'] ?? on['failed']),
      'transfer.failed': transitions(on['failed']),
      'play.failed': transitions(on['failed']),
    },
    meta: {
      call: {
        kind: 'transfer', required: ['failed'], optional: ['done', 'busy', 'noanswer'],
        handled: Object.keys(on), targets: targetsOf(on), choices: [], actions: ['transfer'], task: [],
      },
    },
  });
}
