/**
 * Manners — what any calling service does of itself, and how a transcript puts it into words.
 *
 * @module
 */
import { type CallAction, type CallActionType, type Heard, type Operation, type PromptItem, type Recognize, words } from '../actions/index.ts';
import type { CallError } from '../errors.ts';
import type { EndReason, Outcome } from '../machines/index.ts';
import { didYouMean } from '../machines/nearest.ts';

/** The outcomes that need nobody's decision. */
export const outcomes: { readonly [K in Operation['type']]?: 'play.done' | 'answer.done' | 'hangup.done' | 'reject.done' | 'hold.done' | 'unhold.done' } = { play: 'play.done', hold: 'hold.done', unhold: 'unhold.done', answer: 'answer.done', hangup: 'hangup.done', reject: 'reject.done' };

/** What the caller hears of `operation`. */
export const promptsOf = (operation: CallAction): readonly PromptItem[] => ('prompts' in operation.params ? operation.params.prompts : []);

/** What a transcript says of `operation` beside its prompts. */
export const noteOf = (operation: CallAction): string | undefined => {
  switch (operation.type) {
    case 'answer':
      return 'bot answers';
    case 'hangup':
      return 'bot hangs up';
    case 'reject':
      return 'bot refuses the call';
    case 'transfer':
      return `bot transfers the caller to ${operation.params.to}`;
    case 'unhold':
      return 'bot takes the caller back';
    case 'createcall':
      return `bot calls ${operation.params.to}`;
    case 'raw':
      return `bot asks ${operation.params.service} for ${operation.params.verb}`;
    case 'record':
      return operation.params.beep ? '(beep)' : undefined;
    default:
      return undefined;
  }
};

/** Keys pressed ahead are lost where a prompt may not be interrupted, and where keys are not what is asked for. */
export const losesKeys = (operation: CallAction): boolean =>
  operation.type === 'record' || operation.type === 'transfer' || operation.type === 'createcall' || operation.type === 'raw' || operation.type === 'hold' || (operation.type === 'recognize' && !operation.params.bargein && operation.params.prompts.length > 0);

/** What a service reports of what it heard. */
export const outcomeOf = (heard: Heard, operationId: string): Outcome => {
  switch (heard.ending) {
    case 'choice':
      return { type: 'recognize.input', operationId, input: { kind: 'choice', name: heard.name }, via: heard.via };
    case 'speech':
      return { type: 'recognize.input', operationId, input: { kind: 'phrase', phrase: heard.phrase }, via: 'speech' };
    case 'digits':
      return { type: 'recognize.input', operationId, input: { kind: 'digits', digits: heard.digits, by: heard.by }, via: 'dtmf' };
    case 'noinput':
      return { type: 'recognize.noinput', operationId };
    case 'nomatch':
      return { type: 'recognize.nomatch', operationId, by: heard.by };
  }
};

/** Why a step was abandoned, for people. */
export const whyFailed = (error: CallError): string =>
  `the bot failed: ${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}`;

/** Each end of a call, as a sentence. */
export const ends: Readonly<Record<EndReason, string>> = {
  caller: 'the caller has hung up',
  bot: 'the bot has hung up',
  rejected: 'the bot has refused the call',
  transferred: 'the caller was handed on',
  error: 'the bot failed',
  service: 'the service has ended the call',
};

/** What has to be open for each thing that is done to it. */
export const needs: { readonly [K in CallActionType]?: string } = { recognize: 'a question', record: 'a recording', transfer: 'a transfer', createcall: 'an outgoing call', raw: 'a verb of the service' };

/** Seconds, for people. */
export const seconds = (ms: number): string => `${ms / 1000} s`;

/** Why `heard` ended `question` without a match, for people: what it listens for, and which word was likely meant. */
export const whyUnmatched = (question: Recognize, says: string | undefined): string => {
  const phrases = (question.choices ?? []).flatMap((choice) => choice.phrases);
  return `(no match: the bot listens for ${listensFor(question)}${says === undefined ? '' : didYouMean(words(says), phrases)})`;
};

/** What `question` takes, for people. */
export const listensFor = ({ choices, digits, speech }: Recognize): string => {
  const inputs = [...(choices !== undefined ? [choicesText(choices)] : digits !== undefined ? [digitsText(digits)] : []), ...(speech === true ? ['whatever is said'] : [])];
  return inputs.join(', or ');
};

const choicesText = (choices: NonNullable<Recognize['choices']>): string =>
  choices.map(({ name, key, phrases }) => `${name} (${[...(key === undefined ? [] : [key]), ...phrases.map((phrase) => `"${phrase}"`)].join(', ')})`).join(', ');

const digitsText = ({ max, termchars }: NonNullable<Recognize['digits']>): string =>
  `digits (${[...(max === undefined ? [] : [`up to ${max}`]), ...(termchars === undefined ? [] : [`ended by ${termchars.join(' or ')}`])].join(', ')})`;
