/**
 * Words — a plain yes or no, in the language that is spoken in the call.
 *
 * @module
 */
import type { AskedAction } from '../actions/index.ts';
import { oncePer } from './constant.ts';
import { defaultTexts, type TextLanguage } from './default-texts.ts';

/** `action` with the words of `language` for what is a plain yes or no among its choices. */
export const inLanguage = (action: AskedAction, language: TextLanguage): AskedAction => {
  if (language === 'en' || action.type !== 'recognize' || action.params.choices?.some(({ word }) => word !== undefined) !== true) return action;
  return { ...action, params: worded(action.params, language) };
};

type Params = Extract<AskedAction, { readonly type: 'recognize' }>['params'];

const worded = oncePer((params: Params, language: TextLanguage): Params => ({
  ...params, choices: (params.choices ?? []).map((choice) => (choice.word === undefined ? choice : { ...choice, phrases: defaultTexts[language][choice.word].phrases })),
}));
