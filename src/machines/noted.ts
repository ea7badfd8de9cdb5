/**
 * Noted — what an author's guard threw, kept aside: XState puts an error of its own in its place, without where it was.
 *
 * One place for all copies of the package in a process: a bot may bring a copy of its own, and then that copy notes. Guards
 * run and are given up within one synchronous step, so what is noted is taken before anything else runs.
 *
 * @module
 */
const copies = globalThis as { [shared: symbol]: { error: unknown } | undefined };
const place = Symbol.for('callchart.noted');

/** `work`, which notes what it throws. */
export const noting = <A extends readonly unknown[], R>(work: (...args: A) => R): ((...args: A) => R) => {
  const noted = (...args: A): R => {
    try {
      return work(...args);
    } catch (error) {
      copies[place] = { error };
      throw error;
    }
  };
  return Object.defineProperty(noted, 'name', { value: work.name }); // charts show it
};

/** What `error` stands for: what was noted, where XState's words quote it. Nothing is noted any more. */
export const original = (error: unknown): unknown => {
  const noted = copies[place];
  copies[place] = undefined;
  if (noted === undefined || !(error instanceof Error) || noted.error === error) return error;
  const said = noted.error instanceof Error ? noted.error.message : String(noted.error);
  return error.message.includes(said) ? noted.error : error;
};
