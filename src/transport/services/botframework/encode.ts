/**
 * Encode — a batch into the workflow that answers the Bot Framework calling service. Pure, and the same batch gives the same bytes.
 *
 * What the service would refuse never leaves: the workflow is held to `limits.ts` and the first broken rule is thrown to
 * the bot's author, with the state that asked. Durations become seconds; a zero is a value and is checked as one.
 *
 * The reason of a `reject` has no word on this wire and is left out.
 *
 * @module
 */
import { type Batch, type Choice, isQuestion, type Operation, type Play, type PromptItem, type Recognize, type Record as RecordParams } from '../../../actions/index.ts';
import { CallError } from '../../../errors.ts';
import { checkActions, checkSequence } from './limits.ts';
import { type RuleId, rules } from './rules.ts';

/** One action on the wire. */
export interface WireAction {
  readonly action: string;
  readonly operationId: string;
  readonly [field: string]: unknown;
}

/** What goes into every workflow of a call. */
export interface WorkflowOptions {
  /** Where the service posts outcomes: absolute, https. */
  readonly callback: string;
  /** Echoed by the service; at most 1024 characters. */
  readonly appState?: string | undefined;
}

/**
 * The body that carries `batch`, the empty string for an empty one. Throws `ERR_BATCH_ILLEGAL`.
 *
 * @example
 *
 * ```ts
 * encodeBatch([{ type: 'hangup', params: {}, operationId: 'c1.4.0', state: 'bye' }], { callback: 'https://bot.example/api/calls' })
 * // {"links":{"callback":"https://bot.example/api/calls"},"actions":[{"action":"hangup","operationId":"c1.4.0"}],"notificationSubscriptions":["callStateChange"]}
 * ```
 */
export const encodeBatch = (batch: Batch, { callback, appState }: WorkflowOptions): string => {
  if (batch.length === 0) return '';
  const actions = batch.map(actionText);
  const [violation] = checkSequence(actions.map(({ name }) => name));
  if (violation !== undefined) throw illegal(violation.rule, batch[violation.actionIndex ?? 0], violation.path);
  const state = appState === undefined ? '' : `"appState":${JSON.stringify(appState)},`;
  return `{"links":{"callback":${JSON.stringify(callback)}},"actions":[${actions.map(({ text }) => text).join(',')}],${state}"notificationSubscriptions":["callStateChange"]}`;
};

/** An action as JSON. */
interface ActionText {
  readonly name: string;
  readonly text: string;
}

/** What is the same of an action at every call of a bot: its JSON around the operation id. */
interface Mould {
  readonly name: string;
  /** Undefined where the bot's own words hold the mark as well. */
  readonly pieces: readonly string[] | undefined;
}

const moulds = new WeakMap<object, Mould>();

/** Stands for an operation id where an action is moulded. */
const mark = 'callchart.operation';

function actionText(operation: Operation, index: number): ActionText {
  const { params, operationId } = operation;
  if (!Object.isFrozen(params)) return textOf(operation, index);
  let mould = moulds.get(params);
  if (mould === undefined) {
    const { name, text } = textOf({ ...operation, operationId: mark }, index);
    const pieces = text.split(mark);
    const ids = isQuestion(operation.type) && 'prompts' in params && params.prompts.length > 0 ? 2 : 1;
    mould = { name, pieces: pieces.length === ids + 1 ? pieces : undefined };
    moulds.set(params, mould);
  }
  if (mould.pieces === undefined) return textOf(operation, index);
  return { name: mould.name, text: mould.pieces.join(JSON.stringify(operationId).slice(1, -1)) };
}

/** Throws `ERR_BATCH_ILLEGAL` when the service would refuse the action by itself. */
function textOf(operation: Operation, index: number): ActionText {
  const wire = wireAction(operation);
  const [violation] = checkActions([wire], 'core');
  if (violation !== undefined) throw illegal(violation.rule, operation, violation.path.replace('actions.0', `actions.${index}`));
  return { name: wire.action, text: JSON.stringify(wire) };
}

