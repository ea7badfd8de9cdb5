/**
 * Perform — a task is done: by its function, or by what the host has for an operation. Whatever comes of it, the result is data.
 *
 * @module
 */
import { type ChatDelivery, requireAddress } from './chat.ts';
import type { DataInput, DataOperation } from './data-operation.ts';
import { confiding, type TaskArgs, taskDone, taskFailed, type TaskResult, type TaskWork } from './task-logic.ts';

/** Whose task it is. Only a function of the author's is shown secrets. */
export type OfTask = Omit<TaskArgs, 'reveal'>;

/** What a host has for operations: each gives the task's output, or a promise of it. */
export interface Means {
  data(operation: DataOperation, input: DataInput, taskId: string): unknown;
  chat(delivery: ChatDelivery, of: OfTask): unknown;
}

/**
 * Does `work` with `input`: at once, unless it gives a promise. Never throws, and the promise never rejects; what was thrown is
 * told to `caught` as it was.
 */
export const perform = (work: TaskWork, input: unknown, args: TaskArgs, means: Means, caught?: (error: unknown) => void): TaskResult | Promise<TaskResult> => {
  const { guarded, told } = confiding(args.reveal);
  const done = (output: unknown): TaskResult => told(taskDone(output));
  const failed = (error: unknown): TaskResult => {
    caught?.(error);
    return told(taskFailed(error));
  };
  try {
    const output = carryOut(work, input, { ...args, reveal: guarded }, means);
    return isPromise(output) ? Promise.resolve(output).then(done).catch(failed) : done(output);
  } catch (error) {
    return failed(error);
  }
};

const carryOut = (work: TaskWork, input: unknown, args: TaskArgs, { data, chat }: Means): unknown => {
  if (typeof work === 'function') return work(input as never, args);
  const { signal, callId, taskId } = args;
  switch (work.kind) {
    case 'data':
      return data(work, input as DataInput, taskId);
    case 'chat':
      return chat(requireAddress(input as ChatDelivery), { signal, callId, taskId });
  }
};

const isPromise = (value: unknown): value is PromiseLike<unknown> => typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
