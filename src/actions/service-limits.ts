/**
 * Service limits — what a calling service can be asked for, as a value: all that a test or a check has to know of a service, and
 * nothing of its wire.
 *
 * @module
 */
import type { Batch, Capability } from './batch.ts';

/**
 * The limits of a calling service. One whose type says its name and what it can do has bots that need more refused by the
 * compiler; of one that is only `ServiceLimits` nobody knows before the start.
 */
export interface ServiceLimits<Name extends string = string, Can extends Capability = Capability> {
  readonly name: Name;
  /** The actions that it can do, and whether it hears free `speech`. */
  readonly capabilities: ReadonlySet<Can>;
  /**
   * What becomes of words that are no choice of the open question. `nomatch`: they end it, as a wrong key does. `unheard`: the
   * question listens on until its silence is over.
   */
  readonly strayWords: 'nomatch' | 'unheard';
  /** Holds a batch against the rules of the service. @throws `ERR_BATCH_ILLEGAL` for the first that it breaks */
  check(batch: Batch): void;
}

/** The set of `names`, whose type remembers them. */
export const capabilitySet = <const Can extends Capability>(...names: readonly Can[]): ReadonlySet<Can> => new Set(names);
