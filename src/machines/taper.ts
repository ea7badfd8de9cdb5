/**
 * Taper — a question as it is asked now: what is said before it is asked again depends on what went wrong, how often.
 *
 * VoiceXML's rule (§5.2, event counting): the n-th text at the n-th silence (or nomatch, or failure), the last one for
 * all that come after.
 *
 * @module
 */
import type { AskedAction, PromptItem, RepromptTexts } from '../actions/index.ts';
import type { Asked, Cause } from './call-context.ts';
import { oncePer } from './constant.ts';

/** `action` with the prompts that the counts in `asked` call for, and without its reprompts. What it has no text of its own for, `otherwise` has. */
export const tapered = (action: AskedAction, asked: Asked | undefined, otherwise: (cause: Cause) => RepromptTexts[Cause]): AskedAction => {
  if (action.type !== 'recognize' && action.type !== 'record') return action;
  const { reprompts, prompts } = action.params;
  if (reprompts === undefined) return action;
  const params = withoutReprompts(action.params, undefined);
  if (asked === undefined || asked.last === null) return { ...action, params } as AskedAction;
  const said = [...textFor(reprompts[asked.last] ?? otherwise(asked.last), asked[asked.last]), ...(reprompts.repeat ? prompts : [])];
  return { ...action, params: { ...params, prompts: said } } as unknown as AskedAction;
};

type Params = Extract<AskedAction, { readonly type: 'recognize' | 'record' }>['params'];

const withoutReprompts = oncePer<Params, undefined, object>((params) => {
  const { reprompts: _, ...rest } = params;
  return rest;
});

const textFor = (texts: RepromptTexts['noinput'], count: number): readonly PromptItem[] => texts[Math.min(count, texts.length) - 1] ?? [];
