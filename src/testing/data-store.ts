/**
 * Data store — the data that bots keep beyond a call, for tests: in memory, and at once.
 *
 * @module
 */
import { type Data, dataKey, type DataInput, type DataOperation, type DataOwner, type KeptText, loadOperation, updateOperation, type Kept } from '../machines/index.ts';

/** What is kept beyond the calls of a test. Given to several calls, the second finds what the first has left. */
export interface DataStore {
  /** What is kept for `owner`; null when nothing is. */
  read<T>(data: Data<T>, owner: DataOwner): T | null;
  /** Keeps `value` for `owner`; null takes it away. */
  write<T>(data: Data<T>, owner: DataOwner, value: T | null): void;
  /** Keeps `text` as it is, whatever it says: a document of an older version of the bot, or a damaged one. */
  writeText<T>(data: Data<T>, owner: DataOwner, text: string): void;
  /** A call begins: gives what carries out the operations of its states. */
  begin(): CarryOut;
}

/** Carries out an operation, at once, and gives its output. @throws as the operation does */
export type CarryOut = (operation: DataOperation, input: DataInput, taskId: string) => unknown;

/**
 * Makes an empty store.
 *
 * @example
 * ```ts
 * const data = dataStore();
 * dial(bot, { data }).hears('Welcome.').hangsUp();
 * dial(bot, { data }).hears('Welcome back.');
 * ```
 */
export const dataStore = (): DataStore => {
  const kept = new Map<string, KeptText>();
  let writers = 0;

  const carryOut: CarryOut = (operation, input, taskId) => {
    const { key } = input;
    const before = (key === null ? undefined : kept.get(key)) ?? { revision: 0, text: null };
    const { text, output } = operation.decide(input, before, taskId);
    if (key !== null && text !== undefined) kept.set(key, { revision: before.revision + 1, text });
    return output;
  };
  /** Calls of tests are often of one id, and then so are their tasks. */
  const writer = (): string => `writer ${(writers += 1)}`;

  return {
    begin: () => {
      const call = writer();
      return (operation, input, taskId) => carryOut(operation, input, `${call}: ${taskId}`);
    },
    read: <T>(data: Data<T>, owner: DataOwner) => (carryOut(loadOperation(data), { key: dataKey(data, owner), with: null }, writer()) as Kept<T>).value,
    write: (data, owner, value) => void carryOut(updateOperation(data, () => value), { key: dataKey(data, owner), with: null }, writer()),
    writeText: (data, owner, text) => {
      const key = dataKey(data, owner);
      if (key !== null) kept.set(key, { revision: (kept.get(key)?.revision ?? 0) + 1, text });
    },
  };
};
