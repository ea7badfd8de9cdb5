/**
 * Prompts — what a caller is to hear, as the verbs that let him hear it.
 *
 * A silence is whole seconds on this wire: less than half a second is left out, all else is rounded and at least one second.
 * Silences that follow each other are one. A text is said by the voice and in the language of the service's options; one that
 * asks for a voice of its own, or is in another language, by Twilio's basic voices or by its voice for that language.
 *
 * @module
 */
import { chosen, type Operation, type PlainPrompt, type PromptItem, type SayAs, type TextPrompt } from '../../../actions/index.ts';
import { CallError } from '../../../errors.ts';
import { urlOf } from '../../../actions/url.ts';
import { exactTag, isSameLanguage, nearestTag, spoken } from './languages.ts';
import { type RuleId, rules } from './rules.ts';
import { speech } from './ssml.ts';
import { type Element, element, writable } from './xml.ts';

/** How texts are said where they do not say it. */
export interface Voice {
  /** A voice of Twilio, such as `Polly.Joanna-Neural`. */
  readonly voice?: string | undefined;
  /** BCP 47 tag. */
  readonly language?: string | undefined;
}

/** The longest text that is said in one go, characters. */
const longestText = 4_096;

/** A call lasts no longer, ms, and so does nothing in it. */
export const longestCallMs = 14_400_000;

/** What of a second is too short to be a pause, ms. */
const tooShortMs = 500;

/** The error for an operation that breaks `rule`. */
export const illegal = (rule: RuleId, { state, type: action }: Pick<Operation, 'state' | 'type'>): CallError<'ERR_BATCH_ILLEGAL'> =>
  new CallError('ERR_BATCH_ILLEGAL', `state \`${state}\`: Twilio refuses its \`${action}\`: ${rules[rule]} (${rule})`, { rule, state, action });

/** `ms` in whole seconds, one at least. */
export const wholeSeconds = (ms: number): number => Math.max(1, Math.round(ms / 1000));

/** The verbs for `prompts`. @throws `ERR_BATCH_ILLEGAL` */
export const promptVerbs = (prompts: readonly PromptItem[], operation: Operation, voice: Voice): readonly Element[] => {
  const verbs: Element[] = [];
  let silenceMs = 0;
  const rest = (): void => {
    if (silenceMs >= tooShortMs) verbs.push(pause(wholeSeconds(silenceMs)));
    silenceMs = 0;
  };
  for (const prompt of chosen(prompts, operation.operationId)) {
    if ('silenceMs' in prompt) {
      if (!(prompt.silenceMs >= 0 && prompt.silenceMs <= longestCallMs)) throw illegal('PR-SILENCE', operation);
      silenceMs += prompt.silenceMs;
    } else if (!('text' in prompt) || writable(prompt.text).trim() !== '') {
      rest();
      verbs.push(promptVerb(prompt, operation, voice));
    }
  }
  rest();
  return verbs;
};

/** A pause; Twilio's own lasts one second. */
export const pause = (seconds: number): Element => element('Pause', { length: seconds === 1 ? undefined : seconds });

const promptVerb = (prompt: Exclude<PlainPrompt, { readonly silenceMs: number }>, operation: Operation, voice: Voice): Element => {
  if ('audio' in prompt) return element('Play', {}, audioAddress(prompt.audio, operation));
  if ('ssml' in prompt) return said(prompt.ssml, operation, voice);
  if (prompt.text.length > longestText) throw illegal('PR-4096', operation);
  return element('Say', voiceOf(prompt, operation, voice), spokenText(prompt));
};

/** The address of an audio file. */
export const audioAddress = (audio: string, operation: Operation): string => {
  if (!/^https?:$/.test(urlOf(audio)?.protocol ?? '')) throw illegal('PR-URI', operation);
  return audio;
};

const said = (ssml: string, operation: Operation, voice: Voice): Element => {
  const read = speech(ssml);
  if ('broken' in read) throw illegal(read.broken, operation);
  if (read.length > longestText) throw illegal('PR-4096', operation);
  return element('Say', spokenBy(read.language, voice), ...read.children);
};

const voiceOf = ({ culture, language, voice: sex }: TextPrompt, operation: Operation, voice: Voice): Readonly<Record<string, string | undefined>> => {
  if (culture !== undefined && exactTag(spoken, culture) === undefined) throw illegal('PR-CULTURE', operation);
  const by = spokenBy(culture ?? language, voice);
  return sex === undefined ? by : { ...by, voice: sex === 'male' ? 'man' : 'woman' };
};

/** A voice speaks its own language alone: a text in another one is left to Twilio's voice for that. */
const spokenBy = (asked: string | undefined, { voice, language }: Voice): Readonly<Record<string, string | undefined>> => {
  const usual = language ?? /[a-z]{2,3}-[A-Z]{2}/.exec(voice ?? '')?.[0] ?? 'en-US';
  const tag = asked === undefined || isPart(asked, usual) ? undefined : nearestTag(spoken, asked);
  if (tag !== undefined && tag !== nearestTag(spoken, usual)) return { language: tag };
  return { voice, language: language === undefined ? undefined : (nearestTag(spoken, language) ?? language) };
};

/** Whether `asked` names a language and no more, and `usual` is of that. */
const isPart = (asked: string, usual: string): boolean => !asked.includes('-') && isSameLanguage(asked, usual);

const spokenText = ({ text, sayAs, emphasis }: TextPrompt): Element | string => {
  const reading = sayAs === undefined ? undefined : readings[sayAs];
  const read = reading === undefined ? text : element('say-as', reading, text);
  return emphasis === true ? element('emphasis', { level: 'strong' }, read) : read;
};

const date = (format: string): Readonly<Record<string, string>> => ({ 'interpret-as': 'date', format });
const as = (kind: string): Readonly<Record<string, string>> => ({ 'interpret-as': kind });

/** How a text is read out. Of times of day and of names Twilio knows no way of its own: they are read as they are written. */
const readings: Readonly<Record<SayAs, Readonly<Record<string, string>> | undefined>> = {
  yearMonthDay: date('ymd'), monthDayYear: date('mdy'), dayMonthYear: date('dmy'), yearMonth: date('ym'), monthYear: date('my'), monthDay: date('md'), dayMonth: date('dm'),
  day: date('d'), month: date('m'), year: date('y'),
  cardinal: as('cardinal'), ordinal: as('ordinal'), letters: as('characters'), telephone: as('telephone'),
  time12: undefined, time24: undefined, name: undefined, phoneticName: undefined,
};
