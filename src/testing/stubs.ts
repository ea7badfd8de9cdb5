/**
 * Stubs — what stands for a bot's tasks while it is tested: a value, a function, or the real thing.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { type ChatDelivery, type DataInput, type PendingTask, type TaskArgs, taskDone, taskFailed, type TaskFunction, type TaskWork, tasksDeclared, type TaskResult } from '../machines/index.ts';
import type { CarryOut } from './data-store.ts';

/** What stands for the host's means. */
export interface Means {
  readonly data: CarryOut;
  /** Delivers a chat message, at once. @throws `ERR_CHAT_UNDELIVERED` */
  readonly chat: (delivery: ChatDelivery) => void;
}

/** Stands for a task: its result, or a function that gives it. What the function throws is the task's failure. */
export type TaskStub = { stub(input: unknown, args: TaskArgs): unknown }['stub'] | string | number | boolean | null | readonly unknown[] | { readonly [key: string]: unknown };

/** Stubs by the task's name: as declared in `tasks`, or the path of the state that runs a task written in place. */
export type TaskStubs = Readonly<Record<string, TaskStub>>;

/** @throws `ERR_OPTION_INVALID` for a stub that stands for no task of the bot. */
export const checkStubs = (machine: AnyStateMachine, stubs: TaskStubs): void => {
  const names = tasksDeclared(machine).map(({ name }) => name);
  const unknown = Object.keys(stubs).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new CallError('ERR_OPTION_INVALID', `the bot has no task \`${unknown}\`; it has ${names.map((name) => `\`${name}\``).join(', ') || 'none'}`, { option: 'tasks' });
};

/** The work that stands for the task called `name`; undefined when there is none. */
export const stubOf = (stubs: TaskStubs, name: string): TaskFunction<never, unknown> | undefined => {
  if (!Object.hasOwn(stubs, name)) return undefined;
  const stub = stubs[name];
  return typeof stub === 'function' ? stub : () => stub;
};

/** The bot's own work for `task`, whether the bot or one of its dialogs declares it. */
export const workOf = (machine: AnyStateMachine, task: PendingTask): TaskWork | undefined =>
  tasksDeclared(machine).find((declared) => declared.machine === task.machine && declared.name === task.name)?.work;

/** Does `work` for `task`: at once, unless it gives a promise. Never throws, and the promise never rejects. */
export const perform = (work: TaskWork, task: PendingTask, args: TaskArgs, means: Means): TaskResult | Promise<TaskResult> => {
  try {
    const output = carryOut(work, task.input, args, means);
    return isPromise(output) ? Promise.resolve(output).then(taskDone, taskFailed) : taskDone(output);
  } catch (error) {
    return taskFailed(error);
  }
};

const carryOut = (work: TaskWork, input: unknown, args: TaskArgs, { data, chat }: Means): unknown => {
  if (typeof work === 'function') return work(input as never, args);
  switch (work.kind) {
    case 'data':
      return data(work, input as DataInput, args.taskId);
    case 'chat':
      return chat(input as ChatDelivery);
  }
};

const isPromise = (value: unknown): value is PromiseLike<unknown> => typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
