/**
 * Times — how times are written on the page.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** `1:04`, and `1:00:04` from an hour on. */
export function minutes(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const two = (count: number): string => String(count).padStart(2, '0');
  const [hours, rest] = [Math.floor(whole / 3600), whole % 3600];
  return hours > 0 ? `${hours}:${two(Math.floor(rest / 60))}:${two(rest % 60)}` : `${Math.floor(rest / 60)}:${two(rest % 60)}`;
}

/** `4.2 s`, and from a minute on `1 min` or `1:30 min`. */
export const span = (ms: number): string => (ms < 60_000 ? `${Math.round(ms / 100) / 10} s` : `${ms % 60_000 === 0 && ms < 3_600_000 ? ms / 60_000 : minutes(ms)} min`);

/** When on a day: `14:03`, by the clock of whoever looks. */
export const hour = (since1970: number): string => new Date(since1970).toTimeString().slice(0, 5);
