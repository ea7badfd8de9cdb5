/**
 * Answers — what the guards of a bot said in a step that was recorded, as far as the way that it went tells: the guard of a transition that was taken
 * held, and those before it at the same place did not.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { guardPlaces, guardTexts } from '../check/supposing.ts';
import type { LogMove } from './call-log.ts';

/** What guards said, by their names (`guardPlaces`), and how often. */
export type Answers = ReadonlyMap<string, Answer>;

/** What a guard said; null of one that said one thing and then the other. */
export type Answer = { readonly holds: boolean; readonly times: number } | null;

/** Reads the answers of the author's guards in `machine` off the moves of a step. */
export const answersOf = (machine: AnyStateMachine): ((moves: readonly Pick<LogMove, 'transitions'>[]) => Answers) => {
  const places = guardPlaces(machine);
  const parts = partsOf(places);
  return (moves) => {
    const answers = new Map<string, Answer>();
    const likely = new Set<string>();
    const note = (guard: string, holds: boolean): void => {
      const before = answers.get(guard);
      if (before === undefined) answers.set(guard, { holds, times: 1 });
      else answers.set(guard, before === null || before.holds !== holds ? null : { holds, times: before.times + 1 });
    };
    for (const [place, holds] of moves.flatMap(({ transitions }) => transitions.flatMap(asked))) {
      const guard = places.get(place);
      if (guard !== undefined) note(guard, holds);
      const composed = parts.get(place) ?? [];
      if (holds) for (const part of composed) note(part, true); // all of them, of those that are joined by `and`
      else if (composed.length === 1) likely.add(composed[0] as string);
    }
    for (const guard of likely) if (!answers.has(guard)) note(guard, false);
    return answers;
  };
};

/** The author's guards that the guard of a transition is composed of, by the transition. */
const partsOf = (places: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> => {
  const parts = new Map<string, string[]>();
  for (const [place, guard] of places) {
    const [, whole] = /^(.* \d+)\.[\d.]+$/.exec(place) ?? [];
    if (whole !== undefined) parts.set(whole, [...(parts.get(whole) ?? []), guard]);
  }
  return parts;
};

/** A transition that was taken, and those before it that were not. */
const asked = (transition: string): readonly (readonly [place: string, holds: boolean])[] => {
  const [, place = transition, number = '1'] = /^(.*) (\d+)$/.exec(transition) ?? [];
  return Array.from({ length: Number(number) }, (_, index) => [`${place} ${index + 1}`, index + 1 === Number(number)] as const);
};

/** The guards of `next`, each with the one of `old` that stands at the same place and is written the same. */
export const sameGuards = (old: AnyStateMachine, next: AnyStateMachine): ReadonlyMap<string, string> => {
  const [places, texts, before] = [guardPlaces(old), guardTexts(old), guardTexts(next)];
  const same = new Map<string, string>();
  for (const [place, guard] of guardPlaces(next)) {
    const was = places.get(place);
    if (was !== undefined && texts.has(place) && texts.get(place) === before.get(place) && !same.has(guard)) same.set(guard, was);
  }
  return same;
};