function illegal(rule: RuleId, operation: Operation | undefined, path?: string): CallError<'ERR_BATCH_ILLEGAL'> {
  const { state = '', type: action = '' } = operation ?? {};
  const sentence = `state \`${state}\`: the service refuses its \`${action}\`: ${rules[rule]} (${rule}${path ? ` at ${path}` : ''})`;
  return new CallError('ERR_BATCH_ILLEGAL', sentence, { rule, state, action });
}

function wireAction(operation: Operation): WireAction {
  const { operationId } = operation;
  switch (operation.type) {
    case 'answer':
      return { action: 'answer', operationId, acceptModalityTypes: operation.params.modalities };
    case 'reject':
      return { action: 'reject', operationId };
    case 'hangup':
      return { action: 'hangup', operationId };
    case 'play':
      return playPrompt(operation.params, operationId, operation);
    case 'recognize':
      return recognize(operation.params, operation);
    case 'record':
      return record(operation.params, operation);
    case 'transfer':
      throw illegal('TR-NONE', operation);
    case 'hold':
    case 'unhold':
      throw illegal('HO-NONE', operation);
    case 'createcall':
      throw illegal('CC-NONE', operation);
    case 'raw':
      throw illegal('RW-NONE', operation);
  }
}

const playPrompt = ({ prompts }: Play, operationId: string, operation: Operation): WireAction => ({
  action: 'playPrompt',
  operationId,
  prompts: prompts.map((prompt) => wirePrompt(prompt, operation)),
});

/** The prompts of a question, under an id of their own that no outcome bears. */
const nestedPlay = (params: Play, operation: Operation) =>
  params.prompts.length === 0 ? {} : { playPrompt: playPrompt(params, `${operation.operationId}:p`, operation) };

function wirePrompt(prompt: PromptItem, operation: Operation): Readonly<Record<string, unknown>> {
  if ('text' in prompt) {
    return {
      value: prompt.text,
      ...(prompt.voice !== undefined && { voice: prompt.voice }),
      ...(prompt.culture !== undefined && { culture: prompt.culture }),
      ...(prompt.emphasis !== undefined && { emphasize: prompt.emphasis }),
      ...(prompt.sayAs !== undefined && { sayAs: prompt.sayAs }),
    };
  }
  if ('audio' in prompt) return { fileUri: prompt.audio };
  if ('silenceMs' in prompt) return { silenceLengthInMilliseconds: prompt.silenceMs };
  throw illegal('PR-SSML', operation);
}

const seconds = (ms: number): number => ms / 1000;

function recognize(params: Recognize, operation: Operation): WireAction {
  const { digits, choices, speech } = params;
  if (speech === true) throw illegal('RG-SPEECH', operation);
  return {
    action: 'recognize',
    operationId: operation.operationId,
    ...nestedPlay(params, operation),
    bargeInAllowed: params.bargein,
    ...(params.culture !== undefined && { culture: params.culture }),
    initialSilenceTimeoutInSeconds: seconds(params.timeoutMs),
    interdigitTimeoutInSeconds: seconds(params.interdigitMs),
    ...(choices !== undefined && { choices: choices.map(wireChoice) }),
    ...(digits !== undefined && { collectDigits: { ...(digits.max !== undefined && { maxNumberOfDtmfs: digits.max }), ...stopTones(digits.termchars) } }),
  };
}

const wireChoice = ({ name, phrases, key }: Choice) => ({
  name,
  ...(phrases.length > 0 && { speechVariation: phrases }),
  ...(key !== undefined && { dtmfVariation: key }),
});

/** The service refuses an empty list; no termchars is what it would mean. */
const stopTones = (termchars: readonly string[] | undefined) => (termchars === undefined || termchars.length === 0 ? {} : { stopTones: termchars });

const record = (params: RecordParams, operation: Operation): WireAction => ({
  action: 'record',
  operationId: operation.operationId,
  ...nestedPlay(params, operation),
  maxDurationInSeconds: seconds(params.maxMs),
  initialSilenceTimeoutInSeconds: seconds(params.timeoutMs),
  maxSilenceTimeoutInSeconds: seconds(params.finalSilenceMs),
  recordingFormat: params.format,
  playBeep: params.beep,
  ...stopTones(params.termchars),
});
