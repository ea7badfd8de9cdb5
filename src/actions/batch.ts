/**
 * Batch — the list of call actions, and what leaves for a service: the actions of one event, in execution order.
 *
 * The machine's own list of what it can ask is here; everything else (capabilities, coverage of endings, encoders)
 * is derived from it. An action is plain data, `{ type, params }`, so that a hand-written XState state can put one in
 * its entry: `entry: play('Hi')`.
 *
 * @module
 */
import * as t from 'io-ts';
import { Answer } from './answer.ts';
import { Createcall } from './createcall.ts';
import { Hangup } from './hangup.ts';
import { Hold } from './hold.ts';
import { Play } from './play.ts';
import { type Prompt, type PromptItem, promptItems } from './prompt.ts';
import { Raw } from './raw.ts';
import { Recognize } from './recognize.ts';
import { Record } from './record.ts';
import { Reject } from './reject.ts';
import { Transfer } from './transfer.ts';
import { Unhold } from './unhold.ts';

/** The codec of each action's parameters, by its type. */
export const callActions = {
  answer: Answer,
  reject: Reject,
  hangup: Hangup,
  play: Play,
  recognize: Recognize,
  record: Record,
  transfer: Transfer,
  hold: Hold,
  unhold: Unhold,
  createcall: Createcall,
  raw: Raw,
} as const;

export type CallActionType = keyof typeof callActions;

/**
 * What a service can do or not: an action, or `speech`: to hear whatever is said at a question, and not only the phrases of
 * its choices. One that can `hold` can `unhold`, since callers are taken back unasked. `raw:` and its own name: the verbs of a service.
 */
export type Capability = Exclude<CallActionType, 'raw'> | 'speech' | `raw:${string}`;

/** One thing asked of the service. */
export type CallAction = { [K in CallActionType]: { readonly type: K; readonly params: t.TypeOf<(typeof callActions)[K]> } }[CallActionType];

/** An action on its way: with the id that its outcome will bear, and the state that asked for it. */
export type Operation = CallAction & { readonly operationId: string; readonly state: string };

/** What one event made the call ask for. Empty when there is nothing to ask. */
export type Batch = readonly Operation[];

/**
 * Texts said before a question is asked again, tapered by count: the first entry at the first silence (or nomatch),
 * the last one for all that come after. `repeat` says whether the question's own prompts follow.
 */
export interface Reprompts extends Partial<RepromptTexts> {
  readonly repeat: boolean;
}

/** The texts by what went wrong; where a question has none, its bot's. */
export interface RepromptTexts {
  readonly noinput: readonly (readonly PromptItem[])[];
  readonly nomatch: readonly (readonly PromptItem[])[];
  readonly failed: readonly (readonly PromptItem[])[];
}

/** What a state asks on entry: an action; beside a question's parameters its reprompts, and whether its choices were known only at run time. */
export type AskedAction = CallAction extends infer A
  ? A extends { readonly type: 'recognize' | 'record'; readonly params: infer P }
    ? Omit<A, 'params'> & { readonly params: P & { readonly reprompts?: Reprompts; readonly atRunTime?: boolean } }
    : A
  : never;

/** An action that waits for the caller: the line is the caller's until it ends. */
export const isQuestion = (type: CallActionType): boolean => type === 'recognize' || type === 'record';

/** Whether an executed XState action is a call action: by type, and because its parameters decode. */
export const isCallAction = (action: { readonly type: string; readonly params?: unknown }): action is AskedAction =>
  Object.hasOwn(callActions, action.type) && callActions[action.type as CallActionType].is(action.params);

/** Plays `prompt`, for hand-written states: `{ entry: play('Hi'), on: { 'play.done': 'menu' } }`. */
export const play = (prompt: Prompt): { readonly type: 'play'; readonly params: Play } => ({ type: 'play', params: { prompts: promptItems(prompt) } });
