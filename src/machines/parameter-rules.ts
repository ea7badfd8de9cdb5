/**
 * Parameter rules — what an action may not be given, as far as it is known before a call: times, choices, digits.
 *
 * @module
 */
import type { Choice, Digits, PromptItem } from '../actions/index.ts';

/** The parameters of an action, whichever it is. */
export interface Parameters {
  readonly [name: string]: unknown;
  readonly prompts?: readonly PromptItem[];
  readonly choices?: readonly Choice[];
  readonly digits?: Digits;
  readonly speech?: true;
  readonly endings?: readonly string[];
}

const times = ['timeoutMs', 'interdigitMs', 'finalSilenceMs', 'maxMs'];

/** What is wrong with the parameters of an action of the type `type`, as sentences. */
export const parameterProblems = (type: string, params: Parameters): readonly string[] => [
  ...times.filter((name) => name in params && !isTime(params[name])).map((name) => `\`${name}\` is not a time in milliseconds`),
  ...(params.prompts ?? []).flatMap((item) => ('silenceMs' in item && !isTime(item.silenceMs) ? ['`silenceMs` is not a time in milliseconds'] : [])),
  ...(type === 'recognize' ? questionProblems(params) : []),
  ...(type === 'raw' ? endingProblems(params.endings ?? []) : []),
];

/** What is wrong with the names of endings, which become parts of event types. */
const endingProblems = (endings: readonly string[]): readonly string[] => [
  ...endings.filter((ending) => ending.trim() === '').map(() => 'an ending has no name'),
  ...endings.filter((ending) => /[.*]/.test(ending)).map((ending) => `ending \`${ending}\` holds a \`.\` or \`*\``),
];

/** What is wrong with what a question offers. */
export const questionProblems = ({ choices, digits, speech }: Parameters): readonly string[] => {
  if (speech === true && choices === undefined && digits === undefined) return [];
  if ((choices === undefined) === (digits === undefined)) return ['a question has either `choices` or `digits`'];
  if (digits !== undefined) return digitsProblems(digits);
  if (choices === undefined || choices.length === 0) return ['a question has at least one choice'];
  const doubled = (words: readonly { readonly word: string; readonly name: string }[], what: string): readonly string[] =>
    words.flatMap(({ word, name }, index) => {
      const first = words.findIndex((other) => other.word === word);
      return first < index ? [`${what} \`${word}\` means both \`${words[first]?.name ?? ''}\` and \`${name}\``] : [];
    });
  return [
    ...doubled(choices.flatMap(({ name, key }) => (key === undefined ? [] : [{ word: key, name }])), 'key'),
    ...doubled(choices.flatMap(({ name, phrases }) => phrases.map((phrase) => ({ word: phrase.trim().toLowerCase(), name }))), 'phrase'),
    ...choices.flatMap(({ name, phrases }) => phrases.filter((phrase) => /^[0-9*#]+$/.test(phrase)).map((phrase) => (phrase.length === 1 ? `phrase \`${phrase}\` of choice \`${name}\` is a key; a choice has one key` : `phrase \`${phrase}\` of choice \`${name}\` is several keys; a choice has one, and several are \`digits\``))),
    ...choices.filter(({ key, phrases }) => key === undefined && !phrases.some((phrase) => phrase.trim() !== '')).map(({ name }) => `choice \`${name}\` has neither a key nor a phrase`),
  ];
};

const digitsProblems = ({ max, termchars }: Digits): readonly string[] => {
  if (max === undefined && (termchars ?? []).length === 0) return ['`digits` needs `max` or `termchars`'];
  return max === undefined || isCount(max) ? [] : ['`max` is not a positive integer'];
};

/** Whether `ms` is a time in milliseconds, also as a key of `after`. */
export const isTime = (ms: unknown): boolean => {
  const value = typeof ms === 'string' && ms !== '' ? Number(ms) : ms;
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
};

/** Whether `count` is a positive integer. */
export const isCount = (count: unknown): boolean => Number.isInteger(count) && (count as number) > 0;
