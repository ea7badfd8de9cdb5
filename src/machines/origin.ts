/**
 * Origin — how a dialog was made, so that a library can make it again under a name of its own.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { shared } from './copies.ts';

/** What takes the place of a dialog that another one runs. */
export type Exchange = (dialog: AnyStateMachine) => AnyStateMachine;

/** Where a dialog stands in its libraries: each by its name in the outermost one (`billing`, `billing:cards`). */
export type Shelves = readonly (readonly [name: string, library: object])[];

/** How a dialog was made. */
export interface Origin {
  /** Makes it again, called `id`, with `exchange` for the dialogs that it runs. */
  remake(id: string, exchange: Exchange, shelves: Shelves): AnyStateMachine;
  readonly exchange: Exchange;
  readonly shelves: Shelves;
}

const origins = shared('origins', () => new WeakMap<object, Origin>());

/** Remembers how `dialog` was made. */
export const remember = (dialog: AnyStateMachine, origin: Origin): AnyStateMachine => {
  origins.set(dialog, origin);
  return dialog;
};

/** How `dialog` was made; undefined for a machine that is no dialog of ours. */
export const originOf = (dialog: object): Origin | undefined => origins.get(dialog);
