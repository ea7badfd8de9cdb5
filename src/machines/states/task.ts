/**
 * The state `task` — asynchronous work that the chart asks for: a database, a model. It leaves the pure core as data;
 * a host runs it and brings the result back as an event.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import { type Prompt, promptItems } from '../../actions/index.ts';
import type { DoneEvent, FailedEvent } from '../call-event.ts';
import { type Computed, type Facts, type Handler, type MadeState, targetsOf, transitions } from '../state-config.ts';
import { type TaskFunction, taskInput, taskLogic } from '../task-logic.ts';

interface Handlers<C extends MachineContext, Output> {
  readonly done?: Handler<C, DoneEvent<Output>>;
  readonly failed?: Handler<C, FailedEvent>;
  readonly timeout?: Handler<C, { type: string }>;
}

/** What a task gives, when it is written in place; that of a task by name is not known here. */
type OutputOf<R> = R extends (...args: never) => infer O ? Awaited<O> : unknown;
type InputOf<R> = R extends (input: infer I, ...args: never) => unknown ? NoInfer<I> : unknown;

interface TaskOptions<C extends MachineContext, Input> {
  /** What the task is given: JSON. */
  readonly input?: Computed<C, Input>;
  /** The task is given up after this long, ms, and ends as `timeout` (or `failed`). */
  readonly timeoutMs?: number;
  /** What the caller hears while the task outlasts the service's patience. Default: the bot's filler. */
  readonly filler?: Computed<C, Prompt>;
}

/**
 * A state that runs a task: a function, or the name of one of the machine's `tasks`. `done` (its result is
 * `event.output`) and `failed` must be handled; `timeout` may be, else it counts as `failed`.
 *
 * @example
 * ```ts
 * task({ run: async (order: string) => shop.find(order), input: ({ context }) => context.order,
 *   on: { done: { target: 'tell', actions: assign(({ event }) => ({ eta: event.output.eta })) }, failed: 'sorry' } })
 * ```
 */
export function task<C extends MachineContext, const R extends string | TaskFunction<never, unknown>, const On extends Handlers<C, OutputOf<R>>>(
  options: TaskOptions<C, InputOf<R>> & { readonly run: R; readonly on: On },
): MadeState<C, Facts<'task', 'done' | 'failed', 'timeout', On, never, R extends string ? R : never>>;
export function task(options: TaskOptions<never, unknown> & { readonly run: string | TaskFunction<never, unknown>; readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { run, input, timeoutMs, filler, on } = options;
  return {
    invoke: {
      id: 'task',
      src: typeof run === 'string' ? run : taskLogic(run),
      input: ({ context }: { context: never }) => taskInput(typeof input === 'function' ? input({ context }) : input, promptItems(typeof filler === 'function' ? filler({ context }) : filler)),
      onDone: transitions(on['done']),
      onError: transitions(on['failed']),
    },
    ...(timeoutMs !== undefined && { after: { [timeoutMs]: transitions(on['timeout'] ?? on['failed']) } }),
    meta: {
      call: {
        kind: 'task', required: ['done', 'failed'], optional: ['timeout'],
        handled: Object.keys(on), targets: targetsOf(on), choices: [], actions: [], task: typeof run === 'string' ? [run] : [],
      },
    },
  };
}
