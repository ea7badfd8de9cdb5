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
import type { ChatOperation } from './chat.ts';
import { decoded, type JsonCodec } from './codec.ts';
import type { DataOperation } from './data-operation.ts';
import { notJson } from './json.ts';

/** What a task is told besides its input. */
export interface TaskArgs {
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal;
  readonly callId: string;
  /** The same when the task is run again after a crash: use it as an idempotency key. */
  readonly taskId: string;
  /**
   * What was keyed at a question marked `secret`, by its seal. What a task gives back, or throws, must not hold it: such a
   * result is a failure. @throws `ERR_SECRET_KEY`
   */
  readonly reveal: (sealed: string) => string;
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

/** What a task asks of its host beside a function: something that the host has and the chart does not, told apart by `kind`. */
export type HostOperation = DataOperation | ChatOperation;

/** What a host does for a task: runs a function, or carries out an operation. */
export type TaskWork = TaskFunction<never, unknown> | HostOperation;

/** The actor of a task, with what a host does for it. */
export interface TaskLogic extends ActorLogic<TaskSnapshot, TaskResult, TaskInput, ActorSystem<ActorSystemInfo>> {
  readonly work: TaskWork;
  /** The name of the task where this actor is another state's view of it. */
  readonly task: string | undefined;
  /** What its results are held against. */
  readonly output: JsonCodec<unknown> | undefined;
}

/** A task of the machine by its name, whose result one state holds against a codec. */
export interface NamedTask {
  readonly task: string;
  readonly output: JsonCodec<unknown>;
}

/** An actor that waits for the result of `work`. A result that does not fit `output` is a failure. */
export const taskLogic = (work: TaskWork, output?: JsonCodec<unknown>, task?: string): TaskLogic => ({
  work,
  task,
  output,
  getInitialSnapshot: (_, input) => ({ status: 'active', output: undefined, error: undefined, input }),
  transition: (snapshot, event) => {
    const { input } = snapshot; // one order of keys, through JSON or not
    const result = event.type === 'task.done' && output !== undefined ? fitting(event.output, output) : event;
    if (result.type === 'task.done') return { status: 'done', output: result.output, error: undefined, input };
    if (result.type === 'task.failed') return { status: 'error', output: undefined, error: result.error, input };
    return snapshot;
  },
  getPersistedSnapshot: (snapshot) => snapshot,
  restoreSnapshot: (snapshot) => snapshot as TaskSnapshot,
});

const fitting = (output: unknown, codec: JsonCodec<unknown>): TaskResult => {
  const fit = decoded(codec, output, 'output');
  return 'value' in fit ? { type: 'task.done', output: fit.value } : failure(`the task's \`${fit.path}\` does not fit its codec`, 'ERR_TASK_OUTPUT');
};

const failure = (message: string, code: string): TaskResult => ({ type: 'task.failed', error: { message, code } });

/** Whether `logic` is a task's. */
export const isTaskLogic = (logic: unknown): logic is TaskLogic => typeof logic === 'object' && logic !== null && 'work' in logic && 'getInitialSnapshot' in logic;

/** Whether `source` names a task of the machine. */
export const isNamedTask = (source: unknown): source is NamedTask => typeof source === 'object' && source !== null && 'task' in source && 'output' in source && !('work' in source);

/** The input of a task's actor. */
export const taskInput = (value: unknown, filler: readonly PromptItem[]): TaskInput => ({ value: value ?? null, filler });

/**
 * The result of a task that gave `output`: as it will be read from a store. What JSON cannot carry is a failure of the task
 * and not a quiet change of it; nothing at all is null.
 */
export const taskDone = (output: unknown): TaskResult => {
  const path = output === undefined ? undefined : notJson(output, 'output');
  if (path !== undefined) return failure(`the task gave \`${path}\`, which is nothing that JSON can carry`, 'ERR_TASK_OUTPUT');
  return { type: 'task.done', output: JSON.parse(JSON.stringify(output ?? null)) as unknown };
};

/** The result of a task that somebody has fail, with `code` if that is not empty. */
export const taskFailedBy = (code: string): TaskResult => ({ type: 'task.failed', error: { message: 'the task failed', ...(code !== '' && { code }) } });

/** Names of errors that are endings of their own, with the code that tells them: what an `AbortSignal` makes a library throw. */
const endings: Readonly<Record<string, string>> = { AbortError: 'ERR_TASK_CANCELLED', TimeoutError: 'ERR_TASK_TIMEOUT' };

/** The result of a task whose time is over. */
export const timedOut: TaskResult = { type: 'task.failed', error: { message: 'the task took too long', code: 'ERR_TASK_TIMEOUT' } };

/** The result of a task that threw `error`. */
export const taskFailed = (error: unknown): TaskResult => {
  const { name, message, code: own } = (typeof error === 'object' && error !== null ? error : { message: error }) as { readonly name?: unknown; readonly message?: unknown; readonly code?: unknown };
  const code = typeof name === 'string' && Object.hasOwn(endings, name) ? endings[name] : own;
  return { type: 'task.failed', error: { message: typeof message === 'string' ? message : 'the task threw', ...(typeof code === 'string' && { code }) } };
};

/** A secret of that many keys is looked for anywhere. */
const leastAnywhere = 4;
/** A shorter one, as of the back of a card, only where a text has it by itself; one or two digits are in many a result by chance. */
const leastByItself = 3;

/**
 * Lets a task see secrets, and its result not: what it was shown must not come back, into the chart and the record of the
 * call. `told` gives its result, or the failure that stands for one that tells a secret.
 */
export const confiding = (reveal: (sealed: string) => string): { readonly guarded: (sealed: string) => string; readonly told: (result: TaskResult) => TaskResult } => {
  const shown = new Set<string>();
  return {
    guarded: (sealed) => {
      const text = reveal(sealed);
      shown.add(text);
      return text;
    },
    told: (result) => {
      if (shown.size === 0) return result;
      return [...shown].some((secret) => tells(result, secret)) ? failure("the task's result tells a secret that it was shown", 'ERR_TASK_OUTPUT') : result;
    },
  };
};

const tells = (result: TaskResult, secret: string): boolean => {
  if (secret.length >= leastAnywhere) return JSON.stringify(result).includes(secret);
  if (secret.length < leastByItself) return false;
  const texts = JSON.stringify(result, (_, value: unknown) => (typeof value === 'number' ? null : value)); // a sum of 737 euros is no secret
  return texts.split(/[^0-9A-D*#]+/).includes(secret);
};
