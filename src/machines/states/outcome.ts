/**
 * Outcome — the endings of a task or a dialog that come as one event and are told apart by a guard.
 *
 * @module
 */
import { and } from 'xstate';
import { type Transition, transitions } from '../state-config.ts';

/** A guard by its name, with the outcome that it stands for, which charts show. */
export interface OutcomeGuard {
  readonly type: 'call.failedWith' | 'call.gaveNothing' | 'call.endedAs';
  readonly params: { readonly outcome: string; readonly code?: string };
}

/** `handler`, for the ending that `guard` tells; none when it is absent. */
export const outcomeWhen = (guard: OutcomeGuard, handler: unknown): readonly Transition[] => onlyIf(guard, transitions(handler));

/** `steps`, taken only where `guard` holds as well as their own. */
export const onlyIf = (guard: unknown, steps: readonly Transition[]): readonly Transition[] =>
  steps.map((step) => ({ ...step, guard: step.guard === undefined ? guard : and([guard as never, step.guard as never]) }));
