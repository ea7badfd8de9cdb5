/**
 * Match — what the service reports → the event that the machine gets, by the question that was open.
 *
 * Only here does a name that came from outside become part of an event type, and only because the question offered it:
 * the alphabet stays closed, and XState's caches with it.
 *
 * @module
 */
import { type Choice, words } from '../actions/index.ts';
import type { CallEvent } from './call-event.ts';
import type { Input, Outcome } from './service-event.ts';

/** What has to be remembered of an open question to understand its answer. */
export type OpenQuestion =
  | { readonly type: 'recognize'; readonly choices: readonly Choice[]; readonly atRunTime: boolean }
  | { readonly type: 'recognize'; readonly digits: true }
  | { readonly type: 'record' };

/** An outcome as the machine gets it. What becomes of a hangup or a refusal is the end of the call. */
export const match = (outcome: Outcome, question: OpenQuestion | null): CallEvent => {
  switch (outcome.type) {
    case 'recognize.input':
      return question?.type === 'recognize' ? matchInput(outcome.input, outcome.via, question) : { type: 'recognize.failed', cause: 'unknown' };
    case 'recognize.nomatch':
      return { type: `recognize.nomatch.${outcome.by}` };
    case 'recognize.failed':
      return { type: 'recognize.failed', cause: outcome.cause };
    case 'record.failed':
      return { type: 'record.failed', cause: outcome.cause };
    case 'record.done':
      return { type: `record.done.${outcome.by}`, recording: outcome.recording } as CallEvent;
    case 'hangup.done':
    case 'hangup.failed':
      return { type: 'call.ended', reason: 'bot' };
    case 'reject.done':
    case 'reject.failed':
      return { type: 'call.ended', reason: 'rejected' };
    default:
      return { type: outcome.type };
  }
};

const matchInput = (input: Input, via: 'dtmf' | 'speech', question: Extract<OpenQuestion, { readonly type: 'recognize' }>): CallEvent => {
  if ('digits' in question) {
    const digits = input.kind === 'digits' ? input.digits : input.kind === 'keys' ? input.keys : undefined;
    if (digits === undefined) return { type: 'recognize.nomatch.speech' };
    if (digits === '') return { type: 'recognize.noinput' };
    return { type: `recognize.digits.${input.kind === 'digits' ? input.by : 'interdigit'}`, digits };
  }
  const choice = question.choices.find((candidate) => means(input, candidate));
  if (choice === undefined) return { type: via === 'dtmf' ? 'recognize.nomatch.key' : 'recognize.nomatch.speech' };
  return question.atRunTime ? { type: 'recognize.choice', choice: choice.name, via } : { type: `recognize.choice.${choice.name}`, via };
};

const means = (input: Input, choice: Choice): boolean => {
  switch (input.kind) {
    case 'choice':
      return input.name === choice.name;
    case 'keys':
      return input.keys === choice.key;
    case 'digits':
      return input.digits === choice.key;
    case 'phrase':
      return choice.phrases.some((phrase) => words(phrase) === words(input.phrase));
  }
};
