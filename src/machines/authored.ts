/**
 * Authored — which functions of an author's stand behind a function that a maker made of them, where its text does not show them.
 *
 * @module
 */
import { shared } from './copies.ts';

const behindThem = shared('authored', () => new WeakMap<object, readonly unknown[]>());

/** `made`, which asks `functions` of the author's. */
export const written = <T extends object>(made: T, ...functions: readonly unknown[]): T => {
  behindThem.set(made, functions);
  return made;
};

/** The functions of the author's that `made` asks; undefined where nothing is known of any. */
export const authored = (made: object): readonly unknown[] | undefined => behindThem.get(made);
