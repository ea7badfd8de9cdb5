/**
 * Limits — the rules that Azure Communication Services holds an operation to, checked on the operation itself. Pure.
 *
 * @module
 */
import { type Batch, type Operation, type PromptItem, type Recognize, type Record as RecordParams } from '../../../actions/index.ts';
import { CallError } from '../../../errors.ts';
import { rawIdOf } from './address.ts';
import { hearsWords } from './recognition.ts';
import { type RuleId, rules } from './rules.ts';

/** Holds each operation of `batch` against the rules; without a speech service nothing can be said or heard. Throws `ERR_BATCH_ILLEGAL` for the first that is broken. */
export const checkBatch = (batch: Batch, hasSpeech: boolean): void => {
  for (const operation of batch) {
    const rule = brokenBy(operation, hasSpeech);
    if (rule !== undefined) throw illegal(rule, operation);
  }
};

const illegal = (rule: RuleId, { state, type: action }: Operation): CallError<'ERR_BATCH_ILLEGAL'> =>
  new CallError('ERR_BATCH_ILLEGAL', `state \`${state}\`: the service refuses its \`${action}\`: ${rules[rule]} (${rule})`, { rule, state, action });

const brokenBy = (operation: Operation, hasSpeech: boolean): RuleId | undefined => {
  switch (operation.type) {
    case 'play':
      return operation.params.prompts.length === 0 ? 'PR-NONE' : brokenByPrompts(operation.params.prompts, hasSpeech);
    case 'recognize':
      return brokenByPrompts(operation.params.prompts, hasSpeech) ?? brokenByQuestion(operation.params, hasSpeech);
    case 'record':
      return brokenByPrompts(operation.params.prompts, hasSpeech) ?? brokenByRecording(operation.params, hasSpeech);
    case 'hold':
      return operation.params.prompts.length > 1 ? 'HO-ONE' : brokenByPrompts(operation.params.prompts, hasSpeech);
    case 'transfer':
      return rawIdOf(operation.params.to) === undefined ? 'TG-ADDRESS' : undefined;
    case 'createcall': {
      const { to, timeoutMs } = operation.params;
      if (rawIdOf(to) === undefined) return 'TG-ADDRESS';
      return isWithin(timeoutMs, 1_000, 180_000) ? undefined : 'CC-RING';
    }
    default:
      return undefined;
  }
};

const isWithin = (value: number, least: number, most: number): boolean => value >= least && value <= most;

const brokenByPrompts = (prompts: readonly PromptItem[], hasSpeech: boolean): RuleId | undefined => {
  for (const prompt of prompts) {
    const rule = brokenByPrompt(prompt, hasSpeech);
    if (rule !== undefined) return rule;
  }
  return undefined;
};

const brokenByPrompt = (prompt: PromptItem, hasSpeech: boolean): RuleId | undefined => {
  if ('oneOf' in prompt) return brokenByPrompts(prompt.oneOf.flat(), hasSpeech);
  if ('audio' in prompt) return URL.canParse(prompt.audio) && new URL(prompt.audio).protocol === 'https:' ? undefined : 'PR-URI';
  if ('silenceMs' in prompt) {
    if (!isWithin(prompt.silenceMs, 0, 60_000)) return 'PR-SILENCE';
    return hasSpeech || prompt.silenceMs <= 1 ? undefined : 'PR-SPEECH';
  }
  if (!hasSpeech) return 'PR-SPEECH';
  if ('ssml' in prompt) return /^\s*(?:<\?xml[^>]*>\s*)?<speak[\s>]/.test(prompt.ssml) ? undefined : 'PR-SSML';
  return isWithin(prompt.text.trim().length, 1, 4_000) && prompt.text.length <= 4_000 ? undefined : 'PR-4000';
};

const brokenByQuestion = (question: Recognize, hasSpeech: boolean): RuleId | undefined => {
  const { choices = [], digits, speech, timeoutMs, interdigitMs } = question;
  const words = hearsWords(question);
  if (!words && digits === undefined && !choices.some(({ key }) => key !== undefined)) return 'RG-NONE';
  if (words && !hasSpeech) return 'RG-SPEECH';
  if (!isWithin(timeoutMs, 0, words || speech === true ? 20_000 : 300_000)) return 'RG-INITIAL';
  if (!isWithin(interdigitMs, 0, 60_000)) return 'RG-INTERDIGIT';
  return digits?.max !== undefined && !(Number.isInteger(digits.max) && digits.max >= 1) ? 'RG-DIGITS' : undefined;
};

const brokenByRecording = ({ format, timeoutMs }: RecordParams, hasSpeech: boolean): RuleId | undefined => {
  if (!hasSpeech) return 'RC-SPEECH';
  if (format !== 'wav' && format !== 'mp3') return 'RC-FORMAT';
  return isWithin(timeoutMs, 0, 20_000) ? undefined : 'RC-INITIAL';
};
