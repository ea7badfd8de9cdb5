/**
 * Convo file — a generated call as a conversation of Botium's (BotiumScript, `.convo.txt`): what the caller does and what he hears.
 *
 * Keys are `BUTTON 12#`, which is what Botium's connectors for telephones take, that for VoIP and that for Twilio; silence is `PAUSE` in
 * milliseconds behind what was heard last. All that is heard between two acts is one message of the bot, as it is to whoever listens for
 * silence to tell messages apart. What has to be arranged before the call stands in the description.
 *
 * A line of a conversation can be a command: a section (`#me`), an assertion or a hook by its name, `?` and `!` ahead of a text, JSON, and
 * a variable behind `$` where variables are switched on. A text is meant as a text, so that it begins with a space where it could be
 * anything else, which Botium takes away before it compares; and for a `$` there is the wildcard `*`.
 *
 * @module
 */
import type { PromptItem } from '../../actions/index.ts';
import type { ScriptAct } from '../../machines/index.ts';
import { conditionsOf } from './conditions.ts';
import type { HeardPrompt, Rehearsal, Turn } from './rehearsal.ts';

/** A step of a conversation. */
export type ConvoStep =
  | { readonly sender: 'bot'; readonly text: string; readonly pauseMs: number }
  | { readonly sender: 'me'; readonly keys: string }
  | { readonly sender: 'me'; readonly says: string }
  | { readonly sender: 'me'; readonly pauseMs: number };

/** The steps of `rehearsal`. A call that the caller ends has no step for it: where a conversation is over, Botium hangs up. */
export const convoSteps = ({ turns }: Rehearsal): readonly ConvoStep[] => {
  const steps: ConvoStep[] = [];
  for (const turn of turns) {
    steps.push(...turn.acts.slice(0, 1).flatMap((act) => doneIn(act, turn)));
    const text = heardText(turn.heard);
    if (text !== '') steps.push({ sender: 'bot', text, pauseMs: 0 });
  }
  return steps.reduce<readonly ConvoStep[]>(withPause, []);
};

/** A pause belongs to what was heard before it. */
const withPause = (steps: readonly ConvoStep[], step: ConvoStep): readonly ConvoStep[] => {
  const last = steps.at(-1);
  return last?.sender === 'bot' && step.sender === 'me' && 'pauseMs' in step ? [...steps.slice(0, -1), { ...last, pauseMs: last.pauseMs + step.pauseMs }] : [...steps, step];
};

const doneIn = (act: ScriptAct, { tookMs }: Turn): readonly ConvoStep[] => {
  switch (act.act) {
    case 'press':
      return [{ sender: 'me', keys: act.keys }];
    case 'say':
      return [{ sender: 'me', says: act.words }];
    case 'record':
      return [{ sender: 'me', says: speech(act.recordMs) }, ...(act.stop === undefined || act.stop === 'hangup' ? [] : [{ sender: 'me', keys: act.stop } as const])];
    case 'silence':
    case 'wait':
      return tookMs === 0 ? [] : [{ sender: 'me', pauseMs: tookMs }];
    default:
      return [];
  }
};

/** Something to say that takes about so long: a voice counts two numbers a second. */
const speech = (ms: number): string => Array.from({ length: Math.max(1, Math.ceil(ms / 500)) }, (_, index) => numbers[index % numbers.length]).join(' ');

const numbers = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'] as const;

// ---- what is heard ----

const heardText = (heard: readonly HeardPrompt[]): string => fewWildcards(heard.map(({ prompts, others }) => (others.length > 0 ? ['*'] : prompts.map(spoken)).filter((text) => text !== '').join(' ')).join(' ').replace(/\s+/g, ' ').trim().replace(/\*(?: \*)+/g, '*'));

/** What is certain about what `item` sounds like, and a wildcard for the rest. */
const spoken = (item: PromptItem): string => {
  if ('text' in item) return item.text.replaceAll('$', '*');
  if ('silenceMs' in item) return '';
  if ('audio' in item) return '*';
  if ('oneOf' in item) return '*';
  return item.ssml.replace(/<[^>]*>/g, ' ').replaceAll('$', '*');
};

/** Botium takes ten wildcards at most: from the tenth to the last, one stands for all. */
const fewWildcards = (text: string): string => {
  const parts = text.split('*');
  return parts.length <= mostWildcards + 1 ? text : [...parts.slice(0, mostWildcards), parts.at(-1)].join('*');
};

const mostWildcards = 10;

// ---- the file ----

/** The conversation of `rehearsal`. */
export const convoFile = (rehearsal: Rehearsal): string => {
  const header = [headerLine(rehearsal.call.title), ...conditionsOf(rehearsal).map((sentence) => headerLine(`Arrange before: ${sentence}`))];
  return [header, ...convoSteps(rehearsal).map(sectionOf)].map((lines) => `${lines.join('\n')}\n`).join('\n');
};

const headerLine = (text: string): string => text.replace(/\s+/g, ' ').trim().replace(/^#/, ' #');

const sectionOf = (step: ConvoStep): readonly string[] => {
  if (step.sender === 'bot') return ['#bot', asText(step.text), ...(step.pauseMs === 0 ? [] : [`PAUSE ${step.pauseMs}`])];
  if ('keys' in step) return ['#me', `BUTTON ${step.keys}`];
  return ['#me', 'says' in step ? asText(step.says.replaceAll('$', ' ')) : `PAUSE ${step.pauseMs}`];
};

/** A line that is a text to Botium, whatever stands in it: commands are words in capitals, or begin with a sign. */
const asText = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  if (/^[[{]/.test(line) && /[\]}]$/.test(line)) return ` ${line}*`;
  return /^(?:[#?!]|[A-Z][A-Z_]+(?: |$))/.test(line) ? ` ${line}` : line;
};

/** Names for the files of `titles`, each another. */
export const convoNames = (titles: readonly string[]): readonly string[] => namesOf(titles).map((name) => `${name}.convo.txt`);

/** Names of files after `titles`, each another, whatever the case. */
export const namesOf = (titles: readonly string[]): readonly string[] => {
  const used = new Set<string>();
  return titles.map((title) => {
    const wished = title.normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '-').toLowerCase().slice(0, longestName).replace(/^-|-$/g, '') || 'call';
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? wished : `${wished}-${count}`;
      if (used.has(name)) continue;
      used.add(name);
      return name;
    }
  });
};

const longestName = 80;
