/**
 * Calendar — epoch milliseconds as a date and a time of day, in UTC. Calculated: what is pure has no clock, and no `Date`.
 *
 * @module
 */

/** What `Date.UTC` is given for `now`: year, month from 0, day, and so much of the time of day as is not nought. */
export const utcArguments = (now: number): readonly number[] => {
  const time = timeOf(now);
  return [...dateOf(dayOf(now)), ...time.slice(0, time.findLastIndex((part) => part !== 0) + 1)];
};

/** `now` for people: `Saturday, 2025-01-11, 22:30:00 UTC`. */
export const utcWords = (now: number): string => {
  const [year, month, day] = dateOf(dayOf(now));
  const [hours = 0, minutes = 0, seconds = 0] = timeOf(now);
  return `${weekdays[(((dayOf(now) + 4) % 7) + 7) % 7] ?? ''}, ${year}-${two(month + 1)}-${two(day)}, ${two(hours)}:${two(minutes)}:${two(seconds)} UTC`;
};

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

const two = (number: number): string => String(number).padStart(2, '0');

const msOfDay = 86_400_000;

/** Days since 1 January 1970. */
const dayOf = (now: number): number => Math.floor(now / msOfDay);

/** Hours, minutes, seconds and milliseconds. */
const timeOf = (now: number): readonly number[] => {
  const ms = now - dayOf(now) * msOfDay;
  return [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1_000) % 60, ms % 1_000];
};

/** Year, month from 0 and day, in the Gregorian calendar: eras of 400 years, and years that begin in March. */
const dateOf = (day: number): readonly [number, number, number] => {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor((ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365);
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = (shiftedMonth + 2) % 12;
  return [yearOfEra + era * 400 + (month <= 1 ? 1 : 0), month, ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1];
};
