/**
 * Noted — what an author's guard threw, kept aside: XState puts an error of its own in its place, without where it was.
 *
 * Guards run and are given up within one synchronous step, so what is noted is taken before anything else runs.
 *
 * @module
 */
import { shared } from './copies.ts';

const note = shared('noted', (): { latest?: { readonly error: unknown } | undefined } => ({}));

/** What was made to note what it throws, and what it was made of. */
const made = new WeakMap<object, object>();

/** What `work` was before {@link noting} made it note what it throws; a function that was not made so is itself. */
export const unnoted = <F extends object>(work: F): F => (made.get(work) ?? work) as F;

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
  made.set(noted, unnoted(work));
  return Object.defineProperty(noted, 'name', { value: work.name }); // charts show it
};

/** What `error` stands for: what was noted, where XState's words quote it. Nothing is noted any more. */
export const original = (error: unknown): unknown => {
  const noted = note.latest;
  note.latest = undefined;
  if (noted === undefined || !(error instanceof Error) || noted.error === error) return error;
  const said = noted.error instanceof Error ? noted.error.message : String(noted.error);
  return error.message.includes(said) ? noted.error : error;
};
