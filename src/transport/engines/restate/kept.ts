/**
 * Kept — what Restate keeps of a call, as one text: the record, and before it a line of what this engine has to know besides.
 *
 * @module
 */
import type { CallStore, StoredRecord } from '../store.ts';

/** A request whose reply is owed. */
export interface HeldRequest {
  /** Hash of its id. */
  readonly request: string;
  /** Epoch ms: whoever waits for it asks for the filler then. What comes later is not said to him. */
  readonly until: number;
  /** Who waits for it, as awakeables. */
  readonly waiters: readonly string[];
}

/** A call as it is kept. */
export interface Kept {
  /** Counts the commits of this call, from 1. */
  readonly revision: number;
  readonly held: HeldRequest | undefined;
  /** How many results of its own work it has taken in since it heard from outside. */
  readonly own: number;
  /** The invocations that do its tasks, by task. */
  readonly tasks: Readonly<Record<string, string>>;
  /** The record. */
  readonly text: string;
}

export const writeKept = ({ revision, held, own, tasks, text }: Kept): string => `${JSON.stringify({ revision, held, ...(own > 0 && { own }), ...(Object.keys(tasks).length > 0 && { tasks }) })}\n${text}`;

/** What cannot be read is left to whoever reads the record: it is all one text then. */
export const readKept = (kept: string): Kept => {
  const end = kept.indexOf('\n');
  try {
    const { revision, held, own = 0, tasks = {} } = JSON.parse(kept.slice(0, end)) as Pick<Kept, 'revision' | 'held'> & Partial<Kept>;
    if (typeof revision === 'number') return { revision, held, own, tasks, text: kept.slice(end + 1) };
  } catch {
    // what JSON says of it would quote the record
  }
  return { revision: 1, held: undefined, own: 0, tasks: {}, text: kept };
};

/** What a store of one has: a call, as `key`. Of one that nobody else could go on with either, something has been due for long. */
export interface One {
  readonly key: string;
  readonly kept: Kept | undefined;
  readonly dueAt?: number;
}

/** A store that has `kept` alone; what is committed to it, and what is to be kept beside it, is handed to `commit`. Nobody else writes the call meanwhile. */
export const storeOfOne = ({ key, kept, dueAt }: One, commit: (key: string, record: StoredRecord) => void): CallStore => ({
  load: async (id) => (id === key ? kept && { revision: kept.revision, text: kept.text, ...(dueAt !== undefined && { dueAt }) } : undefined),
  commit: async (id, _expected, record) => {
    commit(id, record);
    return true;
  },
  due: async () => [],
  list: async () => [],
  expire: async () => 0,
  close: async () => {},
});
