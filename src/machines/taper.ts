/**
 * Taper — a question as it is asked now: what is said before it is asked again depends on what went wrong, how often.
 *
 * VoiceXML's rule (§5.2, event counting): the n-th text at the n-th silence (or nomatch, or failure), the last one for
 * all that come after.
 *
 * @module
 */
import type { AskedAction, PromptItem, Reprompts } from '../actions/index.ts';
import type { Asked } from './call-context.ts';

/** `action` with the prompts that the counts in `asked` call for, and without its reprompts. */
export const tapered = (action: AskedAction, asked: Asked | undefined): AskedAction => {
  if (action.type !== 'recognize' && action.type !== 'record') return action;
  const { reprompts, ...params } = action.params;
  if (reprompts === undefined) return action;
  if (asked === undefined || asked.last === null) return { ...action, params } as AskedAction;
  const prompts = [...textFor(reprompts[asked.last], asked[asked.last]), ...(reprompts.repeat ? params.prompts : [])];
  return { ...action, params: { ...params, prompts } } as AskedAction;
};

const textFor = (texts: Reprompts['noinput'], count: number): readonly PromptItem[] => texts[Math.min(count, texts.length) - 1] ?? [];
