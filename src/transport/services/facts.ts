/**
 * Facts — what is to be known of a calling service beside what it can do: the rows of the table in `docs/services.md`, kept with
 * the code that they are about.
 *
 * Leaf of `src/transport/services`: a type alone.
 *
 * @module
 */

/** What is different about a service. Each sentence stands by itself in a list. */
export interface ServiceFacts {
  /** Endings that the service never tells, by their event, each with why. The kit of the services holds it to them. */
  readonly absent: Readonly<Record<string, string>>;
  /** What is rounded, merged, left out or otherwise done than a bot might think. */
  readonly differences: readonly string[];
  /** What it was tried with: wire bodies, the vendor's packages, an emulation, a live account with the date. */
  readonly proven: string;
}
