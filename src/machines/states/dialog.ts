/**
 * The state `dialog` — runs a reusable machine with typed input and output. It is atomic and asks nothing itself.
 *
 * @module
 */
import type { AnyStateMachine, MachineContext } from 'xstate';
import type { CallData } from '../call-context.ts';
import type { DoneEvent } from '../call-event.ts';
import { kinds, noted, oddities } from '../options.ts';
import { type Computed, type Facts, type Handler, type MadeState, targetsOf, transitions } from '../state-config.ts';

/** What the actor of a dialog is given: the call's own data, and the author's input. */
export interface DialogInput<Input = unknown> {
  readonly call: CallData;
  readonly input: Input;
}

/** A dialog, as `dialogMachine` makes it: a machine whose type remembers its input and output. */
export type Dialog<Input, Output> = AnyStateMachine & { readonly '~dialog'?: (input: Input) => Output };

interface Handlers<C extends MachineContext, Output> {
  readonly done?: Handler<C, DoneEvent<Output>>;
}

/** A dialog that wants input gets it. */
type InputOption<C extends MachineContext, Input> = undefined extends Input ? { readonly input?: Computed<C, NoInfer<Input>> } : { readonly input: Computed<C, NoInfer<Input>> };

/**
 * A state that runs `machine` until it ends; `done` gets its output as `event.output`.
 *
 * @example
 * ```ts
 * dialog(pin, { input: { digits: 4 }, on: { done: { target: 'account', actions: assign(({ event }) => ({ pin: event.output })) } } })
 * ```
 */
export function dialog<C extends MachineContext, Input, Output, const On extends Handlers<C, Output>>(
  machine: Dialog<Input, Output>,
  options: InputOption<C, Input> & { readonly on: On },
): MadeState<C, Facts<'dialog', 'done', never, On>>;
export function dialog(machine: AnyStateMachine, options: { readonly input?: Computed<never, unknown>; readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { input, on = {} } = options;
  return noted(oddities(options, { input: kinds.any, on: kinds.object }), {
    invoke: {
      id: 'dialog',
      src: machine,
      input: ({ context }: { context: never }): DialogInput => ({
        call: (context as { call: CallData }).call,
        input: typeof input === 'function' ? input({ context }) : input,
      }),
      onDone: transitions(on['done']),
    },
    meta: {
      call: { kind: 'dialog', required: ['done'], optional: [], handled: Object.keys(on), targets: targetsOf(on), choices: [], actions: [], task: [] },
    },
  });
}
