/**
 * Documents — the data that bots keep beyond a call, in the same store as the calls themselves.
 *
 * A document is a record of that store: opaque text with a revision, written with compare-and-set. So whatever keeps
 * calls keeps data too, and several processes may write the same document.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { CallError } from '../errors.ts';
import { type Data, dataKey, type DataInput, type DataOperation, type DataOwner, type Kept, loadOperation, saveOperation, updateOperation } from '../machines/index.ts';
import type { CallStore } from './engines/store.ts';

/** Carries out operations on documents. */
export interface Documents {
  /** The operation's output. Rejects with `ERR_DATA_SHAPE`, `ERR_DATA_OWNER`, `ERR_DATA_CONFLICT`, `ERR_STORE_UNAVAILABLE`. */
  carryOut(operation: DataOperation, input: DataInput, taskId: string): Promise<unknown>;
}

const mostAttempts = 16;

/** What was taken away is remembered this long, ms: a call that loaded it before must not write it back. */
const forgottenMs = 3_600_000;

/** The documents in `store`. */
export const documents = (store: CallStore, now: () => number = Date.now): Documents => ({
  carryOut: async (operation, input, taskId) => {
    const { key } = input;
    if (key === null) return operation.decide(input, { revision: 0, text: null }, taskId).output;
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const stored = await store.load(key);
      const revision = stored?.revision ?? 0;
      const isOver = (stored?.expiresAt ?? Infinity) <= now(); // and was not swept away yet
      const { text, isEmpty = false, output } = operation.decide(input, { revision, text: isOver ? null : (stored?.text ?? null) }, taskId);
      if (text === undefined) return output;
      const keepMs = isEmpty ? forgottenMs : operation.keepMs;
      if (await store.commit(key, revision, { revision: revision + 1, text, ...(keepMs !== undefined && { expiresAt: now() + keepMs }) })) return output;
    }
    throw new CallError('ERR_DATA_CONFLICT', 'other writers kept winning the write of a document', { attempts: mostAttempts });
  },
});

/** The same data for the rest of an application: a chat bot beside the calls, a page of settings, a request to be forgotten. */
export interface DataAccess {
  /** The document of `owner`; its value is null where there is none. */
  load<T>(data: Data<T>, owner: DataOwner): Promise<Kept<T>>;
  /** Writes `document` if nobody has written since it was loaded; null when somebody has. */
  save<T>(data: Data<T>, owner: DataOwner, document: Kept<T>): Promise<Kept<T> | null>;
  /** Changes the document from whatever it is by then. `change` is pure and may be asked more than once. */
  update<T>(data: Data<T>, owner: DataOwner, change: (value: T | null) => T | null): Promise<Kept<T>>;
  /** Takes the document away. */
  forget<T>(data: Data<T>, owner: DataOwner): Promise<void>;
}

/**
 * Access to the data in `store`, from outside any call. All reject with `ERR_DATA_SHAPE`, `ERR_DATA_CONFLICT` or
 * `ERR_STORE_UNAVAILABLE`; those that write with `ERR_DATA_OWNER` when `owner` lacks what the data are kept by.
 *
 * @example
 * ```ts
 * await dataIn(store).update(visits, { user: '+15550100' }, () => null);
 * ```
 */
export const dataIn = (store: CallStore): DataAccess => {
  const { carryOut } = documents(store);
  const run = async <T>(data: Data<T>, owner: DataOwner, operation: DataOperation, input: unknown): Promise<T> =>
    (await carryOut(operation, { key: dataKey(data, owner), with: input }, randomUUID())) as T;
  return {
    load: (data, owner) => run(data, owner, loadOperation(data), null) as never,
    save: (data, owner, document) => run(data, owner, saveOperation(data), document) as never,
    update: (data, owner, change) => run(data, owner, updateOperation(data, change), null) as never,
    forget: async (data, owner) => void (await run(data, owner, updateOperation(data, () => null), null)),
  };
};
