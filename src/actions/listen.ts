/**
 * Listen — how a caller's keys, words or silence end a question, as calling services do it.
 *
 * The other half of `recognize`: phones (the testing one, the terminal one) use it to be a caller. Pure.
 *
 * @module
 */
import { DtmfKey } from './dtmf.ts';
import type { Choice, Recognize, Via } from './recognize.ts';

/** What a caller does when it is his turn. Keys are keyed one after the other, then there is a pause. */
export type CallerInput = { readonly keys: string } | { readonly says: string } | 'silence';

/** How a question ended. `rest` are keys that were keyed after its end: type-ahead for the next question. */
export type Heard = { readonly rest: string } & (
  | { readonly ending: 'choice'; readonly name: string; readonly via: Via }
  | { readonly ending: 'digits'; readonly digits: string; readonly by: 'termchar' | 'interdigit' }
  | { readonly ending: 'speech'; readonly phrase: string }
  | { readonly ending: 'noinput' }
  | { readonly ending: 'nomatch'; readonly by: 'key' | 'interdigit' | 'speech' }
);

/** Ends the question `request` with `input`. */
export const listen = (request: Recognize, input: CallerInput): Heard => {
  if (input === 'silence') return { ending: 'noinput', rest: '' };
  if ('says' in input) return hear(request, input.says);
  return request.digits === undefined ? key(request.choices ?? [], input.keys) : collect(request.digits, input.keys);
};

/** Letters and digits, in lower case, one blank between words: how a phrase is compared. */
export const words = (phrase: string): string =>
  phrase.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();

const hear = ({ choices = [], speech }: Recognize, says: string): Heard => {
  if (words(says) === '') return { ending: 'noinput', rest: '' };
  const choice = choices.find(({ phrases }) => phrases.some((phrase) => words(phrase) === words(says)));
  if (choice !== undefined) return { ending: 'choice', name: choice.name, via: 'speech', rest: '' };
  return speech === true ? { ending: 'speech', phrase: says, rest: '' } : { ending: 'nomatch', by: 'speech', rest: '' };
};

const key = (choices: readonly Choice[], keys: string): Heard => {
  const [first] = keys;
  if (first === undefined || !DtmfKey.is(first)) return { ending: 'noinput', rest: keys };
  const choice = choices.find((candidate) => candidate.key === first);
  return choice === undefined ? { ending: 'nomatch', by: 'key', rest: keys.slice(1) } : { ending: 'choice', name: choice.name, via: 'dtmf', rest: keys.slice(1) };
};

const collect = ({ max, termchars }: NonNullable<Recognize['digits']>, keys: string): Heard => {
  let digits = '';
  for (const [index, one] of [...keys].entries()) {
    if ((termchars as readonly string[] | undefined)?.includes(one)) return { ending: 'digits', digits, by: 'termchar', rest: keys.slice(index + 1) };
    digits += one;
    if (digits.length === max) return { ending: 'digits', digits, by: 'interdigit', rest: keys.slice(index + 1) };
  }
  return digits === '' ? { ending: 'noinput', rest: '' } : { ending: 'digits', digits, by: 'interdigit', rest: '' };
};
