/**
 * Stubs — what stands for a bot's tasks while it is tested: a value, a function, or the real thing.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { type Means, type PendingTask, perform, type TaskArgs, type TaskFunction, type TaskResult, type TaskWork, tasksDeclared } from '../machines/index.ts';

/** Stands for a task: its result, or a function that gives it. What the function throws is the task's failure. */
export type TaskStub = { stub(input: unknown, args: TaskArgs): unknown }['stub'] | string | number | boolean | null | readonly unknown[] | { readonly [key: string]: unknown };

/**
 * Stubs by the task's name: as declared in `tasks`, or the path of the state that runs a task written in place. Where two
 * machines have a task of one name, `billing:pay/charge` is that of the machine `billing:pay`.
 */
export type TaskStubs = Readonly<Record<string, TaskStub>>;

/** What a task gives that does not end. */
export const nothingYet: Promise<never> = new Promise<never>(() => {});

/** Stands for a task that does not end until the caller of the test says so: `taskEnds`, `taskFails`. */
export const never = (): Promise<never> => nothingYet;

/** Stands for a task that fails, with `code` if one is given. */
export const failing = (code = '') => (): never => {
  throw Object.assign(new Error('the task failed'), code !== '' && { code });
};

/**
 * Stands for a task that is run more than once: the first time by the first of `stubs`, the second time by the second. A test in which
 * it is run more often than that fails.
 *
 * @example
 * ```ts
 * dial(acme, { tasks: { lookup: inTurn({ eta: 3 }, failing('ERR_TASK_TIMEOUT'), never) } });
 * ```
 */
export const inTurn = (...stubs: readonly TaskStub[]): ((input: unknown, args: TaskArgs) => unknown) => {
  let runs = 0;
  return (input, args) => {
    const stub = stubs[runs];
    runs += 1;
    if (runs > stubs.length) throw new CallError('ERR_EXPECTATION', `expected the task to be run ${times(stubs.length)}\ninstead it is run once more`, {});
    return typeof stub === 'function' ? stub(input, args) : stub;
  };
};

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

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

/** What `stubs` give for `task` of a live bot; undefined when there is no stub, and the task is to be run. To stubs there no secret is shown. */
export const stoodFor = (stubs: TaskStubs, task: PendingTask, { callId, signal }: Pick<TaskArgs, 'callId' | 'signal'>): Promise<TaskResult> | undefined => {
  const work = stubOf(stubs, task);
  return work && Promise.resolve(perform(work, task.input, { callId, signal, taskId: task.id, reveal: secretive }, none));
};

const secretive = (): never => {
  throw new CallError('ERR_SECRET_KEY', 'a stub of a live bot is shown no secrets', { reason: 'missing' });
};

/** A stub is a function, and has need of nothing else. */
const none: Means = { data: () => undefined, chat: () => undefined };
