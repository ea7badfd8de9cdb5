/**
 * Reply — what goes out: the batch for the reply at hand, composed of what was asked for; or nothing, while there is no
 * reply to ride on or the call waits for itself.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Batch, type CallAction, chosen, compose, hasChoice, type Operation, type Placed, type PromptItem, type Recognize } from '../actions/index.ts';
import { byCall } from './call-context.ts';
import { botFacts } from './bot-facts.ts';
import type { OpenQuestion } from './match.ts';
import type { Run } from './run.ts';
import type { CallInput } from './service-event.ts';
import { type Asking, type Awaiting, type Draft, operationId } from './snapshot.ts';

/** A batch; and whether the reply is worth holding back until a task or a timer of the call has something to say. */
export interface Outgoing {
  readonly batch: Batch;
  readonly holds: boolean;
}

const nothing: Outgoing = { batch: [], holds: false };

/**
 * Answers with what is parked in `draft`. `chart` opens the call's chart; there is none when the call has failed.
 *
 * @throws `ERR_BATCH_ILLEGAL`
 */
export const reply = (draft: Draft, chart: (() => Run) | undefined): Outgoing => {
  const { parked, awaiting } = draft;
  const pending = draft.tasks.length > 0 || draft.timers.length > 0;
  if (parked.length === 0 && awaiting !== null) return nothing;
  if (parked.length === 0 && pending) return { batch: [], holds: true };
  if (awaiting !== null && isWorthWaitingFor(awaiting, parked, chart)) return nothing;
  const last = parked.at(-1);
  const place = `${draft.call.id}:${draft.revision}`;
  return { batch: send(draft, compose(parked.map((one, index) => placed(one, `${place}:${index}`)), { answered: draft.answered, held: draft.held !== null, over: isOver(last, pending, chart) }), last), holds: false };
};

/** What only speaks does not cut an open question short: it is said after the answer. */
const isWorthWaitingFor = ({ path, node }: NonNullable<Draft['awaiting']>, parked: readonly Asking[], chart: (() => Run) | undefined): boolean =>
  chart !== undefined && node !== null && parked.every(({ action }) => action.type === 'play') && chart().isActive(path, node);

/** Whether the machine has ended, or rests where nothing can move it on. */
const isOver = (last: Asking | undefined, pending: boolean, chart: (() => Run) | undefined): boolean => {
  if (chart === undefined || chart().done()) return true;
  if (pending) return false;
  if (last === undefined) return true;
  const { type } = last.action;
  return (type === 'play' || type === 'answer' || type === 'hold' || type === 'unhold') && !chart().handles(last.path, `${type}.done`);
};

/**
 * Answers a request that was held back and must be answered now. While the call waits for its own tasks or timers that is
 * a filler: what the author chose to be heard, whose end asks again; for a caller on hold it is
 * what he hears there, once more. Undefined when no request can have been held.
 */
export const fill = (machine: AnyStateMachine, draft: Draft, at: number, chart: () => Run): Outgoing | undefined => {
  const { awaiting, parked, tasks, timers, answered, held } = draft;
  if (awaiting !== null) return undefined;
  if (parked.length > 0 || (tasks.length === 0 && timers.length === 0)) return reply(draft, draft.failed ? undefined : chart);
  const keep = (filler: CallAction): Outgoing =>
    ({ batch: send(draft, compose([{ ...filler, state: '' }], { answered, held: held !== null, over: false }), undefined, true), holds: false });
  if (held !== null) return keep({ type: 'hold', params: { prompts: held } });
  const prompts = tasks.length > 0 ? (tasks.find(({ filler }) => filler.length > 0)?.filler ?? fillerOf(machine, draft.call)) : [silence(Math.min(...timers.map(({ dueAt }) => dueAt)) - at)];
  return keep({ type: 'play', params: { prompts: chosen(prompts, `${draft.call.id}:${draft.revision}`) } });
};

const fillerOf = (machine: AnyStateMachine, call: CallInput): readonly PromptItem[] => {
  const filler = byCall(botFacts(machine)?.filler ?? [], call);
  return filler.length > 0 ? filler : [silence(2_000)];
};

/** A silence of about `ms`: neither so short that the line does nothing but ask again, nor so long that nobody could. */
const silence = (ms: number): PromptItem => ({ silenceMs: Math.min(Math.max(ms, 500), 5_000) });

/** What is asked for, worded: `place` is another at each place of each call. */
const placed = ({ action, state }: Asking, place: string): Placed => {
  const { type } = action;
  let { params } = action;
  if ('atRunTime' in params) {
    const { atRunTime: _, ...rest } = params;
    params = rest;
  }
  if ('prompts' in params && hasChoice(params.prompts)) params = { ...params, prompts: chosen(params.prompts, place) };
  return { type, params, state } as Placed;
};

/** The operations of `batch`, remembered in `draft` as what the service works on now. */
const send = (draft: Draft, batch: readonly Placed[], last: Asking | undefined, filler = false): Batch => {
  draft.parked = [];
  draft.answered ||= batch.some(({ type }) => type === 'answer');
  const hold = batch.findLast((action): action is Placed & { readonly type: 'hold' } => action.type === 'hold');
  const awaiting: Awaiting = {
    revision: draft.revision, types: batch.map(({ type }) => type), path: last?.path ?? '', node: last?.node ?? null,
    question: last === undefined ? null : questionOf(last.action), filler,
  };
  draft.awaiting = hold === undefined ? awaiting : { ...awaiting, hold: hold.params.prompts };
  return batch.map(({ type, params, state }, index) => ({ operationId: operationId(draft.call.id, draft.revision, index), type, params, state }) as Operation);
};

const questionOf = (action: Asking['action']): OpenQuestion | null => {
  if (action.type === 'record') return { type: 'record' };
  if (action.type === 'raw') return { type: 'raw', endings: action.params.endings };
  if (action.type !== 'recognize') return null;
  const { choices, digits, speech, secret, atRunTime } = action.params as Recognize & { readonly atRunTime?: boolean };
  const free = speech === true && { speech };
  return digits !== undefined ? { type: 'recognize', digits: true, ...(secret === true && { secret }), ...free } : { type: 'recognize', choices: choices ?? [], ...(atRunTime === true && { atRunTime }), ...free };
};
