/**
 * Documents — the data that bots keep beyond a call, at Restate: an object a document, and a store of them for whoever asks.
 *
 * @module
 */
import type { ObjectContext, ObjectSharedContext, VirtualObjectDefinition } from '@restatedev/restate-sdk';
import { readQuarantined, withFound } from '../quarantine.ts';
import type { CallStore, StoredRecord } from '../store.ts';
import type { Ingress } from './ingress.ts';
import type { DocumentCommit, KeptAside } from './messages.ts';
import type { Sdk } from './sdk.ts';
import { shortly } from './shortly.ts';
import { json } from './text.ts';

const stateKey = 'document';

/** Defines the object. */
export const documentObject = ({ handlers: { object: { exclusive, shared } }, object }: Sdk, name: string): VirtualObjectDefinition<string, unknown> => {
  const load = (ctx: ObjectSharedContext): Promise<StoredRecord | null> => ctx.get<StoredRecord>(stateKey);

  const commit = async (ctx: ObjectContext, { expected, record, keepMs }: DocumentCommit): Promise<boolean> => {
    const before = await ctx.get<StoredRecord>(stateKey);
    if ((before?.revision ?? 0) !== expected) return false;
    write(ctx, record, keepMs);
    return true;
  };

  const write = (ctx: ObjectContext, record: StoredRecord, keepMs: number | undefined): void => {
    ctx.set(stateKey, record);
    if (keepMs !== undefined) ctx.genericSend({ service: name, method: 'expire', key: ctx.key, parameter: { revision: record.revision }, delay: Math.max(0, Math.ceil(keepMs)), inputSerde: json });
  };

  /** Keeps a record aside beside those that are there. */
  const append = async (ctx: ObjectContext, { record, keepMs }: KeptAside): Promise<void> => {
    for (const found of readQuarantined(record.text)) {
      const before = await ctx.get<StoredRecord>(stateKey);
      const text = withFound(before?.text, found);
      if (text !== undefined) write(ctx, { ...record, revision: (before?.revision ?? 0) + 1, text }, keepMs);
    }
  };

  const expire = async (ctx: ObjectContext, { revision }: { readonly revision: number }): Promise<void> => {
    const record = await ctx.get<StoredRecord>(stateKey);
    if (record?.revision === revision) ctx.clearAll(); // else it was written since, and that says how long it lives
  };

  return object({ name, options: shortly, handlers: { load: shared({}, load), commit: exclusive({}, commit), append: exclusive({ ingressPrivate: true }, append), expire: exclusive({ ingressPrivate: true }, expire) } });
};

/** The documents as a store, for `documents.ts` and `dataIn`. It holds no calls: nothing is due in it, and what is over goes by itself. */
export const documentStore = (ingress: Ingress, name: string, now: () => number): CallStore => ({
  durable: true,
  load: async (key) => (await ingress.call<StoredRecord | null>(name, key, 'load', undefined, { reason: 'read' })) ?? undefined,
  commit: (key, expected, record) => {
    const keepMs = record.expiresAt === undefined ? undefined : record.expiresAt - now();
    const commit: DocumentCommit = { expected, record, ...(keepMs !== undefined && { keepMs }) };
    return ingress.call<boolean>(name, key, 'commit', commit, { reason: 'write' });
  },
  due: async () => [],
  list: async () => [],
  expire: async () => 0,
  close: async () => {},
});
