/**
 * The state `dialog` — runs a reusable machine with typed input and output. It is atomic and asks nothing itself.
 *
 * @module
 */
import type { AnyStateMachine, MachineContext } from 'xstate';
import { computing } from '../authored.ts';
import type { CallData } from '../call-context.ts';
import type { DoneEvent } from '../call-event.ts';
import { notADialog } from '../no-dialog.ts';
import { kinds, noted, oddities } from '../options.ts';
import { type Computed, type Facts, type Handler, type MadeState, targetsOf, transitions } from '../state-config.ts';
import { outcomeWhen } from './outcome.ts';

/** What the actor of a dialog is given: the call's own data, and the author's input. */
export interface DialogInput<Input = unknown> {
  readonly call: CallData;
  readonly input: Input;
}

/** A dialog, as `dialogMachine` makes it: a machine whose type remembers its input and output, and its states. */
export type Dialog<Input, Output, S = unknown> = AnyStateMachine & { readonly '~dialog'?: (input: Input) => Output } & WithStates<S>;

/** A machine whose type remembers its states; a type only, never a value. */
export interface WithStates<S> {
  readonly '~states'?: S;
}

/** A state that runs a dialog of the states `S`. */
interface Runs<S> {
  readonly '~runs'?: S;
}

/** The ways in which a dialog ends, where its output tells them by a `status`, as that of a waterfall does. */
type StatusOf<Output> = Output extends { readonly status: infer S extends string } ? (string extends S ? never : Exclude<S, 'done'>) : never;

/** Each status is an outcome; `done` is what has none of its own here. */
type Handlers<C extends MachineContext, Output> = {
  // Not StatusOf: an event is typed while `Output` is still open, and then a conditional type has no names.
  readonly [K in 'done' | (Output[keyof Output & 'status'] & string)]?: Handler<C, DoneEvent<K extends 'done' ? Output : Output & { readonly status: K }>>;
};

/** What must be handled: `done`, or else every status. */
type RequiredOf<Output, On> = On extends { readonly done: unknown } ? 'done' : [keyof On & StatusOf<Output>] extends [never] ? 'done' : StatusOf<Output>;

/** A dialog that wants input gets it. */
type InputOption<C extends MachineContext, Input> = undefined extends Input ? { readonly input?: Computed<C, NoInfer<Input>> } : { readonly input: Computed<C, NoInfer<Input>> };

/**
 * A state that runs `machine` until it ends; `done` gets its output as `event.output`. Where the output has a `status`, each status is
 * an outcome that comes before `done`, and `done` need not be handled where all of them are. Statuses that are computed are not known
 * before a call: there `done` has to be handled.
 *
 * @example
 * ```ts
 * dialog(pin, { input: { digits: 4 }, on: { done: { target: 'account', actions: assign(({ event }) => ({ pin: event.output })) } } })
 * dialog(order, { on: { completed: 'thanks', done: 'bye' } }) // a waterfall
 * ```
 */
export function dialog<C extends MachineContext, Input, Output, const On extends Handlers<C, Output>, S = unknown>(
  machine: Dialog<Input, Output, S>,
  options: InputOption<C, Input> & { readonly on: On },
): MadeState<C, Facts<'dialog', RequiredOf<Output, On>, 'done' | StatusOf<Output>, On> & Runs<S>>;
export function dialog(machine: AnyStateMachine, options: { readonly input?: Computed<never, unknown>; readonly on?: Readonly<Record<string, unknown>> } = {}): unknown {
  const { input, on = {} } = options;
  const wrong = notADialog(machine);
  const told = Object.keys(on).filter((outcome) => outcome !== 'done');
  const statuses = statusesOf(machine);
  const isWhole = statuses !== undefined && told.length > 0 && on['done'] === undefined;
  return noted([...(wrong === undefined ? [] : [wrong]), ...oddities(options, { input: kinds.any, on: kinds.object })], {
    invoke: {
      id: 'dialog',
      src: wrong === undefined ? machine : undefined, // what is refused already is not looked at as a task as well
      input: computing(({ context }: { context: never }): DialogInput => ({
        call: (context as { call: CallData }).call,
        input: typeof input === 'function' ? input({ context }) : input,
      }), input),
      onDone: [...told.flatMap((outcome) => outcomeWhen({ type: 'call.endedAs', params: { outcome } }, on[outcome])), ...transitions(on['done'])],
    },
    meta: {
      call: { kind: 'dialog', required: isWhole ? statuses : ['done'], optional: ['done', ...(statuses ?? told)], handled: Object.keys(on), targets: targetsOf(on), choices: [], actions: [], task: [] },
    },
  });
}

/** The statuses that the final states of `machine` give; undefined where one of them is computed, and nobody knows before a call. */
const statusesOf = (machine: AnyStateMachine): readonly string[] | undefined => {
  const states = Object.values((machine as Partial<AnyStateMachine> | undefined)?.config?.states ?? {}) as readonly Final[];
  const ends = states.filter(({ type }) => type === 'final').map(({ output, meta }) => (meta?.status === undefined ? output : meta));
  if (ends.some((end) => typeof end === 'function')) return undefined;
  const statuses = ends.map((end) => (end as { readonly status?: unknown } | null | undefined)?.status).filter((status) => typeof status === 'string');
  return [...new Set(statuses)].filter((status) => status !== 'done');
};

/** A final state. A waterfall writes the status down beside the output that it computes. */
interface Final {
  readonly type?: string;
  readonly output?: unknown;
  readonly meta?: { readonly status?: string };
}
