/**
 * Actions — what the verbs of a document have a line do.
 *
 * The service has one timer for the first key and for the next ones, and one for the silence before a recording and at its end: so it is here.
 *
 * @module
 */
import { DtmfKey, type PromptItem, type Recognize, type Record as RecordParams } from '../../../actions/index.ts';
import type { LineAction } from '../../line-action.ts';
import type { Element } from './document.ts';

/** Something that a line does: several prompts one after the other are one. */
export interface Step {
  readonly verb: Element;
  /** Absent for what is not done on the line: to go on elsewhere, or what is ended on demand. */
  readonly action?: LineAction;
  /** Whether it goes on until somebody ends it. */
  readonly endless?: true;
  /** Whether nothing is done but to wait. */
  readonly waits?: true;
}

/** The steps of `verbs`, in order. */
export const stepsOf = (verbs: readonly Element[]): readonly Step[] => {
  const steps: Step[] = [];
  for (const verb of verbs) {
    const last = steps.at(-1);
    if (last?.action?.type === 'play' && last.endless === undefined && isPrompt(verb) && !isEndless(verb)) {
      steps[steps.length - 1] = {
        verb: last.verb,
        action: { ...last.action, params: { prompts: [...last.action.params.prompts, ...promptsOf(verb)] } },
        ...(last.waits === true && verb.name === 'Pause' && { waits: true as const }),
      };
    } else steps.push(stepOf(verb, `verb-${steps.length + 1}`));
  }
  return steps;
};

const isPrompt = ({ name }: Element): boolean => name === 'Say' || name === 'Play' || name === 'Pause';

/** Whether `verb` plays over and over. */
const isEndless = ({ name, attributes }: Element): boolean => (name === 'Say' || name === 'Play') && attributes['loop'] === '0';

const stepOf = (verb: Element, operationId: string): Step => {
  if (verb.isForeign === true) return { verb };
  switch (verb.name) {
    case 'Say':
    case 'Play':
    case 'Pause':
      return { verb, action: { type: 'play', params: { prompts: promptsOf(verb) }, operationId }, ...(isEndless(verb) && { endless: true as const }), ...(verb.name === 'Pause' && { waits: true as const }) };
    case 'Gather':
      return { verb, action: { type: 'recognize', params: questionOf(verb), ...hintsOf(verb), operationId } };
    case 'Record':
      return { verb, action: { type: 'record', params: recordingOf(verb), operationId } };
    case 'Dial':
      return { verb, action: { type: 'createcall', params: ringingOf(verb), operationId, orTransfer: true } };
    case 'Refer':
      return { verb, action: { type: 'transfer', params: { to: partyOf(verb) }, operationId } };
    case 'Reject':
      return { verb, action: { type: 'reject', params: { reason: verb.attributes['reason'] === 'busy' ? 'busy' : 'declined' }, operationId } };
    case 'Hangup':
      return { verb, action: { type: 'hangup', params: {}, operationId } };
    default:
      return { verb };
  }
};

/** What is heard of `verb`. */
const promptsOf = ({ name, attributes, text }: Element): readonly PromptItem[] => {
  if (name === 'Pause') return [{ silenceMs: secondsIn(attributes['length'], 1) }];
  const item: PromptItem | undefined = text === '' ? undefined : name === 'Say' ? { text } : { audio: text };
  const times = attributes['loop'] === undefined || attributes['loop'] === '0' ? 1 : Math.min(Number(attributes['loop']) || 1, 1_000);
  return item === undefined ? [] : Array.from({ length: times }, () => item);
};

const questionOf = ({ attributes, children }: Element): Recognize => {
  const timeoutMs = secondsIn(attributes['timeout'], 5);
  const inputs = (attributes['input'] ?? 'dtmf').split(/\s+/);
  const max = attributes['numDigits'] === undefined ? undefined : Number(attributes['numDigits']);
  return {
    prompts: children.flatMap(promptsOf),
    bargein: inputs.includes('dtmf') || attributes['bargeIn'] !== 'false', // a key stops a prompt in any case
    timeoutMs,
    interdigitMs: timeoutMs,
    ...(inputs.includes('dtmf') && { digits: { ...(max !== undefined && { max }), termchars: keysIn(attributes['finishOnKey'] ?? '#') } }),
    ...(inputs.includes('speech') && { speech: true as const }),
  };
};

/** The words that the bot expects, of a question that listens. */
const hintsOf = ({ attributes: { input = 'dtmf', hints = '' } }: Element): { readonly hints?: readonly string[] } => {
  const words = hints.split(',').map((hint) => hint.trim()).filter((hint) => hint !== '');
  return words.length > 0 && input.split(/\s+/).includes('speech') ? { hints: words } : {};
};

const recordingOf = ({ attributes }: Element): RecordParams => {
  const timeoutMs = secondsIn(attributes['timeout'], 5);
  return {
    prompts: [],
    beep: attributes['playBeep'] !== 'false',
    format: 'wav',
    timeoutMs,
    finalSilenceMs: timeoutMs,
    maxMs: secondsIn(attributes['maxLength'], 3_600),
    termchars: keysIn(attributes['finishOnKey'] ?? '1234567890*#'),
  };
};

const ringingOf = (verb: Element): { readonly to: string; readonly timeoutMs: number; readonly from?: string } => {
  const { callerId } = verb.attributes;
  return { to: partyOf(verb), timeoutMs: secondsIn(verb.attributes['timeout'], 30), ...(callerId !== undefined && { from: callerId }) };
};

/** Whom `verb` rings: its text, or what the nouns in it say. Of several all are rung, and one answers. */
const partyOf = ({ text, children }: Element): string => {
  const parties = children.map(({ name, text: address }) => (name === 'Client' && !address.startsWith('client:') ? `client:${address}` : address));
  return parties.length === 0 ? text : parties.join(' or ');
};

const keysIn = (keys: string): readonly DtmfKey[] => [...keys].filter(DtmfKey.is);

/** `value` is in seconds; `auto` and what is no number leave it at `orElse`. */
const secondsIn = (value: string | undefined, orElse: number): number => {
  const seconds = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
  return (Number.isFinite(seconds) && seconds >= 0 ? seconds : orElse) * 1_000;
};
