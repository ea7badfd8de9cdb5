/**
 * Authored — which functions of an author's stand behind a function that a maker made of them, where its text does not show them.
 *
 * @module
 */
import { shared } from './copies.ts';
import { behind } from './noted.ts';

const behindThem = shared('authored', () => new WeakMap<object, readonly unknown[]>());

/** `made`, which asks `functions` of the author's. */
export const written = <T extends object>(made: T, ...functions: readonly unknown[]): T => {
  behindThem.set(made, functions);
  return made;
};

/** The functions of the author's that `made` asks; undefined where nothing is known of any. */
export const authored = (made: object): readonly unknown[] | undefined => behindThem.get(made);

/** What was made out of what an author gave to be computed. It is known apart, since nothing is decided by it. */
const computedOf = shared('computed', () => new WeakMap<object, readonly unknown[]>());

/** `made`, which computes what `given` computes: functions of the author's, or what is given as it is. */
export const computing = <T extends object>(made: T, ...given: readonly unknown[]): T => {
  computedOf.set(made, given);
  return made;
};

/** The source of what the author wrote of `made`, however often something was put around it: its own where nothing was. */
export const authorTexts = (made: object): readonly string[] => {
  const own = behind(made) as object;
  const theirs = authored(own) ?? computedOf.get(own);
  if (theirs === undefined) return own === made ? [Function.prototype.toString.call(own)] : authorTexts(own);
  return theirs.flatMap((one) => (typeof one === 'function' ? authorTexts(one) : []));
};
