/**
 * Words — a plain yes or no, in the language that is spoken in the call.
 *
 * @module
 */
import type { AskedAction } from '../actions/index.ts';
import { defaultTexts, type TextLanguage } from './default-texts.ts';

type Params = Extract<AskedAction, { readonly type: 'recognize' }>['params'];

/** `action` with the words of `language` for what is a plain yes or no among its choices. */
export const inLanguage = (action: AskedAction, language: TextLanguage): AskedAction => {
  if (language === 'en' || action.type !== 'recognize' || action.params.choices?.some(({ word }) => word !== undefined) !== true) return action;
  const { params } = action;
  const known = translated.get(params)?.get(language);
  if (known !== undefined) return { ...action, params: known };
  const choices = action.params.choices.map((choice) => (choice.word === undefined ? choice : { ...choice, phrases: defaultTexts[language][choice.word].phrases }));
  const worded: Params = { ...params, choices };
  if (Object.isFrozen(params)) {
    const byLanguage = translated.get(params) ?? new Map<TextLanguage, Params>();
    translated.set(params, byLanguage.set(language, Object.freeze(worded)));
  }
  return { ...action, params: worded };
};

/** Of the bots' constant questions. */
const translated = new WeakMap<object, Map<TextLanguage, Params>>();
