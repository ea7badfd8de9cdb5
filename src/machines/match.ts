/**
 * Match — what the service reports → the event that the machine gets, by the question that was open.
 *
 * Only here does a name that came from outside become part of an event type, and only because the question offered it:
 * the alphabet stays closed, and XState's caches with it.
 *
 * @module
 */
import { type CallActionType, type Choice, isQuestion, type VerbFields, words } from '../actions/index.ts';
import { type CallEvent, fixedEventTypes } from './call-event.ts';
import type { Input, Outcome } from './service-event.ts';

/** What has to be remembered of an open question to understand its answer. */
export type OpenQuestion =
  | { readonly type: 'recognize'; readonly choices: readonly Choice[]; readonly atRunTime?: true; readonly speech?: true }
  | { readonly type: 'recognize'; readonly digits: true; readonly secret?: true; readonly speech?: true }
  | { readonly type: 'record' }
  /** A verb of the service's own, with the endings that the bot tells apart. */
  | { readonly type: 'raw'; readonly endings: readonly string[] };

const outcomeTypes = {
  'answer.done': 0, 'answer.failed': 0, 'play.done': 0, 'play.failed': 0, 'hangup.done': 0, 'hangup.failed': 0, 'reject.done': 0, 'reject.failed': 0,
  'transfer.done': 0, 'transfer.busy': 0, 'transfer.noanswer': 0, 'transfer.failed': 0,
  'hold.done': 0, 'hold.failed': 0, 'unhold.done': 0, 'unhold.failed': 0,
  'createcall.done': 0, 'createcall.busy': 0, 'createcall.noanswer': 0, 'createcall.failed': 0,
  'raw.ended': 0, 'raw.failed': 0,
  'recognize.input': 0, 'recognize.noinput': 0, 'recognize.nomatch': 0, 'recognize.failed': 0, 'record.done': 0, 'record.noinput': 0, 'record.failed': 0,
} satisfies Readonly<Record<Outcome['type'], 0>>;

/** `outcome` as an ending of the action that was asked for: whatever is none of its endings is its failure. */
export const understood = (outcome: Outcome, asked: CallActionType): Outcome => {
  const isEnding = outcome.type.startsWith(`${asked}.`) || (outcome.type === 'play.failed' && isQuestion(asked)); // the prompt of a question
  if (isEnding && Object.hasOwn(outcomeTypes, outcome.type)) return outcome;
  return { operationId: outcome.operationId, type: `${asked}.failed`, cause: 'unknown' } as Outcome;
};

/** An outcome as the machine gets it. What becomes of a hangup or a refusal is the end of the call, and no event. */
export const match = (outcome: Outcome, question: OpenQuestion | null): CallEvent => {
  const event = matched(outcome, question);
  if (alphabet.has(event.type) || event.type.startsWith('recognize.choice.') || event.type.startsWith('raw.done.')) return event;
  return { type: outcome.type.startsWith('record.') ? 'record.failed' : 'recognize.failed', cause: 'unknown' };
};

const alphabet: ReadonlySet<string> = new Set(fixedEventTypes);

const matched = (outcome: Outcome, question: OpenQuestion | null): CallEvent => {
  switch (outcome.type) {
    case 'recognize.input':
      return question?.type === 'recognize' ? matchInput(outcome.input, outcome.via, question) : { type: 'recognize.failed', cause: 'unknown' };
    case 'recognize.nomatch':
      return { type: `recognize.nomatch.${outcome.by}` };
    case 'recognize.failed':
      return { type: 'recognize.failed', cause: outcome.cause, ...reasonOf(outcome) };
    case 'record.failed':
      return { type: 'record.failed', cause: outcome.cause, ...reasonOf(outcome) };
    case 'record.done':
      return { type: `record.done.${outcome.by}`, recording: outcome.recording } as CallEvent;
    case 'raw.ended':
      return ended(outcome.ending, outcome.fields, question?.type === 'raw' ? question.endings : []);
    default:
      return { type: outcome.type, ...reasonOf(outcome) } as CallEvent;
  }
};

/** How a verb of the service ended: what the bot does not tell apart is a failure to it. */
const ended = (ending: string, fields: VerbFields, endings: readonly string[]): CallEvent =>
  endings.includes(ending) ? { type: `raw.done.${ending}`, fields } : { type: 'raw.failed', reason: ending, fields };

/** The service's own words for a failure: for the bot's code, never for a log. */
const reasonOf = ({ type, reason }: Outcome): { readonly reason?: string } => (reason !== undefined && type.endsWith('.failed') ? { reason } : {});

const matchInput = (input: Input, via: 'dtmf' | 'speech', question: Extract<OpenQuestion, { readonly type: 'recognize' }>): CallEvent => {
  const nomatch = { type: via === 'dtmf' ? 'recognize.nomatch.key' : 'recognize.nomatch.speech' } as const;
  if ('digits' in question) {
    if (input.kind === 'phrase') return spoken(input, question.speech) ?? nomatch;
    if (input.kind !== 'digits' && input.kind !== 'keys') return nomatch;
    const digits = input.kind === 'digits' ? input.digits : input.keys;
    if (digits === '') return { type: 'recognize.noinput' };
    return { type: `recognize.digits.${input.kind === 'digits' ? input.by : 'interdigit'}`, digits };
  }
  const choice = question.choices.find((candidate) => means(input, candidate)) ?? (input.kind === 'phrase' && question.speech === undefined ? meantBy(input.phrase, question.choices) : undefined);
  if (choice === undefined) return spoken(input, question.speech) ?? nomatch;
  if (choice.command === 'repeats') return { type: 'recognize.repeat', via };
  return question.atRunTime && choice.command === undefined ? { type: 'recognize.choice', choice: choice.name, via } : { type: `recognize.choice.${choice.name}`, via };
};

/** What was said, where the question takes whatever is said. */
const spoken = (input: Input, speech: true | undefined): CallEvent | undefined => {
  if (speech === undefined || input.kind !== 'phrase' || typeof input.phrase !== 'string') return undefined;
  const { phrase, confidence } = input;
  if (words(phrase) === '') return { type: 'recognize.noinput' };
  return { type: 'recognize.speech', phrase, ...(typeof confidence === 'number' && { confidence }) };
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

/**
 * The one choice that is named in `phrase`, among other words: a service that writes down all that it hears is told “sales, please”. Nothing
 * where two are named; and a plain yes or no has to come first, since “I have no idea” is none.
 */
const meantBy = (phrase: string, choices: readonly Choice[]): Choice | undefined => {
  const said = ` ${words(phrase)} `;
  const named = choices.flatMap((choice) => choice.phrases.map((one) => ({ choice, part: ` ${words(one)} ` }))).filter(({ choice: { word }, part }) => part.trim() !== '' && (word === undefined ? said.includes(part) : said.startsWith(part)));
  const whole = named.filter(({ part }) => !named.some((other) => other.part !== part && other.part.includes(part)));
  const [first] = whole;
  return first !== undefined && whole.every(({ choice }) => choice === first.choice) ? first.choice : undefined;
};
