/**
 * Options — that what an author says to a maker exists and is of its kind. For authors of JavaScript: a compiler says the
 * same of every option that it sees.
 *
 * Each maker has one table of its options, by kind, which `satisfies Record<keyof Options, Kind>` keeps complete. What is
 * wrong stands in the facts of the state, and is told by `load-rules.ts` when the state has a name.
 *
 * @module
 */
import { DtmfKey, PromptItem } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import { didYouMean } from './nearest.ts';
import { isCount, isTime } from './parameter-rules.ts';

/** What is wrong with a value, as the rest of a sentence; undefined when nothing is. */
export type Kind = (value: unknown) => string | undefined;

/** Options by name, each with its kind. */
export type Known = Readonly<Record<string, Kind>>;

const kind = (holds: (value: unknown) => boolean, otherwise: string): Kind => (value) => (holds(value) ? undefined : otherwise);

/** Whether `value` is an object with names. */
export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

const isPrompt = (value: unknown): boolean => typeof value === 'string' || PromptItem.is(value) || (Array.isArray(value) && value.every((item) => typeof item === 'string' || PromptItem.is(item)));

/** What a prompt may hold: the properties of `actions/prompt.ts`. */
const promptProperties: readonly string[] = ['text', 'voice', 'culture', 'language', 'emphasis', 'sayAs', 'audio', 'silenceMs', 'ssml', 'oneOf'];

const prompt: Kind = (value) => {
  if (!isPrompt(value)) return 'is not a prompt';
  const unknown = [value].flat().filter(isObject).flatMap(Object.keys).find((property) => !promptProperties.includes(property));
  return unknown === undefined ? undefined : `has \`${unknown}\`, which no prompt has${didYouMean(unknown, promptProperties)}`;
};

/** The kinds of value that options have. */
export const kinds = {
  /** Whatever it is, something else looks at it. */
  any: kind(() => true, ''),
  time: kind((value) => typeof value === 'number' && isTime(value), 'is not a time in milliseconds'),
  count: kind(isCount, 'is not a positive integer'),
  number: kind((value) => typeof value === 'number', 'is not a number'),
  flag: kind((value) => typeof value === 'boolean', 'is neither true nor false'),
  text: kind((value) => typeof value === 'string', 'is not a text'),
  object: kind(isObject, 'is not an object'),
  work: kind((value) => typeof value === 'function', 'is not a function'),
  key: kind(DtmfKey.is, 'is not a key'),
  keys: kind((value) => Array.isArray(value) && value.every(DtmfKey.is), 'is not a list of keys'),
  phrases: kind((value) => Array.isArray(value) && value.every((phrase) => typeof phrase === 'string'), 'is not a list of phrases'),
  prompt,
  /** One text, or a list that tapers by count. */
  prompts: (value) => (Array.isArray(value) ? value.map(prompt).find((what) => what !== undefined) : isPrompt(value) ? prompt(value) : 'is neither a text nor a list of prompts'),
} as const satisfies Known;

/** A value of `known`, or a function that gives one. */
export const computed = (known: Kind): Kind => (value) => (typeof value === 'function' ? undefined : known(value));

/** `known` without the options called `names`. */
export const without = <K extends Known, N extends keyof K & string>(known: K, ...names: readonly N[]): Omit<K, N> =>
  Object.fromEntries(Object.entries(known).filter(([name]) => !(names as readonly string[]).includes(name))) as Omit<K, N>;

/** What is wrong with the options `given`, as sentences: names that are not `known`, and values that are not of their kind. */
export const oddities = (given: unknown, known: Known): readonly string[] => {
  if (!isObject(given)) return given === undefined ? [] : ['its options are not an object'];
  return Object.entries(given).flatMap(([name, value]) => {
    if (!Object.hasOwn(known, name)) return [`option \`${name}\` does not exist${didYouMean(name, Object.keys(known))}`];
    const what = value === undefined ? undefined : known[name]?.(value);
    return what === undefined ? [] : [`\`${name}\` ${what}`];
  });
};

/** What is wrong with a value that a maker takes as it is. */
export const oddValue = (name: string, value: unknown, known: Kind): readonly string[] => oddities({ [name]: value }, { [name]: known });

/** What is wrong with each of the options `given` by name, which stand within an option of a maker. */
export const odditiesOfEach = (what: string, given: unknown, known: Known): readonly string[] =>
  Object.entries(isObject(given) ? given : {}).flatMap(([name, one]: readonly [string, unknown]) => (isObject(one) ? odditiesWithin(`${what} \`${name}\``, one, known) : []));

/** What is wrong with the options `given`, which stand within an option of a maker. */
export const odditiesWithin = (place: string, given: unknown, known: Known): readonly string[] => (isObject(given) ? oddities(given, known).map((what) => `${place}: ${what}`) : []);

/**
 * Holds the names in `given` against those that `of` knows.
 *
 * @throws `ERR_OPTION_INVALID` for the first that does not exist, with the likely one.
 */
export const requireKnown = (of: string, given: object, known: Readonly<Record<string, unknown>>): void => {
  const option = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (option !== undefined) throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` of \`${of}\` does not exist${didYouMean(option, Object.keys(known))}`, { option });
};

interface Made {
  readonly meta: { readonly call: object };
}

/** What was wrong before. */
const odditiesOf = ({ meta: { call } }: Made): readonly string[] => (call as { readonly oddities?: readonly string[] }).oddities ?? [];

/** What a maker made, with what is wrong with its options among its facts. */
export const noted = <M extends Made>(sentences: readonly string[], made: M): unknown =>
  sentences.length === 0 ? made : { ...made, meta: { ...made.meta, call: { ...made.meta.call, oddities: [...odditiesOf(made), ...sentences] } } };
