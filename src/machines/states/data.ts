/**
 * The states `loadData`, `saveData` and `updateData` — what is kept beyond the call is read and written when the chart asks
 * for it, and never behind its back.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import { computing } from '../authored.ts';
import type { CallData } from '../call-context.ts';
import type { DoneEvent, FailedEvent } from '../call-event.ts';
import { type Data, dataKey, type Kept, loadOperation, ownerIn, saveOperation, updateOperation } from '../data.ts';
import type { DataInput, DataOperation } from '../data-operation.ts';
import { kinds, type Known, noted, oddities } from '../options.ts';
import { type Computed, type Facts, type Handler, type MadeState, transitions } from '../state-config.ts';
import { taskLogic } from '../task-logic.ts';
import { outcomeWhen } from './outcome.ts';
import { type WorkOptions, workOptions, workState } from './task.ts';

interface Failures<C extends MachineContext> {
  /** The store failed, or other writers kept winning, or it is not known whose the data would be. */
  readonly failed?: Handler<C, FailedEvent>;
  /** What is kept does not fit the codec, and `migrate` made nothing of it. When this is not handled the caller hears the apology. */
  readonly outdated?: Handler<C, FailedEvent>;
  readonly timeout?: Handler<C, FailedEvent>;
}

interface Handlers<C extends MachineContext, T> extends Failures<C> {
  readonly done?: Handler<C, DoneEvent<Kept<T>>>;
}

interface SaveHandlers<C extends MachineContext, T> extends Handlers<C, T> {
  /** Somebody else has written since the document was loaded; nothing was saved. */
  readonly conflict?: Handler<C, DoneEvent<null>>;
}

type More = 'outdated' | 'timeout';

/**
 * A state that loads a document of `data`: that of the caller, or of the conversation. `done` gets it as `event.output`:
 * `value` (null where nothing is kept) and the `revision` that {@link saveData} wants to know. `done` and `failed` must be
 * handled.
 *
 * @example
 * ```ts
 * loadData(visits, { on: { done: { target: 'hello', actions: assign(({ event }) => ({ visits: event.output })) }, failed: 'hello' } })
 * ```
 */
export function loadData<C extends MachineContext, T, const On extends Handlers<C, T>>(data: Data<T>, options: WorkOptions<C> & { readonly on: On }): MadeState<C, Facts<'task', 'done' | 'failed', More, On>>;
export function loadData(data: Data<unknown>, options: WorkOptions<never> & { readonly on: Readonly<Record<string, unknown>> }): unknown {
  return dataState(data, loadOperation(data), options, () => null, ['done', 'failed'], workOptions);
}

/**
 * A state that saves `document`, as it was loaded and with another value, if nobody has written meanwhile; the value null
 * forgets it. `done` gets it with its new revision; `done`, `conflict` and `failed` must be handled. What is saved once stays
 * saved once, also when the process dies in the middle of it.
 */
export function saveData<C extends MachineContext, T, const On extends SaveHandlers<C, T>>(
  data: Data<T>,
  options: WorkOptions<C> & { readonly document: Computed<C, NoInfer<Kept<T>>>; readonly on: On },
): MadeState<C, Facts<'task', 'done' | 'conflict' | 'failed', More, On>>;
export function saveData(data: Data<unknown>, options: WorkOptions<never> & { readonly document: Computed<never, Kept<unknown>>; readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { document } = options;
  return dataState(data, saveOperation(data), options, (context) => (typeof document === 'function' ? document({ context }) : document), ['done', 'conflict', 'failed'], { ...workOptions, document: kinds.any });
}

/**
 * A state that changes a document from whatever it is by then: `change` gets the value (null where nothing is kept) and
 * `input`, and gives the new one; null forgets it. Pure, since it is asked again when somebody else was faster. `done` gets
 * the document as it is kept now; `done` and `failed` must be handled.
 *
 * @example
 * ```ts
 * updateData(visits, { change: (visits) => ({ count: (visits?.count ?? 0) + 1 }), on: { done: 'menu', failed: 'menu' } })
 * ```
 */
export function updateData<C extends MachineContext, T, const On extends Handlers<C, T>, Input = undefined>(
  data: Data<T>,
  options: WorkOptions<C> & { readonly input?: Computed<C, Input>; readonly change: (value: NoInfer<T> | null, input: Input) => NoInfer<T> | null; readonly on: On },
): MadeState<C, Facts<'task', 'done' | 'failed', More, On>>;
export function updateData(data: Data<unknown>, options: WorkOptions<never> & { readonly input?: Computed<never, unknown>; readonly change: (value: unknown, input: unknown) => unknown; readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { input, change } = options;
  return dataState(data, updateOperation(data, change), options, (context) => (typeof input === 'function' ? input({ context }) : (input ?? null)), ['done', 'failed'], { ...workOptions, input: kinds.any, change: kinds.work });
}

const dataState = (data: Data<unknown>, operation: DataOperation, options: WorkOptions<never> & { readonly on: Readonly<Record<string, unknown>> }, input: (context: never) => unknown, required: readonly string[], known: Known): unknown => {
  const { on = {}, ...given } = options;
  const state = workState({
    ...options, on,
    src: taskLogic(operation),
    input: computing(({ context }): DataInput => ({ key: dataKey(data, ownerIn((context as { readonly call: CallData }).call)), with: input(context) }), ...Object.entries(given).flatMap(([name, one]) => (name === 'document' || name === 'input' ? [one] : []))),
    onDone: [...outcomeWhen({ type: 'call.gaveNothing', params: { outcome: 'conflict' } }, on['conflict']), ...transitions(on['done'])],
    onError: outcomeWhen({ type: 'call.failedWith', params: { outcome: 'outdated', code: 'ERR_DATA_SHAPE' } }, on['outdated'] ?? { actions: { type: 'call.apologise', params: { data: data.name } } }),
    required, optional: ['outdated', 'timeout'],
  });
  return noted(oddities(options, known), state);
};

