/**
 * Limits of the actions — what the Bot Framework calling service wants of each core action taken by itself.
 *
 * Part of `limits.ts`, which says how the check is written and why.
 *
 * @module
 */
import { SayAs } from '../../../actions/index.ts';
import { urlOf } from '../../../actions/url.ts';
import type { RuleId } from './rules.ts';
import { modalities } from './wire.ts';

/** Takes note of a broken rule. */
export type Report = (rule: RuleId, path: string) => void;

/** Fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isBlank = (value: unknown): boolean => typeof value !== 'string' || value.trim() === '';
export const isText = (value: unknown, longest: number): value is string => typeof value === 'string' && value.length <= longest;

/** Checks one action by itself; says whether it is a core action. Any other name is the caller's to judge. */
export function checkCoreAction(action: Fields, path: string, report: Report): boolean {
  switch (action['action']) {
    case 'answer':
      checkModalities(action['acceptModalityTypes'], `${path}.acceptModalityTypes`, report);
      return true;
    case 'reject':
    case 'hangup':
      return true;
    case 'playPrompt':
      checkPrompts(action['prompts'], `${path}.prompts`, report);
      return true;
    case 'recognize':
      checkRecognize(action, path, report);
      return true;
    case 'record':
      checkRecord(action, path, report);
      return true;
    default:
      return false;
  }
}

export function checkName(action: Fields, path: string, report: Report): boolean {
  const named = !isBlank(action['action']);
  if (!named) report('A-NONAME', `${path}.action`);
  if (isBlank(action['operationId'])) report('A-OPID', `${path}.operationId`);
  return named;
}

/** The media of `answer`, and of `placeCall`. */
export function checkModalities(list: unknown, path: string, report: Report): void {
  if (isAbsent(list)) return;
  if (!Array.isArray(list)) return report('T-SHAPE', path);
  const words = list.map((word: unknown) => (typeof word === 'string' ? word.toLowerCase() : ''));
  if (new Set(words).size < words.length) report('AN-DUP', path);
  if (words.some((word) => !modalities.some((known) => known.toLowerCase() === word))) report('AN-UNKNOWN', path);
  if (words.includes('videobasedscreensharing')) report('AN-SHARING', path);
}

function checkNestedPlay(play: unknown, path: string, report: Report): void {
  if (isAbsent(play)) return;
  if (!isFields(play)) return report('T-SHAPE', path);
  if (checkName(play, path, report) && play['action'] !== 'playPrompt') report('A-NAME', `${path}.action`);
  checkPrompts(play['prompts'], `${path}.prompts`, report);
}

function checkPrompts(prompts: unknown, path: string, report: Report): void {
  if (!Array.isArray(prompts)) return report('PP-PROMPTS', path);
  if (prompts.length === 0) return report('PP-EMPTY', path);
  for (let index = 0; index < prompts.length; index++) {
    const prompt: unknown = prompts[index];
    if (isFields(prompt)) checkPrompt(prompt, `${path}.${index}`, report);
    else report(isAbsent(prompt) ? 'PP-NULL' : 'T-SHAPE', `${path}.${index}`);
  }
}

const sayAs: ReadonlySet<string> = new Set(Object.keys(SayAs.keys).map((word) => word.toLowerCase()));

function checkPrompt(prompt: Fields, path: string, report: Report): void {
  const { value, fileUri, silenceLengthInMilliseconds: silence } = prompt;
  const hasText = !isAbsent(value) && value !== '';
  const hasFile = !isAbsent(fileUri) && fileUri !== '';
  if (hasText && hasFile) report('PR-BOTH', path);
  else if (hasText && typeof value !== 'string') report('T-SHAPE', `${path}.value`);
  else if (hasText && !isText(value, 2048)) report('PR-2048', `${path}.value`);
  else if (hasFile && (typeof fileUri !== 'string' || urlOf(fileUri) === undefined)) report('PR-URI', `${path}.fileUri`);
  else if (hasText ? isBlank(value) : !hasFile && !(typeof silence === 'number' && silence > 0)) report('PR-NOTHING', path);
  if (typeof silence === 'number' && silence > 60_000) report('PR-SILENCE', `${path}.silenceLengthInMilliseconds`);
  checkCulture(prompt['culture'], 'PR-CULTURE', path, report);
  // An unknown voice is read as the default one, and in practice there is but one.
  if (!isAbsent(prompt['sayAs']) && !sayAs.has(String(prompt['sayAs']).toLowerCase())) report('PR-SAYAS', `${path}.sayAs`);
  checkFlag(prompt['emphasize'], `${path}.emphasize`, report);
}

function checkCulture(culture: unknown, rule: RuleId, path: string, report: Report): void {
  if (!isAbsent(culture) && !(typeof culture === 'string' && culture.toLowerCase() === 'en-us')) report(rule, `${path}.culture`);
}

function checkFlag(flag: unknown, path: string, report: Report): void {
  if (!isAbsent(flag) && typeof flag !== 'boolean') report('T-SHAPE', path);
}

