/**
 * Verbs — what services declare of the verbs that they have and no other: what each is given, and how it can end. Known to a state
 * `raw` when it is made, so that a bot in JavaScript hears of a misspelt ending as early as one that a compiler has seen.
 *
 * @module
 */
import type * as t from 'io-ts';
import { decoded } from './codec.ts';
import { shared } from './copies.ts';
import { didYouMean } from './nearest.ts';
import { isObject } from './options.ts';

/** A verb, as values. `attributes` is an exact codec; `endings` have each to be handled, `failures` are failures where they are not. */
export interface Verb {
  readonly attributes: t.Mixed;
  readonly endings: readonly string[];
  readonly failures: readonly string[];
}

/** Verbs by name. */
export type Verbs = Readonly<Record<string, Verb>>;

/** The verbs `V` as types, each a `RawVerb`, for `RawVerbs`. */
export type DeclaredVerbs<V extends Verbs> = {
  readonly [K in keyof V]: { readonly attributes: t.TypeOf<V[K]['attributes']>; readonly endings: V[K]['endings'][number]; readonly failures: V[K]['failures'][number] };
};

const declared = shared('verbs', () => new Map<string, Verbs>());

/**
 * Declares the verbs of `service`, by its name. For the compiler the same stands in the interface `RawVerbs`, as `DeclaredVerbs` of them.
 *
 * @example
 * ```ts
 * const verbs = declareVerbs('acme', { Fax: { attributes: t.exact(t.type({ pages: t.number })), endings: ['sent'], failures: ['jammed'] } });
 *
 * declare module 'callchart' {
 *   interface RawVerbs { readonly acme: DeclaredVerbs<typeof verbs> }
 * }
 * ```
 */
export const declareVerbs = <const V extends Verbs>(service: string, verbs: V): V => {
  declared.set(service, verbs);
  return verbs;
};

/** What is known of the verb `verb` of `service`; undefined where nobody has declared it. */
export const verbOf = (service: string, verb: string): Verb | undefined => {
  const verbs = declared.get(service);
  return verbs !== undefined && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
};

/** What is wrong with the `endings` that a state written by hand tells apart, as sentences. */
export const endingOddities = (service: string, verb: string, endings: readonly string[]): readonly string[] => {
  const known = verbOf(service, verb);
  if (known === undefined) return [];
  const all = [...known.endings, ...known.failures];
  return endings.filter((ending) => !all.includes(ending)).map((ending) => `ending \`${ending}\` does not exist${didYouMean(ending, all)}`);
};

/** What is wrong with `verb` of `service` and what it is given, as sentences; of attributes that are computed, nothing. */
export const verbOddities = (service: unknown, verb: unknown, attributes: unknown): readonly string[] => {
  if (typeof service !== 'string') return ['names no service'];
  if (typeof verb !== 'string') return verb === undefined ? ['has no `verb`'] : [];
  const verbs = declared.get(service);
  if (verbs === undefined) return [`nobody has declared verbs of the service \`${service}\`${didYouMean(service, [...declared.keys()])}`];
  const known = verbOf(service, verb);
  if (known === undefined) return [`the service \`${service}\` has no verb \`${verb}\`${didYouMean(verb, Object.keys(verbs))}`];
  return isObject(attributes) ? attributeOddities(known, attributes) : [];
};

const attributeOddities = ({ attributes: codec }: Verb, given: object): readonly string[] => {
  const fit = decoded(codec, given, 'attributes');
  if (!('value' in fit)) return [`\`${fit.path}\` is not what its verb takes`];
  const names = Object.keys(fit.value as object);
  return Object.entries(given).filter(([name, value]) => value !== undefined && !names.includes(name)).map(([name]) => `its verb has no attribute \`${name}\``);
};
