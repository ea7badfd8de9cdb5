/**
 * Bounded — a store of calls for which nobody waits longer than for so long: one that never answers holds up neither the
 * events of a call nor the round that looks after calls, and when it answers again, they go on.
 *
 * An operation that was given up may be carried out yet. Of a write that is said (`locked`); whoever needs to know loads the
 * record, as after every such rejection.
 *
 * @module
 */
import { CallError } from '../../errors.ts';
import { within } from '../within.ts';
import { aroundStore, type StoreOperation } from './around.ts';
import type { CallStore } from './store.ts';

/** `store`, whose operations reject with `ERR_STORE_UNAVAILABLE` after `withinMs`. */
export const boundedStore = (store: CallStore, withinMs: number): CallStore =>
  aroundStore(store, (operation, work) => within(work(), withinMs, () => late(operation, withinMs)));

const late = (operation: StoreOperation, withinMs: number): CallError<'ERR_STORE_UNAVAILABLE'> =>
  new CallError('ERR_STORE_UNAVAILABLE', `the store of calls has not answered within ${withinMs} ms (${operation})`, { reason: operation === 'commit' || operation === 'expire' || operation === 'claim' || operation === 'release' ? 'locked' : 'read' });