function checkRange(value: unknown, least: number, most: number, rule: RuleId, path: string, report: Report): void {
  // Turned round so that NaN, which becomes null on the wire, is out of range.
  if (!isAbsent(value) && !(typeof value === 'number' && value >= least && value <= most)) report(rule, path);
}

function checkRecognize(action: Fields, path: string, report: Report): void {
  const { choices, collectDigits } = action;
  checkNestedPlay(action['playPrompt'], `${path}.playPrompt`, report);
  checkFlag(action['bargeInAllowed'], `${path}.bargeInAllowed`, report);
  checkCulture(action['culture'], 'RG-CULTURE', path, report);
  checkRange(action['initialSilenceTimeoutInSeconds'], 1, 30, 'RG-INITIAL', `${path}.initialSilenceTimeoutInSeconds`, report);
  checkRange(action['interdigitTimeoutInSeconds'], 1, 5, 'RG-INTERDIGIT', `${path}.interdigitTimeoutInSeconds`, report);
  if (isAbsent(choices) === isAbsent(collectDigits)) report('RG-EITHER', path);
  if (!isAbsent(choices)) checkChoices(choices, `${path}.choices`, report);
  if (!isAbsent(collectDigits)) checkCollect(collectDigits, `${path}.collectDigits`, report);
}

function checkChoices(choices: unknown, path: string, report: Report): void {
  if (!Array.isArray(choices)) return report('T-SHAPE', path);
  if (choices.length === 0) return report('RG-CHOICES', path);
  const phrases = new Set<unknown>();
  const keys = new Set<unknown>();
  for (let index = 0; index < choices.length; index++) {
    const choice: unknown = choices[index];
    if (isFields(choice)) checkChoice(choice, `${path}.${index}`, phrases, keys, report);
    else report(isAbsent(choice) ? 'CH-NULL' : 'T-SHAPE', `${path}.${index}`);
  }
}

function checkChoice(choice: Fields, path: string, phrases: Set<unknown>, keys: Set<unknown>, report: Report): void {
  const { speechVariation: speech, dtmfVariation: key } = choice;
  if (isBlank(choice['name'])) report('CH-NAME', `${path}.name`);
  if (isAbsent(key) && (isAbsent(speech) || (Array.isArray(speech) && speech.length === 0))) report('CH-NONE', path);
  if (!isAbsent(key)) {
    if (!isTone(key)) report('D-TONE', `${path}.dtmfVariation`);
    if (keys.has(key)) report('CH-DUPDTMF', `${path}.dtmfVariation`);
    keys.add(key);
  }
  if (isAbsent(speech)) return;
  if (!Array.isArray(speech)) return report('T-SHAPE', `${path}.speechVariation`);
  if (speech.length > 5) report('CH-MAX5', `${path}.speechVariation`);
  for (const phrase of speech as readonly unknown[]) {
    if (isBlank(phrase)) report('CH-BLANK', `${path}.speechVariation`);
    else if (phrases.has(phrase)) report('CH-DUPSPEECH', `${path}.speechVariation`);
    phrases.add(phrase);
  }
}

function checkCollect(collect: unknown, path: string, report: Report): void {
  if (!isFields(collect)) return report('T-SHAPE', path);
  const { maxNumberOfDtmfs: most, stopTones } = collect;
  if (isAbsent(most) && isAbsent(stopTones)) report('CD-EITHER', path);
  if (!isAbsent(most) && !Number.isInteger(most)) report('CD-RANGE', `${path}.maxNumberOfDtmfs`);
  else checkRange(most, 1, 20, 'CD-RANGE', `${path}.maxNumberOfDtmfs`, report);
  checkStopTones(stopTones, `${path}.stopTones`, report);
}

const isTone = (tone: unknown): boolean => typeof tone === 'string' && tone.length === 1 && /[0-9*#A-D]/.test(tone);

function checkStopTones(tones: unknown, path: string, report: Report): void {
  if (isAbsent(tones)) return;
  if (!Array.isArray(tones)) return report('T-SHAPE', path);
  if (tones.length === 0) report('D-EMPTY', path);
  if (tones.length > 5) report('D-MAX5', path);
  if (!tones.every(isTone)) report('D-TONE', path);
}

function checkRecord(action: Fields, path: string, report: Report): void {
  const format = action['recordingFormat'];
  checkNestedPlay(action['playPrompt'], `${path}.playPrompt`, report);
  checkRange(action['maxDurationInSeconds'], 2, 600, 'RC-DURATION', `${path}.maxDurationInSeconds`, report);
  checkRange(action['initialSilenceTimeoutInSeconds'], 1, 30, 'RC-INITIAL', `${path}.initialSilenceTimeoutInSeconds`, report);
  checkRange(action['maxSilenceTimeoutInSeconds'], 0, 30, 'RC-SILENCE', `${path}.maxSilenceTimeoutInSeconds`, report);
  if (!isAbsent(format) && !(typeof format === 'string' && /^(?:wma|wav|mp3)$/i.test(format))) report('RC-FORMAT', `${path}.recordingFormat`);
  checkFlag(action['playBeep'], `${path}.playBeep`, report);
  checkStopTones(action['stopTones'], `${path}.stopTones`, report);
}
