/**
 * The state `task` — asynchronous work that the chart asks for: a database, a model. It leaves the pure core as data;
 * a host runs it and brings the result back as an event.
 *
 * @module
 */
import type * as t from 'io-ts';
import type { MachineContext } from 'xstate';
import { type Prompt, promptItems } from '../../actions/index.ts';
import { computing } from '../authored.ts';
import type { DoneEvent, FailedEvent } from '../call-event.ts';
import type { JsonCodec } from '../codec.ts';
import { computed, type Kind, kinds, noted, oddities } from '../options.ts';
import { type Computed, type Facts, type Handler, type MadeState, type StateFacts, targetsOf, type Transition, transitions } from '../state-config.ts';
import { type NamedTask, type TaskFunction, taskInput, type TaskLogic, taskLogic } from '../task-logic.ts';
import { outcomeWhen } from './outcome.ts';

interface Handlers<C extends MachineContext, Output> {
  readonly done?: Handler<C, DoneEvent<Output>>;
  readonly failed?: Handler<C, FailedEvent>;
  readonly timeout?: Handler<C, FailedEvent>;
  readonly cancelled?: Handler<C, FailedEvent>;
}

/** What a task gives: what its codec says, or what the function that is written in place returns. That of a task by name is not known here. */
type OutputOf<O, D> = [D] extends [never] ? Told<O> : [D] extends [t.Mixed] ? t.TypeOf<D> : Told<O>;
/** While the compiler has not seen the task, `O` is `never`. */
type Told<O> = [O] extends [never] ? unknown : O;
/** A name that was given; of a task in place nothing is known but that names are texts. */
type Given<N extends string> = string extends N ? never : N;

/** What states that wait for work have in common. */
export interface WorkOptions<C extends MachineContext> {
  /** The task is given up after this long, ms, and ends as `timeout` (or `failed`). */
  readonly timeoutMs?: number;
  /** What the caller hears while the task outlasts the service's patience. Default: the bot's filler. */
  readonly filler?: Computed<C, Prompt>;
}

interface TaskOptions<C extends MachineContext, Input> extends WorkOptions<C> {
  /** What the task is given: JSON. */
  readonly input?: Computed<C, Input>;
}

/**
 * A state that runs a task: a function, or the name of one of the machine's `tasks`. `done` (its result is
 * `event.output`) and `failed` must be handled. `timeout` and `cancelled` may be, else they count as `failed`: a task that
 * throws a `TimeoutError` or an `AbortError`, as whatever obeys an `AbortSignal` does, ends so.
 *
 * `output` is an io-ts codec of the result, which types `event.output`; a result that does not fit it is a failure with the
 * code `ERR_TASK_OUTPUT`, and never reaches the chart.
 *
 * @example
 * ```ts
 * task({ run: async (order: string) => shop.find(order), input: ({ context }) => context.order, output: t.type({ eta: t.number }),
 *   on: { done: { target: 'tell', actions: assign(({ event }) => ({ eta: event.output.eta })) }, failed: 'sorry' } })
 * ```
 */
export function task<C extends MachineContext, const On extends Handlers<C, OutputOf<O, D>>, const N extends string, I = unknown, O = unknown, const D extends t.Mixed | undefined = undefined>(
  options: TaskOptions<C, NoInfer<I>> & { readonly run: N | TaskFunction<I, O>; readonly output?: D; readonly on: On },
): MadeState<C, Facts<'task', 'done' | 'failed', 'timeout' | 'cancelled', On, never, Given<N>>>;
export function task(options: TaskOptions<never, unknown> & { readonly run: string | TaskFunction<never, unknown>; readonly output?: JsonCodec<unknown>; readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { run, output, input, on = {} } = options;
  const state = workState({
    ...options, on,
    src: typeof run !== 'string' ? taskLogic(run, output) : output === undefined ? run : { task: run, output },
    input: computing(({ context }) => (typeof input === 'function' ? input({ context }) : input), input),
    onDone: transitions(on['done']),
    onError: outcomeWhen({ type: 'call.failedWith', params: { outcome: 'cancelled', code: 'ERR_TASK_CANCELLED' } }, on['cancelled']),
    required: ['done', 'failed'], optional: ['timeout', 'cancelled'], task: typeof run === 'string' ? [run] : [],
  });
  return noted(oddities(options, taskOptions), state);
}

/** A state that waits for work, looked at without its types. */
export interface Work extends WorkOptions<never>, Pick<StateFacts, 'required' | 'optional'> {
  readonly on: Readonly<Record<string, unknown>>;
  readonly src: string | TaskLogic | NamedTask;
  readonly input: (args: { readonly context: never }) => unknown;
  readonly onDone: readonly Transition[];
  /** Taken before `timeout` and `failed`. */
  readonly onError: readonly Transition[];
  readonly task?: readonly string[];
}

/** The state that `work` describes. */
export const workState = ({ src, input, timeoutMs, filler, on, onDone, onError, required, optional, task: names = [] }: Work) => ({
  invoke: {
    id: 'task',
    src,
    input: computing((args: { context: never }) => taskInput(input(args), promptItems(typeof filler === 'function' ? filler(args) : filler)), input, filler),
    onDone,
    onError: [...onError, ...outcomeWhen({ type: 'call.failedWith', params: { outcome: 'timeout', code: 'ERR_TASK_TIMEOUT' } }, on['timeout']), ...transitions(on['failed'])],
  },
  ...(timeoutMs !== undefined && { after: { [timeoutMs]: [{ actions: { type: 'call.timeOut' } }] } }), // the task then ends as one that threw a TimeoutError
  meta: { call: { kind: 'task', required, optional, handled: Object.keys(on), targets: targetsOf(on), choices: [], actions: [], task: names } },
});

/** The options of work, by kind. */
export const workOptions = {
  filler: computed(kinds.prompt), on: kinds.object,
  timeoutMs: kinds.any, // a delay, which is looked at as such
} satisfies Record<keyof WorkOptions<never> | 'on', Kind>;

const taskOptions = {
  ...workOptions,
  run: (run) => (typeof run === 'string' || typeof run === 'function' ? undefined : 'is neither a function nor the name of a task'),
  output: (codec) => (typeof (codec as { readonly decode?: unknown } | null)?.decode === 'function' ? undefined : 'is not an io-ts codec'),
  input: kinds.any,
} satisfies Record<keyof TaskOptions<never, unknown> | 'run' | 'output' | 'on', Kind>;
