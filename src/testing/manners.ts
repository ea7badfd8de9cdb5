/**
 * Manners — how what a service and a bot do to each other is put into words, in transcripts and in what an expectation finds instead.
 *
 * @module
 */
import { type CallAction, type CallActionType, type Recognize, words } from '../actions/index.ts';
import type { CallError } from '../errors.ts';
import type { EndReason } from '../machines/index.ts';
import { didYouMean } from '../machines/nearest.ts';

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
