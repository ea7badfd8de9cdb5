/**
 * Configuration — where a call stands on its figure: ids of boxes out of XState's values.
 *
 * @module
 */
import { pathsIn } from '../../machines/configurations.ts';
import { boxId, placeOf } from './figure.ts';

/** The states of one machine of a call that were active together. */
export interface Configuration {
  /** Where the machine stands in the figure; empty for the bot. */
  readonly place: string;
  /** Ids of its active states, each before those in it. */
  readonly states: readonly string[];
}

/** An actor of a call, in XState's persisted snapshot. */
interface Actor {
  readonly status?: unknown;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly children?: Readonly<Record<string, { readonly snapshot?: unknown } | undefined>>;
}

/** A machine of a call that runs. */
export interface Running extends Configuration {
  readonly context: unknown;
}

/** The machines that run in `snapshot`, the bot first and each before the dialogs that it runs. */
export const runningIn = (snapshot: unknown, place = ''): readonly Running[] => {
  if (typeof snapshot !== 'object' || snapshot === null) return [];
  const { status, value, context, children = {} } = snapshot as Actor;
  if (value === undefined || (place !== '' && status !== 'active')) return []; // a task, and a dialog that is over
  return [
    { place, states: statesIn(value, place), context },
    ...Object.entries(children).flatMap(([run, child]) => runningIn(child?.snapshot, placeOf(place, run))),
  ];
};

/** Ids of the states that are active by `value`, each before those in it, of the machine at `place`. */
export const statesIn = (value: unknown, place: string): readonly string[] => pathsIn(value).map((path) => boxId(place, path));
