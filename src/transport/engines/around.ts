/**
 * Around — a store of calls, each of whose operations is done inside of something: a bound, a measurement.
 *
 * @module
 */
import type { CallStore } from './store.ts';

/** What a store can be asked to do. */
export type StoreOperation = 'load' | 'commit' | 'due' | 'claim' | 'release' | 'list' | 'expire';

/** Does `work`, which is `operation`. */
export type AroundOperation = <T>(operation: StoreOperation, work: () => Promise<T>) => Promise<T>;

/** Every member of a store, so that none can be forgotten below. */
const members = { durable: 0, load: 0, commit: 0, due: 0, claim: 0, release: 0, list: 0, expire: 0, backup: 0, close: 0 } satisfies Record<keyof CallStore, 0>;

/** `store`, with `around` about all that it does but its backups and its end. */
export const aroundStore = (store: CallStore, around: AroundOperation): Pick<CallStore, keyof typeof members> => ({
  ...(store.durable !== undefined && { durable: store.durable }),
  load: (callId) => around('load', () => store.load(callId)),
  commit: (callId, expected, record) => around('commit', () => store.commit(callId, expected, record)),
  due: (until, limit, after, prefix) => around('due', () => store.due(until, limit, after, prefix)),
  ...(store.claim !== undefined && { claim: (callIds: readonly string[], until: number, forMs: number) => around('claim', async () => store.claim?.(callIds, until, forMs) ?? []) }),
  ...(store.release !== undefined && { release: (callIds: readonly string[]) => around('release', async () => store.release?.(callIds)) }),
  list: (prefix, limit, after) => around('list', () => store.list(prefix, limit, after)),
  expire: (now, limit) => around('expire', () => store.expire(now, limit)),
  ...(store.backup !== undefined && { backup: (folder: string) => store.backup?.(folder) ?? Promise.resolve() }),
  close: () => store.close(),
});
