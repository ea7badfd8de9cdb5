/**
 * Noted — what an author's guard threw, kept aside: XState puts an error of its own in its place, without where it was.
 *
 * Guards run and are given up within one synchronous step, so what is noted is taken before anything else runs.
 *
 * @module
 */
import { shared } from './copies.ts';

/** What each function that was put around another stands for. */
const noters = shared('noters', () => new WeakMap<object, unknown>());

const note = shared('noted', (): { latest?: { readonly error: unknown } | undefined } => ({}));

/** `work`, which notes what it throws. */
export const noting = <A extends readonly unknown[], R>(work: (...args: A) => R): ((...args: A) => R) => {
  const noted = (...args: A): R => {
    try {
      return work(...args);
    } catch (error) {
      note.latest = { error };
      throw error;
    }
  };
  return Object.defineProperty(standingFor(noted, work), 'name', { value: work.name }); // charts show it
};

/** `made`, which stands for `original`. */
export const standingFor = <T extends object>(made: T, original: object): T => {
  noters.set(made, original);
  return made;
};

/** The function that `noted` stands for; any other is itself. */
export const behind = (noted: object): unknown => noters.get(noted) ?? noted;

/** What `error` stands for: what was noted, where XState's words quote it. Nothing is noted any more. */
export const original = (error: unknown): unknown => {
  const noted = note.latest;
  note.latest = undefined;
  if (noted === undefined || !(error instanceof Error) || noted.error === error) return error;
  const said = noted.error instanceof Error ? noted.error.message : String(noted.error);
  return error.message.includes(said) ? noted.error : error;
};
