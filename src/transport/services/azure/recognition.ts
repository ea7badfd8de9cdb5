/**
 * Recognition — a question as Azure Communication Services asks it. Pure.
 *
 * | the question takes | it listens for | who matches |
 * | --- | --- | --- |
 * | keys of choices, and no words | one key | we |
 * | choices with phrases, and a key for all of them or for none | choices | the service |
 * | choices of which only some have a key, or free speech beside keys | words or one key | we |
 * | choices with phrases and free speech, no keys; free speech alone | words | we |
 * | digits | keys | |
 * | digits and free speech | words or keys | |
 *
 * Times are whole seconds, rounded up, and at least one: the client sends no zero.
 *
 * @module
 */
import type { Choice, DtmfKey, Recognize } from '../../../actions/index.ts';
import { regional } from './languages.ts';
import type { PlaySource, Recognition } from './requests.ts';
import type { Speech } from './sources.ts';
import { toneNames } from './tones.ts';

/** How long a silence ends what somebody says, s. The service's own half a second cuts people short who think. */
const endSilenceSeconds = 1;

/** How many keys are taken where only a key ends them. */
const manyTones = 50;

/** The question `params`, with all that is said before it. `callbackOf` is the address for an outcome that has to tell stop keys from digits. */
export const recognitionOf = (params: Recognize, playPrompts: readonly PlaySource[], speech: Speech, callbackOf: (stop: string) => string): Recognition => {
  const { choices = [], digits } = params;
  const stop = digits?.termchars ?? [];
  const common = {
    ...(playPrompts.length > 0 && { playPrompts }),
    interruptPrompt: params.bargein,
    initialSilenceTimeoutInSeconds: seconds(params.timeoutMs),
    ...(stop.length > 0 && { operationCallbackUrl: callbackOf(stop.join('')) }),
  };
  const ofSpeech = { endSilenceTimeoutInSeconds: endSilenceSeconds, speechLanguage: regional(params.culture ?? params.language ?? speech.language, speech.language) };
  const ofKeys = {
    interToneTimeoutInSeconds: seconds(params.interdigitMs),
    maxTonesToCollect: digits === undefined ? 1 : (digits.max ?? manyTones),
    ...(stop.length > 0 && { stopDtmfTones: stop.map((key) => toneNames[key]) }),
  };
  if (isMatchedThere(params)) return { kind: 'callMediaRecognizeChoiceOptions', ...common, speechLanguage: ofSpeech.speechLanguage, choices: choices.map(wireChoice) };
  const hasKeys = digits !== undefined || choices.some(({ key }) => key !== undefined);
  if (!hearsWords(params)) return { kind: 'callMediaRecognizeDtmfOptions', ...common, ...ofKeys };
  return hasKeys ? { kind: 'callMediaRecognizeSpeechOrDtmfOptions', ...common, ...ofKeys, ...ofSpeech } : { kind: 'callMediaRecognizeSpeechOptions', ...common, ...ofSpeech };
};

/** Whether words can end the question. */
export const hearsWords = ({ choices = [], speech }: Recognize): boolean => speech === true || choices.some(({ phrases }) => phrases.length > 0);

/** The service takes a list of choices only where each has phrases, and each a key or none. */
const isMatchedThere = ({ choices = [], speech, digits }: Recognize): boolean => {
  if (speech === true || digits !== undefined || choices.length === 0 || choices.some(({ phrases }) => phrases.length === 0)) return false;
  const withKey = choices.filter(({ key }) => key !== undefined).length;
  return withKey === 0 || withKey === choices.length;
};

const wireChoice = ({ name, phrases, key }: Choice) => ({ label: name, phrases, ...(key !== undefined && { tone: toneNames[key satisfies DtmfKey] }) });

/** Whole seconds, rounded up, at least one. */
export const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));

/** How long the question is open at the most once its prompts are over, ms: words end by themselves within a minute. */
export const openMs = ({ timeoutMs, interdigitMs, digits }: Recognize): number => timeoutMs + 60_000 + (digits === undefined ? 0 : (digits.max ?? manyTones) * Math.max(1_000, interdigitMs));
