/**
 * Prompts — what a question of a flow says: what it asks the caller to do, and which keys it names.
 *
 * @module
 */
import type { Flow, Widget } from './flow.ts';
import { argumentOf, type Reading } from './liquid.ts';

/** Words of a prompt beyond which callers do not remember its beginning: about 20 seconds. */
export const longestPromptWords = 50;

const asksForKeys = /\b(?:press|key in|enter|dial|push|keypad|digits?|oprima|presione|pulse|marque|tecl[ae]|appuyez|tapez|composez|drücken|eingeben)\b/i;
const asksForWords = /\b(?:say|speak(?! (?:with|to)\b)|tell (?:me|us)|diga|hable|dites|parlez|sagen|sprechen)\b/i;

/** What `widget` says, undefined where that is not in the flow: it is a recording, or computed. */
export const textOf = ({ properties: { say, play } }: Widget): string | undefined => {
  if (typeof play === 'string' && play.trim() !== '') return undefined;
  if (typeof say !== 'string') return '';
  return /\{\{|\{%/.test(say) ? undefined : say.replace(/<[^<>]*>/g, ' ').trim();
};

/** How many words `text` has. */
export const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** How many keys end the answer to `question`; 0 where the flow does not say, or says no number. */
export const digitsAsked = ({ properties: { number_of_digits: digits } }: Widget): number => {
  const count = typeof digits === 'number' || typeof digits === 'string' ? Math.floor(Number(digits)) : 0;
  return Number.isNaN(count) ? 0 : count;
};

/** Whether the caller is asked for keys at `question`. */
export const asksKeys = (question: Widget): boolean => digitsAsked(question) > 0 || asksForKeys.test(textOf(question) ?? '');

/** Whether the caller is asked to speak at `question`. */
export const asksWords = (question: Widget): boolean => (typeof question.properties['hints'] === 'string' && question.properties['hints'].trim() !== '') || asksForWords.test(textOf(question) ?? '');

/** A menu: a question, and the single keys that the split behind it takes. */
export interface Menu {
  readonly question: Widget;
  readonly keys: readonly string[];
  /** All that is said before and at the question; undefined where not all of it is in the flow. */
  readonly said: string | undefined;
}

/** The menus of `flow`: questions whose keys a split looks at, by conditions that each name a key. */
export const menusOf = (flow: Flow, read: (template: string | undefined) => Reading): readonly Menu[] =>
  flow.widgets.flatMap((question) => {
    if (question.type !== 'gather-input-on-call') return [];
    const looks = flow.widgets.filter(({ type }) => type === 'split-based-on').flatMap((split) => split.edges.flatMap(({ conditions }) => conditions).filter((condition) => {
      const reading = read(argumentOf(split, condition));
      return reading.of === 'input' && reading.widget === question.name && reading.field === 'Digits';
    }));
    const keys = looks.flatMap(({ type, value }) => (type === 'matches_any_of' ? value.split(',') : [value])).map((key) => key.trim());
    if (keys.length < 2 || !looks.every(({ type }) => type === 'equal_to' || type === 'matches_any_of') || !keys.every((key) => /^[0-9*#]$/.test(key))) return [];
    return [{ question, keys: [...new Set(keys)], said: saidAt(flow, question) }];
  });

/** What is said at `question` and just before, whichever way leads there. */
const saidAt = ({ widgets }: Flow, question: Widget): string | undefined => {
  const texts = [textOf(question), ...widgets.filter(({ type, edges }) => type === 'say-play' && edges.some(({ next }) => next === question.name)).map(textOf)];
  return texts.includes(undefined) ? undefined : texts.join(' ');
};

const keyNames: Readonly<Record<string, readonly string[]>> = {
  0: ['zero', 'cero', 'zéro', 'null'], 1: ['one', 'uno', 'un', 'eins'], 2: ['two', 'dos', 'deux', 'zwei'], 3: ['three', 'tres', 'trois', 'drei'], 4: ['four', 'cuatro', 'quatre', 'vier'],
  5: ['five', 'cinco', 'cinq', 'fünf'], 6: ['six', 'seis', 'sechs'], 7: ['seven', 'siete', 'sept', 'sieben'], 8: ['eight', 'ocho', 'huit', 'acht'], 9: ['nine', 'nueve', 'neuf', 'neun'],
  '*': ['star', 'asterisk', 'asterisco', 'étoile', 'stern'], '#': ['pound', 'hash', 'numeral', 'dièse', 'raute'],
};

const tokens = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}]+|\d+|[*#]/gu) ?? [];

/** Whether `text` names `key`. */
export const names = (text: string, key: string): boolean => tokens(text).some((token) => token === key || keyNames[key]?.includes(token) === true);

const told = /\b(?:press|dial|push|oprima|presione|pulse|marque|appuyez sur|drücken sie)(?: the)?(?: number| key)? ([\p{L}]+|\d+|[*#])/giu;

/** The keys that `text` tells the caller to press. */
export const keysTold = (text: string): readonly string[] => {
  const words = [...text.matchAll(told)].map(([, word]) => (word ?? '').toLowerCase());
  return Object.keys(keyNames).filter((key) => words.some((word) => word === key || keyNames[key]?.includes(word) === true));
};
