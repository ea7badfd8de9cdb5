/**
 * Task logic — the XState actor that stands for a task while it runs somewhere else: it holds its input and waits.
 *
 * XState's own `fromPromise` would run again at every restore and dies with the process; this one is data through and
 * through, ends on `task.done` or `task.failed`, and says by its type what a host has to run.
 *
 * @module
 */
import type { ActorLogic, ActorSystem, ActorSystemInfo, Snapshot } from 'xstate';
import type { PromptItem } from '../actions/index.ts';
import type { TaskFailure } from './call-event.ts';
import { notJson } from './json.ts';

/** What a task is told besides its input. */
export interface TaskArgs {
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal;
  readonly callId: string;
  /** The same when the task is run again after a crash: use it as an idempotency key. */
  readonly taskId: string;
}

/** A task: input and output are JSON. It may be run more than once, with the same `taskId`. */
export type TaskFunction<Input, Output> = (input: Input, args: TaskArgs) => Output | Promise<Output>;

/** What a task's actor holds. */
export interface TaskInput {
  readonly value: unknown;
  readonly filler: readonly PromptItem[];
}

/** How a task ended. */
export type TaskResult = { readonly type: 'task.done'; readonly output: unknown } | { readonly type: 'task.failed'; readonly error: TaskFailure };

type TaskSnapshot = Snapshot<unknown> & { readonly input: TaskInput };

/** The actor of a task, with the function that a host runs for it. */
export interface TaskLogic extends ActorLogic<TaskSnapshot, TaskResult, TaskInput, ActorSystem<ActorSystemInfo>> {
  readonly run: TaskFunction<never, unknown>;
}

/** An actor that waits for the result of `run`. */
export const taskLogic = (run: TaskFunction<never, unknown>): TaskLogic => ({
  run,
  getInitialSnapshot: (_, input) => ({ status: 'active', output: undefined, error: undefined, input }),
  transition: (snapshot, event) => {
    const { input } = snapshot; // one order of keys, through JSON or not
    if (event.type === 'task.done') return { status: 'done', output: event.output, error: undefined, input };
    if (event.type === 'task.failed') return { status: 'error', output: undefined, error: event.error, input };
    return snapshot;
  },
  getPersistedSnapshot: (snapshot) => snapshot,
  restoreSnapshot: (snapshot) => snapshot as TaskSnapshot,
});

/** Whether `logic` is a task's. */
export const isTaskLogic = (logic: unknown): logic is TaskLogic => typeof logic === 'object' && logic !== null && 'run' in logic && typeof logic.run === 'function' && 'getInitialSnapshot' in logic;

/** The input of a task's actor. */
export const taskInput = (value: unknown, filler: readonly PromptItem[]): TaskInput => ({ value: value ?? null, filler });

/**
 * The result of a task that gave `output`: as it will be read from a store. What JSON cannot carry is a failure of the task
 * and not a quiet change of it; nothing at all is null.
 */
export const taskDone = (output: unknown): TaskResult => {
  const path = output === undefined ? undefined : notJson(output, 'output');
  if (path !== undefined) return { type: 'task.failed', error: { message: `the task gave \`${path}\`, which is nothing that JSON can carry`, code: 'ERR_TASK_OUTPUT' } };
  return { type: 'task.done', output: JSON.parse(JSON.stringify(output ?? null)) as unknown };
};

/** The result of a task that threw `error`. */
export const taskFailed = (error: unknown): TaskResult => {
  const { message, code } = (typeof error === 'object' && error !== null ? error : { message: error }) as { readonly message?: unknown; readonly code?: unknown };
  return { type: 'task.failed', error: { message: typeof message === 'string' ? message : 'the task threw', ...(typeof code === 'string' && { code }) } };
};
