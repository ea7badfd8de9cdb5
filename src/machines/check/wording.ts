/**
 * Wording — the parameters of what a bot asks for, as far as they are known before a call. Where an author computes them they are computed
 * with stand-ins, which read as `…`.
 *
 * @module
 */
import { type AskedAction, callActions, type Choice, isQuestion, type PromptItem, recognizeDefaults, recordDefaults, type Recognize, type Record as RecordParams, type Reprompts, type RepromptTexts } from '../../actions/index.ts';
import type { BotFacts } from '../bot-facts.ts';
import { offering } from '../commands.ts';
import type { StateFacts } from '../state-config.ts';
import { paramsBy } from '../states/question.ts';
import { ellipsis, onlySoLong, partly, readable, standIn, stoodIn, told, unknown } from './partial.ts';
import type { Ask } from './moment.ts';

/** What is asked for, with what is known of it. */
export interface Worded {
  readonly action: AskedAction;
  /** Whether the whole of it is the same in every call. */
  readonly constant: boolean;
  /** Whether what it waits for is known, although the words may not be. */
  readonly foreseen: boolean;
}

/** Words what states ask for, each once. */
export type Wording = (ask: Ask, facts: StateFacts | undefined) => Worded;

/** Words what is asked for in a bot whose facts are `bot`. */
export const wordingOf = (bot: Pick<BotFacts, 'commands'>): Wording => {
  const known = new Map<Ask, Worded>();
  return (ask, facts) => {
    const found = known.get(ask) ?? worded(ask, facts, bot);
    known.set(ask, found);
    return found;
  };
};

const worded = ({ type, params }: Ask, facts: StateFacts | undefined, { commands }: Pick<BotFacts, 'commands'>): Worded => {
  const { given, constant, foreseen } = typeof params === 'function' ? computed(params as (args: object) => unknown, type, facts) : { given: params as object, constant: true, foreseen: true };
  const action = { type, params: completed(type, given, facts) } as AskedAction;
  return { constant, foreseen, action: offering(action, commands, 'reprompts' in (action.params as object)) };
};

/** What `params` gives: in every call, or else on stand-ins. Where it throws on them, what of it can be had piece by piece. */
const computed = (params: (args: object) => unknown, type: Ask['type'], facts: StateFacts | undefined): Omit<Worded, 'action'> & { readonly given: object } => {
  const exact = told(params, { context: partly({ call: unknown }), event: partly({}) });
  if (exact.known && isObject(exact.value)) return { given: exact.value, constant: true, foreseen: true };
  const pieces = paramsBy(params, <T>(value: T | ((args: { context: never }) => T)): T => (typeof value === 'function' ? ((onStandIns(value as (args: object) => unknown) ?? ellipsis) as T) : value));
  const given = onStandIns(params);
  const known = isObject(given) ? given : { ...fallback(type, facts), ...Object.fromEntries(Object.entries(pieces ?? {}).filter(([, piece]) => piece !== ellipsis)) };
  return { given: known, constant: false, foreseen: pieces !== undefined || !isQuestion(type) };
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * What `code` gives where it is told nothing but what stands in `context` and `event`, in a call of a caller who speaks `language`; stand-ins
 * are read for all else. Undefined where it throws on them.
 */
export const onStandIns = (code: (args: object) => unknown, context: Readonly<Record<string, unknown>> = {}, event: Readonly<Record<string, unknown>> = {}, language = 'und'): unknown => {
  try {
    const call = stoodIn({ ...sampleCall, language });
    return onlySoLong(() => readable(code({ context: stoodIn({ ...context, call }), event: stoodIn(event), call, input: standIn() })));
  } catch {
    return undefined;
  }
};

const sampleCall = { id: 'call', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {}, asked: { attempts: 1, noinput: 0, nomatch: 0, failed: 0, last: null }, ended: null };

/** What a state of these facts asks for, where nothing more is known. */
const fallback = (type: Ask['type'], facts: StateFacts | undefined): object => {
  const prompts: readonly PromptItem[] = [{ text: ellipsis }];
  switch (type) {
    case 'play':
    case 'hold':
      return { prompts };
    case 'recognize':
      return { ...recognizeDefaults, prompts, ...asking(facts), ...(facts === undefined ? {} : { reprompts: { repeat: true } }) };
    case 'record':
      return { ...recordDefaults, prompts, ...(facts === undefined ? {} : { reprompts: { repeat: true } }) };
    case 'transfer':
    case 'createcall':
      return { to: ellipsis };
    case 'raw':
      return { service: ellipsis, verb: ellipsis, ...facts?.raw, attributes: {}, endings: (facts?.handled ?? []).filter((ending) => ending !== 'failed') };
    case 'answer':
      return { modalities: ['audio'] };
    case 'reject':
      return { reason: 'declined' };
    default:
      return {};
  }
};

const asking = (facts: StateFacts | undefined): object => {
  const required = facts?.required ?? [];
  const speech = required.includes('speech') && { speech: true };
  if (required.includes('digits')) return { digits: { max: 10 }, ...(facts?.secret === true && { secret: true }), ...speech };
  if (required.includes('choice')) return { choices: [{ name: ellipsis, phrases: [ellipsis] }], atRunTime: true, ...speech };
  return { choices: (facts?.offers?.[0]?.choices ?? (facts?.choices ?? []).map((name): Choice => ({ name, phrases: [ellipsis] }))), ...speech };
};

/** Choices that could not be worded keep the names that the state has for them. */
const completed = (type: Ask['type'], given: object, facts: StateFacts | undefined): object => {
  const params = given as Recognize;
  if (type !== 'recognize' || params.choices === undefined || (params as { readonly atRunTime?: boolean }).atRunTime === true) return callActions[type].is(given) ? given : { ...fallback(type, facts), ...(given as Readonly<Record<string, unknown>>) };
  const names = facts?.choices ?? [];
  const isWhole = names.every((name) => params.choices?.some((choice) => choice.name === name));
  return isWhole && callActions.recognize.is(given) ? params : { ...params, ...asking(facts) };
};

/** Whether something can be said when an action is carried out; `again` when its question was asked before. */
export const says = ({ action: { type, params }, constant }: Pick<Worded, 'action' | 'constant'>, again: boolean): boolean => {
  if (type !== 'play' && type !== 'hold' && type !== 'recognize' && type !== 'record') return false;
  if (!constant) return true; // nobody knows that it is nothing
  const { prompts, reprompts } = params as { readonly prompts: readonly PromptItem[]; readonly reprompts?: Reprompts };
  if (!again || reprompts === undefined) return prompts.length > 0;
  const own: readonly (RepromptTexts['noinput'] | undefined)[] = [reprompts.noinput, reprompts.nomatch, reprompts.failed];
  return (reprompts.repeat && prompts.length > 0) || own.some((texts) => texts === undefined || texts.some((text) => text.length > 0));
};

/** Silence that is waited through when the question `action` is answered by nobody, ms. */
export const patienceOf = ({ params }: AskedAction): { readonly timeoutMs: number; readonly interdigitMs: number } => {
  const { timeoutMs, interdigitMs } = params as Partial<Recognize & RecordParams>;
  return { timeoutMs: timeoutMs ?? 0, interdigitMs: interdigitMs ?? 0 };
};
