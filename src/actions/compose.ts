/**
 * Compose — the actions that a call asked for → one legal batch, with the call control that nobody has to write.
 *
 * A pure function with a table of tests. It is what the Calling SDK called automatic answer, hangup and reject, without
 * its errors: an unanswered call is refused and never hung up on, nothing is played before a refusal, nothing follows
 * a hangup, and an illegal list is the author's error and never the service's.
 *
 * | the call was | it asks for | and then | the batch |
 * | --- | --- | --- | --- |
 * | not answered | something to play or to ask | | `answer` first |
 * | not answered | `hangup` alone, or nothing | is over | `reject` alone |
 * | answered | anything | is over | `hangup` last |
 * | on hold | something to play or to ask, an outgoing call, or a verb of the service | | `unhold` before it |
 *
 * @module
 */
import { CallError } from '../errors.ts';
import type { Answer } from './answer.ts';
import type { Hangup } from './hangup.ts';
import { type CallAction, type CallActionType, isQuestion } from './batch.ts';

/** An action with the state that asked for it. */
export type Placed = CallAction & { readonly state: string };

/** Where the call stands when its actions are composed. */
export interface Line {
  /** Whether an `answer` was sent before. */
  readonly answered: boolean;
  /** Whether the machine has ended, or nothing more can be asked. */
  readonly over: boolean;
  /** Whether the caller is on hold. Default false. */
  readonly held?: boolean;
}

/** The rules of every batch, whatever the service. */
export type BatchRule = 'answer-first' | 'answer-once' | 'reject-alone' | 'reject-answered' | 'hangup-last' | 'question-last' | 'transfer-last' | 'createcall-last' | 'raw-last' | 'parameters' | 'refused';

const sentences: Readonly<Record<BatchRule, string>> = {
  'answer-first': 'an answer comes before anything else in its batch',
  'answer-once': 'a call is answered once',
  'reject-alone': 'a refusal stands alone: a refused caller hears nothing',
  'reject-answered': 'an answered call cannot be refused, only hung up',
  'hangup-last': 'nothing follows a hangup',
  'question-last': 'nothing follows a question in its batch: two questions cannot be open at once',
  'transfer-last': 'nothing follows a transfer',
  'createcall-last': 'nothing follows an outgoing call in its batch',
  'raw-last': 'nothing follows a verb of the service in its batch',
  parameters: 'what was computed for it is not what it takes',
  refused: 'the service refused its batch',
};

/**
 * The batch for `asked`.
 *
 * @throws `ERR_BATCH_ILLEGAL` with the rule, and the state that breaks it.
 */
export const compose = (asked: readonly Placed[], line: Line): readonly Placed[] => {
  const audible = takingBack(asked.flatMap((action, index) => heard(action, index === asked.length - 1 && !line.over)), line.held ?? false);
  const ended = audible.some(({ type }) => type === 'hangup' || type === 'reject');
  const closing = line.over && !ended ? [...audible, placed('hangup', asked)] : audible;
  const batch = line.answered ? closing : answering(closing);
  check(batch, line.answered);
  return batch;
};

/** A prompt of nothing is not sent; where a state waits for its end it is the shortest silence there is. */
const heard = (action: Placed, isAwaited: boolean): readonly Placed[] => {
  if (action.type !== 'play' || action.params.prompts.length > 0) return [action];
  return isAwaited ? [{ ...action, params: { prompts: [{ silenceMs: 1 }] } }] : [];
};

/** What needs the caller: on hold he would neither hear nor be heard. */
export const needsCaller: ReadonlySet<CallActionType> = new Set<CallActionType>(['play', 'recognize', 'record', 'createcall', 'raw']);

/** A caller who is on hold is taken back before anything that needs him. */
const takingBack = (asked: readonly Placed[], held: boolean): readonly Placed[] => {
  if (!held && !asked.some(({ type }) => type === 'hold')) return asked;
  let isHeld = held;
  return asked.flatMap((action): readonly Placed[] => {
    const isMissed = isHeld && needsCaller.has(action.type);
    isHeld = isMissed ? false : afterwards(isHeld, action.type);
    return isMissed ? [{ type: 'unhold', params: {}, state: action.state }, action] : [action];
  });
};

const afterwards = (held: boolean, type: CallActionType): boolean => (type === 'hold' ? true : type === 'unhold' ? false : held);

/** Whether a caller who was on hold (`held`) or not is on hold when actions of these `types` have been done. */
export const heldAfter = (held: boolean, types: readonly CallActionType[]): boolean => types.reduce(afterwards, held);

const placed = (type: 'hangup' | 'answer', asked: readonly Placed[]): Placed => {
  const state = (type === 'answer' ? asked[0] : asked.at(-1))?.state ?? '';
  return type === 'hangup' ? { type, params: hangingUp, state } : { type, params: answeringWith, state };
};

/** Frozen, and the same in every batch: what encoders of services make of them is made once. */
const hangingUp: Hangup = Object.freeze({});
const answeringWith: Answer = Object.freeze({ modalities: ['audio'] as const });

const answering = (asked: readonly Placed[]): readonly Placed[] => {
  const [only] = asked;
  if (only === undefined || asked.some(({ type }) => type === 'answer' || type === 'reject')) return asked;
  if (asked.length === 1 && only.type === 'hangup') return [{ type: 'reject', params: { reason: 'declined' }, state: only.state }];
  return [placed('answer', asked), ...asked];
};

const check = (batch: readonly Placed[], answered: boolean): void => {
  batch.forEach((action, index) => {
    const rule = broken(action.type, index, batch, answered);
    if (rule !== undefined) throw illegal(rule, action);
  });
};

const broken = (type: CallActionType, index: number, batch: readonly Placed[], answered: boolean): BatchRule | undefined => {
  const last = index === batch.length - 1;
  if (type === 'answer') return answered || batch.findIndex((other) => other.type === 'answer') < index ? 'answer-once' : index > 0 ? 'answer-first' : undefined;
  if (type === 'reject') return answered ? 'reject-answered' : batch.length > 1 ? 'reject-alone' : undefined;
  if (last) return undefined;
  return type === 'hangup' ? 'hangup-last' : isQuestion(type) ? 'question-last' : type === 'transfer' || type === 'createcall' || type === 'raw' ? `${type}-last` : undefined;
};

/** The error for an action that breaks `rule`. */
export const illegal = (rule: BatchRule, { type, state }: Pick<Placed, 'type' | 'state'>, cause?: unknown): CallError<'ERR_BATCH_ILLEGAL'> =>
  new CallError('ERR_BATCH_ILLEGAL', `state \`${state}\`: \`${type}\` breaks a rule of batches: ${sentences[rule]}`, { rule, state, action: type }, { cause });
