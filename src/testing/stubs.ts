/**
 * Stubs — what stands for a bot's tasks while it is tested: a value, a function, or the real thing.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { confiding, type DataInput, type PendingTask, type TaskArgs, taskDone, taskFailed, type TaskFunction, type TaskWork, tasksDeclared, type TaskResult } from '../machines/index.ts';
import type { CarryOut } from './data-store.ts';

/** Stands for a task: its result, or a function that gives it. What the function throws is the task's failure. */
export type TaskStub = { stub(input: unknown, args: TaskArgs): unknown }['stub'] | string | number | boolean | null | readonly unknown[] | { readonly [key: string]: unknown };

/**
 * Stubs by the task's name: as declared in `tasks`, or the path of the state that runs a task written in place. Where two
 * machines have a task of one name, `billing:pay/charge` is that of the machine `billing:pay`.
 */
export type TaskStubs = Readonly<Record<string, TaskStub>>;

/** @throws `ERR_OPTION_INVALID` for a stub that stands for no task of the bot. */
export const checkStubs = (machine: AnyStateMachine, stubs: TaskStubs): void => {
  const tasks = tasksDeclared(machine);
  const names = tasks.map(({ name }) => name);
  const unknown = Object.keys(stubs).find((stub) => !tasks.some((task) => stub === task.name || stub === ownName(task)));
  if (unknown === undefined) return;
  throw new CallError('ERR_OPTION_INVALID', `the bot has no task \`${unknown}\`; it has ${names.map((name) => `\`${name}\``).join(', ') || 'none'}`, { option: 'tasks' });
};

const ownName = ({ machine, name }: Pick<PendingTask, 'machine' | 'name'>): string => `${machine}/${name}`;

/** The work that stands for `task`; undefined when there is none. */
export const stubOf = (stubs: TaskStubs, task: PendingTask): TaskFunction<never, unknown> | undefined => {
  const name = [ownName(task), task.name].find((one) => Object.hasOwn(stubs, one));
  if (name === undefined) return undefined;
  const stub = stubs[name];
  return typeof stub === 'function' ? stub : () => stub;
};

/** The bot's own work for `task`, whether the bot or one of its dialogs declares it. */
export const workOf = (machine: AnyStateMachine, task: PendingTask): TaskWork | undefined =>
  tasksDeclared(machine).find((declared) => declared.machine === task.machine && declared.name === task.name)?.work;

/** Does `work` for `task`: at once, unless it gives a promise. Never throws, and the promise never rejects. */
export const perform = (work: TaskWork, task: PendingTask, args: TaskArgs, carryOut: CarryOut): TaskResult | Promise<TaskResult> => {
  const { guarded, told } = confiding(args.reveal);
  const done = (output: unknown): TaskResult => told(taskDone(output));
  const failed = (error: unknown): TaskResult => told(taskFailed(error));
  try {
    const output = typeof work === 'function' ? work(task.input as never, { ...args, reveal: guarded }) : carryOut(work, task.input as DataInput, task.id);
    return isPromise(output) ? Promise.resolve(output).then(done, failed) : done(output);
  } catch (error) {
    return failed(error);
  }
};

const isPromise = (value: unknown): value is PromiseLike<unknown> => typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
