/**
 * Taking — which states take which events.
 *
 * @module
 */
import { covers, parentOf } from '../chart.ts';
import type { StatePlan, Trans } from './blueprint.ts';
import { type ActorAt, actorIn } from './moment.ts';

/** The transitions of a state for an event, in the order in which they are tried. */
export const candidates = ({ on }: StatePlan, type: string): readonly Trans[] => {
  const known = tried.get(on) ?? new Map<string, readonly Trans[]>();
  tried.set(on, known);
  const found = known.get(type) ?? [
    ...(on.get(type) ?? []),
    ...[...on.keys()].filter((descriptor) => descriptor !== type && covers(descriptor, type)).sort((a, b) => b.length - a.length).flatMap((descriptor) => on.get(descriptor) ?? []),
  ];
  known.set(type, found);
  return found;
};

const tried = new WeakMap<object, Map<string, readonly Trans[]>>();

/** Whether some active state of an actor at or above `path` has a transition for `type`, whatever its guard says. */
export const mayTake = (root: ActorAt, path: string, type: string): boolean => {
  for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
    const actor = actorIn(root, at);
    if (actor?.active.some((index) => candidates(actor.plan.states[index] as StatePlan, type).length > 0)) return true;
  }
  return false;
};

/** Whether the bot rests where it may go on by itself: XState looks at it anew with every event, also with one that nobody takes. */
export const mayGoOn = ({ plan, active }: ActorAt): boolean => active.some((index) => (plan.states[index] as StatePlan).always.length > 0);
