/**
 * Mask — a step without what the caller said, keyed and is.
 *
 * An answer is written by what it was taken for. Of everything else that may hold the caller's words, such as the results of tasks and what the bot said,
 * there remains what stands literally in the bot, and how it is built: the lengths of lists, what is true or false, what is the same and what is a date.
 * In place of a number that is left out stands 0, and of digits so many zeros.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Batch } from '../../actions/index.ts';
import { match, type OpenQuestion, understood } from '../match.ts';
import type { Ending } from '../outcomes.ts';
import { hidden } from '../secret.ts';
import { type CallInput, isOutcome, type Outcome, type ServiceEvent } from '../service-event.ts';
import { type CallSnapshot, operationIndex } from '../snapshot.ts';
import type { StepEvent } from '../step.ts';
import type { TaskResult } from '../task-logic.ts';
import type { LogMove, LogStep } from './call-log.ts';
import { type Literals, literalsOf } from './literals.ts';

/** `step` of a call of `machine` without what the caller said, keyed and is. `before` is the call as it was before the step. */
export const maskStep = (machine: AnyStateMachine, { event, batch, moves, ...more }: LogStep, before: CallSnapshot | undefined): LogStep => {
  const literals = literalsOf(machine);
  return { ...more, event: maskEvent(event, before, literals), batch: maskBatch(batch, literals), moves: moves.map((move) => maskMove(move, literals)) };
};

// ---- values ----

const maskText = (text: string, { texts }: Literals): string => (text === '' || texts.has(text) ? text : hidden);

/** A name that somebody gave at run time, such as that of an actor. */
const maskName = (name: string, literals: Literals): string => name.split('/').map((part) => maskText(part, literals)).join('/');

const maskValue = (value: unknown, literals: Literals, standIn: (text: string) => string = () => hidden): unknown => {
  if (typeof value === 'string') return maskText(value, literals) === hidden ? standIn(value) : value;
  if (typeof value === 'number') return literals.numbers.has(value) ? value : 0;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => maskValue(one, literals, standIn));
  return Object.fromEntries(Object.entries(value).map(([name, one], index) => [literals.texts.has(name) || literals.words.has(name) ? name : `${hidden}${index + 1}`, maskValue(one, literals, standIn)]));
};

/** Texts that code takes apart, and what stands for the first, the second and so on of them. */
const shapes: readonly (readonly [shape: RegExp, standIn: (count: number) => string])[] = [
  [/^\d{4}-\d{2}-\d{2}$/, (count) => `2000-01-${twoDigits(1 + (count % 28))}`],
  [/^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?$/, (count) => `2000-01-01T00:${twoDigits(count % 60)}:00.000Z`],
  [/^\d{1,2}:\d{2}(?::\d{2})?$/, (count) => `00:${twoDigits(count % 60)}`],
  [/(?:)/, (count) => (count === 0 ? hidden : `${hidden}${count + 1}`)],
];

const twoDigits = (count: number): string => String(count).padStart(2, '0');

/** What stands for the texts of one result: another for each other text, so that what is told apart by them still is; a date for a date, a time for a time. */
const standIns = (): ((text: string) => string) => {
  const given = new Map<string, string>();
  const counts = new Map<RegExp, number>();
  return (text) => {
    const known = given.get(text);
    if (known !== undefined) return known;
    const [shape, standIn] = shapes.find(([one]) => one.test(text)) ?? [/(?:)/, () => hidden];
    const count = counts.get(shape) ?? 0;
    counts.set(shape, count + 1);
    given.set(text, standIn(count));
    return standIn(count);
  };
};

// ---- what the bot asked for ----

/** Parameters of actions that hold no words of anybody's: keys of a telephone that are offered, and names out of closed lists. */
const plain: ReadonlySet<string> = new Set(['key', 'termchars', 'command', 'word', 'sayAs', 'voice', 'format', 'reason', 'modalities']);

/** `batch` without what may be the caller's. */
export const maskBatch = (batch: Batch, literals: Literals): Batch =>
  batch.map((operation) => ({ ...operation, params: maskParams(operation.params, literals) }) as Batch[number]);

/** The names in parameters are ours, but for what a verb of a service is given. */
const maskParams = (params: unknown, literals: Literals): unknown => {
  if (Array.isArray(params)) return params.map((one) => maskParams(one, literals));
  if (typeof params !== 'object' || params === null) return maskValue(params, literals);
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, plain.has(name) ? value : name === 'attributes' ? maskValue(value, literals) : isTag(name) ? maskTag(value) : maskParams(value, literals)]));
};

