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
  /** Of what the service could do if it were set up for it: what that takes, as one clause. It is said to whoever's bot asks for it. */
  readonly takes?: Readonly<Partial<Record<Can, string>>>;
  /**
   * What becomes of words that are no choice of the open question. `nomatch`: they end it, as a wrong key does. `unheard`: the
   * question listens on until its silence is over.
   */
  readonly strayWords: 'nomatch' | 'unheard';
  /**
   * What becomes of digits that a pause ends. `kept`: they are told. `lost`: the service tells of the pause and not of the digits, and it is
   * `recognize.nomatch.interdigit`. Default `kept`.
   */
  readonly pausedDigits?: 'kept' | 'lost';
  /** Holds a batch against the rules of the service. @throws `ERR_BATCH_ILLEGAL` for the first that it breaks */
  check(batch: Batch): void;
}

/** That `service` cannot do `capability`, and what it would take. */
export const cannotDo = ({ name, takes = {} }: Pick<ServiceLimits, 'name' | 'takes'>, capability: Capability): string => {
  const why = takes[capability];
  return `the service \`${name}\` cannot do \`${capability}\`${why === undefined ? '' : `: it takes ${why}`}`;
};

/** The set of `names`, whose type remembers them. */
export const capabilitySet = <const Can extends Capability>(...names: readonly Can[]): ReadonlySet<Can> => new Set(names);
