/**
 * Readings — what a bot reads of the clock and of randomness by itself, in words.
 *
 * @module
 */
import type { UnloggedReading } from '../machines/index.ts';
import { placeOf } from './author-place.ts';

/** In which state, on which transitions and where `reading` was. */
export const readingWords = ({ state, transitions, what, stack }: UnloggedReading): string => {
  const place = placeOf(stack);
  return `state \`${state}\`${transitions.length === 0 ? '' : `, on \`${transitions.join('`, `')}\``}: the bot reads \`${what}\`${place === undefined ? '' : ` at ${place.file}:${place.line}`}`;
};

/** What gives the same every time. */
export const insteadOfReading = '`at` of the event, or a task, gives the same every time';

/** What is read again at the same place is told once. */
export const firstOfEach = (readings: readonly UnloggedReading[]): readonly UnloggedReading[] => {
  const first = new Map<string, UnloggedReading>();
  for (const reading of readings) {
    const { state, transitions, what, stack } = reading;
    const place = JSON.stringify([state, transitions, what, placeOf(stack)]);
    if (!first.has(place)) first.set(place, reading);
  }
  return [...first.values()];
};
