/**
 * Languages — whether a bot that speaks several languages speaks them everywhere: every text from a catalogue, and the texts of the bot's own
 * in each of them.
 *
 * @module
 */
import type { PromptItem } from '../../actions/index.ts';
import type { BotFacts } from '../bot-facts.ts';
import { stateName } from '../chart.ts';
import { asked as catalogues } from '../catalogue.ts';
import { defaultTexts } from '../default-texts.ts';
import type { Exploration } from './explore.ts';
import { type Finding, severities } from './finding.ts';
import { ellipsis } from './partial.ts';
import { machinesOf } from './reachable.ts';
import { onStandIns } from './wording.ts';

/** Texts that are the same in every language, in a bot that speaks several. */
export const untranslated = (found: Exploration, facts: BotFacts): readonly Finding[] => {
  const { asked } = found;
  const languages = new Set<string>();
  const texts: { readonly state: string; readonly text: string }[] = [];
  catalogues.by = (tags) => tags.forEach((tag) => languages.add(tag));
  try {
    for (const { ask: { params }, state } of asked.values()) {
      const given = typeof params === 'function' ? onStandIns(params as (args: object) => unknown) : params;
      for (const text of ownTexts(given)) texts.push({ state, text });
    }
    for (const { plan, path } of machinesOf(found)) {
      for (const { path: state, invocations } of plan.states) for (const { input } of invocations) for (const text of fillersIn(input)) texts.push({ state: stateName(path, state), text });
    }
  } finally {
    catalogues.by = undefined;
  }
  if (languages.size < 2) return [];
  const states = [...new Set(texts.map(({ state }) => state))];
  const tags = [...languages].sort();
  return [
    ...states.map((state) => finding(state, `state \`${state}\`: says the same words in ${listed(tags)}; take them from the catalogue`)),
    ...ofTheBot(facts, tags),
  ];
};

const finding = (state: string, message: string): Finding => ({ id: `untranslated:${state}`, rule: 'untranslated', severity: severities.untranslated, state, message, script: null });

const listed = (tags: readonly string[]): string => tags.map((tag) => `\`${tag}\``).join(', ');

/** The texts of an action that no catalogue has given, and that are words. */
const ownTexts = (params: unknown): readonly string[] => {
  const { prompts = [], reprompts = {} } = (params ?? {}) as { readonly prompts?: readonly PromptItem[]; readonly reprompts?: Readonly<Record<string, unknown>> };
  const more = Object.values(reprompts).filter(Array.isArray).flat(2) as readonly PromptItem[];
  return [...prompts, ...more].flatMap((item) => {
    if ('oneOf' in item) return item.oneOf.flat().flatMap(textIn);
    return textIn(item);
  });
};

/** The texts that a task's caller hears while it lasts. */
const fillersIn = (input: unknown): readonly string[] => {
  const { filler } = ((typeof input === 'function' ? onStandIns(input as (args: object) => unknown) : undefined) ?? {}) as { readonly filler?: readonly PromptItem[] };
  return Array.isArray(filler) ? ownTexts({ prompts: filler }) : [];
};

const textIn = (item: PromptItem): readonly string[] => ('text' in item && item.language === undefined && !item.text.includes(ellipsis) && /\p{L}{2}/u.test(item.text) ? [item.text] : []);

/** What the bot says where its states say nothing. */
const ofTheBot = ({ language, apology, reprompts }: BotFacts, tags: readonly string[]): readonly Finding[] => {
  const own = { apology: apology !== null, noinput: reprompts.noinput !== undefined, nomatch: reprompts.nomatch !== undefined, failed: reprompts.failed !== undefined };
  const missing = Object.entries(own).filter(([, isGiven]) => !isGiven).map(([name]) => `\`${name}\``);
  if (missing.length === 0) return [];
  const said = `${missing.join(', ')}`;
  if (typeof language !== 'function' && language !== 'caller') return [finding('', `the bot speaks ${listed(tags)}, and its own ${said} in \`${language}\` alone: set its \`language\` to that of the catalogue`)];
  const without = tags.filter((tag) => !Object.hasOwn(defaultTexts, tag.split('-', 1)[0]?.toLowerCase() ?? ''));
  return without.length === 0 ? [] : [finding('', `the bot has no ${said} of its own in ${listed(without)}, and says them in English: give them as \`reprompts\` and \`apology\``)];
};
