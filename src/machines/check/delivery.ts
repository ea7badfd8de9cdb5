/**
 * Delivery — an event on its way to a call that stands at a moment, and to whom it goes.
 *
 * @module
 */
import { partly, unknown } from './partial.ts';
import type { TimerAt } from './moment.ts';

/** An event as an actor gets it: properties that are not known are {@link unknown}. */
export interface Event {
  readonly type: string;
  readonly [property: string]: unknown;
}

/** How an event comes to the call. */
export type Delivery =
  /** To the actor at `path`, or to the first above it that takes it: the outcome of what the service worked on. */
  | { readonly to: 'waiting'; readonly path: string; readonly event: Event }
  /** To the bot: a change of the line or of who is on it. The service goes on with what it does. */
  | { readonly to: 'line'; readonly event: Event }
  /** To nobody: the service asks again, and what is parked goes out. */
  | { readonly to: 'due' }
  /** To the actor at `path` and to no other: a timer. */
  | { readonly to: 'actor'; readonly path: string; readonly event: Event; readonly timer?: TimerAt }
  /** The end of the task at `path`. */
  | { readonly to: 'task'; readonly path: string; readonly result: TaskEnd };

/** How a task ends. */
export type TaskEnd = { readonly done: unknown } | { readonly failed: string };

/** The event of a task that failed with `code`; '' is any code that no state tells apart. */
export const failedEvent = (id: string, code: string): Event => ({ type: `xstate.error.actor.${id}`, error: partly({ message: unknown, code: code === '' ? unknown : code }) });