const isTag = (name: string): boolean => name === 'language' || name === 'culture';

/** Of a tag of a language what says which it is, of whom, and how it is written. */
const maskTag = (tag: unknown): unknown => /^[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?(?=-|$)/.exec(String(tag))?.[0] ?? hidden;

const maskMove = ({ path, event, transitions }: LogMove, literals: Literals): LogMove => ({ path: maskName(path, literals), event, transitions });

// ---- what the bot was told ----

const maskEvent = (event: StepEvent, before: CallSnapshot | undefined, literals: Literals): StepEvent => {
  switch (event.type) {
    case 'service':
      return { type: 'service', at: event.at, events: event.events.map((one) => maskServiceEvent(one, before, literals)) };
    case 'timer': {
      const { id, path, event: sent, dueAt } = event.timer;
      return { ...event, timer: { id: id.startsWith('xstate.after.') ? id : maskText(id, literals), path: maskName(path, literals), event: { type: sent.type.startsWith('xstate.after.') ? sent.type : maskText(sent.type, literals) }, dueAt } };
    }
    case 'task':
      return { ...event, taskId: maskTaskId(event.taskId, before, literals), result: maskResult(event.result, literals) };
    case 'reply.due':
    case 'end.asked':
      return event;
  }
};

const maskTaskId = (id: string, before: CallSnapshot | undefined, literals: Literals): string => {
  const path = before?.tasks.find((task) => task.id === id)?.path;
  return path === undefined || !id.endsWith(path) ? id : `${id.slice(0, id.length - path.length)}${maskName(path, literals)}`;
};

const maskResult = (result: TaskResult, literals: Literals): TaskResult =>
  result.type === 'task.done'
    ? { type: 'task.done', output: maskValue(result.output, literals, standIns()) }
    : { type: 'task.failed', error: { message: maskText(result.error.message, literals), ...(result.error.code !== undefined && { code: /^[A-Z][A-Z_]{1,60}$/.test(result.error.code) ? result.error.code : maskText(result.error.code, literals) }) } };

const maskServiceEvent = (event: ServiceEvent, before: CallSnapshot | undefined, literals: Literals): ServiceEvent => {
  if (event.type === 'call.incoming') return { type: 'call.incoming', call: maskCall(event.call, literals) };
  if (isOutcome(event)) return maskOutcome(event, before, literals);
  return event.type === 'batch.refused' ? { ...event, reason: maskReason(event.reason) } : event;
};

/** Who calls stays unknown; which number of the bot's is called does not. */
const maskCall = ({ id, from, to, name, language, direction, answeredBy, conversation, participants, headers }: CallInput, literals: Literals): CallInput => ({
  id,
  from: direction === 'outbound' ? from : maskText(from, literals), to: direction === 'outbound' ? maskText(to, literals) : to,
  ...(name !== undefined && { name: maskText(name, literals) }),
  ...(language !== undefined && { language: String(maskTag(language)) }),
  direction,
  ...(answeredBy !== undefined && { answeredBy }),
  ...(conversation !== undefined && { conversation: maskText(conversation, literals) }),
  ...(participants !== undefined && { participants: participants.map((one) => ({ id: maskText(one.id, literals), ...(one.name !== undefined && { name: maskText(one.name, literals) }), ...(one.language !== undefined && { language: String(maskTag(one.language)) }), ...(one.originator === true && { originator: true as const }) })) }),
  headers: Object.fromEntries(Object.entries(headers).flatMap(([header, value]) => (literals.texts.has(header) || /^[a-z]+(?:-[a-z]+)*$/.test(header) ? [[header, maskText(value, literals)] as const] : []))),
});

// ---- answers ----

const maskOutcome = (outcome: Outcome, before: CallSnapshot | undefined, literals: Literals): Outcome => {
  const { operationId, reason } = outcome;
  const named = { operationId, ...(reason !== undefined && { reason: maskReason(reason) }) };
  switch (outcome.type) {
    case 'recognize.input':
      return { ...named, ...answer(outcome, before, literals) };
    case 'record.done':
      return { ...named, type: outcome.type, by: outcome.by, recording: { ...outcome.recording, ref: hidden } };
    case 'raw.ended':
      return { ...named, type: outcome.type, ending: outcome.ending, fields: Object.fromEntries(Object.entries(outcome.fields).map(([field, value]) => [field, maskText(value, literals)])) };
    default:
      return { ...outcome, ...named };
  }
};

/** A code of the service's stays; a sentence of its may name somebody. */
const maskReason = (reason: string): string => (/^[\w.-]{1,60}$/.test(reason) ? reason : hidden);

type Answer = Outcome & { readonly type: 'recognize.input' };

/** What the caller gave, as what it was taken for: the choice, digits, words, or nothing that the question knows. */
const answer = (outcome: Answer, before: CallSnapshot | undefined, literals: Literals): Ending => {
  const { via, operationId } = outcome;
  const asked = before === undefined ? undefined : before.awaiting?.types[operationIndex(before.call.id, before.awaiting, operationId)];
  if (before === undefined || asked === undefined) return { type: 'recognize.input', via, input: { kind: 'phrase', phrase: '' } }; // nobody waits for it any more
  const question = before.awaiting?.question ?? null;
  const ending = understood(outcome, asked);
  if (ending.type !== 'recognize.input') return { type: 'recognize.input', via, input: { kind: 'phrase', phrase: '' } }; // of something else than a question: its failure, whatever it says
  const event = match(ending, question);
  if (event.type === 'recognize.speech') return { type: 'recognize.input', via, input: { kind: 'phrase', phrase: words(question), ...(event.confidence !== undefined && { confidence: event.confidence }) } };
  if (event.type === 'recognize.digits.termchar' || event.type === 'recognize.digits.interdigit') {
    const isSealed = event.digits.startsWith('sealed.');
    return { type: 'recognize.input', via, input: { kind: 'digits', digits: '0'.repeat(isSealed ? 4 : event.digits.length), by: event.type === 'recognize.digits.termchar' ? 'termchar' : 'interdigit' } };
  }
  if (event.type === 'recognize.noinput') return { type: 'recognize.noinput' };
  if (event.type === 'recognize.nomatch.key' || event.type === 'recognize.nomatch.speech' || event.type === 'recognize.nomatch.interdigit') return { type: 'recognize.nomatch', by: event.type.slice('recognize.nomatch.'.length) as 'key' | 'speech' | 'interdigit' };
  if (event.type === 'recognize.failed') return { type: 'recognize.failed', cause: event.cause };
  const place = choiceTaken(ending, question);
  const name = choicesOf(question)[place]?.name ?? '';
  return { type: 'recognize.input', via, input: { kind: 'choice', name: literals.texts.has(name) && event.type !== 'recognize.choice' ? name : placeName(place) } };
};

const choicesOf = (question: OpenQuestion | null): readonly { readonly name: string }[] => (question?.type === 'recognize' && 'choices' in question ? question.choices : []);

/** Which of the choices was taken: the one that alone is taken for the same. */
const choiceTaken = (outcome: Answer, question: OpenQuestion | null): number => {
  const taken = JSON.stringify(match(outcome, question));
  return choicesOf(question).findIndex(({ name }) => JSON.stringify(match({ ...outcome, input: { kind: 'choice', name } }, question)) === taken);
};

/** How a choice is named whose name is only known in the call: by its place in the question. */
const placeName = (place: number): string => `#${place + 1}`;

/** Words that no choice of `question` is named in. */
const words = (question: OpenQuestion | null): string => {
  const isFree = (phrase: string): boolean => match({ type: 'recognize.input', operationId: '', via: 'speech', input: { kind: 'phrase', phrase } }, question).type === 'recognize.speech';
  return ['masked', 'left out', 'hidden words', 'xxxx'].find(isFree) ?? 'masked';
};

/** `event`, with the choices that it names by their places named as `snapshot` has them; undefined where a choice is not there. */
export const withNames = (event: StepEvent, snapshot: CallSnapshot | undefined): StepEvent | undefined => {
  if (event.type !== 'service') return event;
  const choices = choicesOf(snapshot?.awaiting?.question ?? null);
  const named = event.events.map((one) => {
    if (one.type !== 'recognize.input' || one.input.kind !== 'choice') return one;
    const { name } = one.input;
    const [, place] = /^#(\d+)$/.exec(name) ?? [];
    if (place === undefined || choices.some((choice) => choice.name === name)) return one;
    const choice = choices[Number(place) - 1];
    return choice && { ...one, input: { kind: 'choice' as const, name: choice.name } };
  });
  return named.includes(undefined) ? undefined : { ...event, events: named as readonly ServiceEvent[] };
};
