/**
 * Title — what a call is about, in a few words: `menu: nothing, wrong, then sales`.
 *
 * @module
 */
import { isDigits, listen, type Operation } from '../../actions/index.ts';
import type { CallInput } from '../service-event.ts';
import { isSecret } from '../secret.ts';
import { type Kept, openOperation, type PathAct } from './line.ts';

/** An act, and the call before it. */
export interface ActAt {
  readonly what: PathAct;
  readonly kept: Kept;
  readonly state: string;
}

/** Longer titles are told by how the call begins and ends. */
const longest = 80;

/** The title of a call in which `acts` happen, through `states`. */
export const titleOf = (call: Partial<CallInput>, acts: readonly ActAt[], states: readonly string[]): string => {
  const groups: { readonly state: string; readonly words: string[] }[] = [];
  for (const { what, kept, state } of acts) {
    const word = wordOf(what, kept);
    if (word === undefined) continue;
    const last = groups.at(-1);
    if (last?.state === state) last.words.push(word);
    else groups.push({ state, words: [word] });
  }
  const parts = groups.map(({ state, words }) => `${state}: ${listed(words)}`);
  const whole = [...whoCalls(call), ...(parts.length === 0 ? [states.findLast((state) => state !== 'ended') ?? 'nothing but a ring'] : parts)];
  for (let left = whole; ; left = [...left.slice(0, Math.ceil(left.length / 2) - 1), ...left.slice(Math.ceil(left.length / 2))]) {
    const text = left.length === whole.length ? whole.join('; ') : [...left.slice(0, Math.ceil((left.length - 1) / 2)), '…', ...left.slice(Math.ceil((left.length - 1) / 2))].join('; ');
    if (text.length <= longest || left.length <= 2) return text.length <= longest * 2 ? text : `${text.slice(0, longest)}…`;
  }
};

/** A call that is the first of its title keeps it; the others are numbered. */
export const toldApart = (titles: readonly string[]): readonly string[] => {
  const counts = new Map<string, number>();
  return titles.map((title) => {
    const count = (counts.get(title) ?? 0) + 1;
    counts.set(title, count);
    return count === 1 ? title : `${title} (${count})`;
  });
};

const listed = (words: readonly string[]): string => {
  const counted = words.reduce<readonly { readonly word: string; readonly times: number }[]>((before, word) => {
    const last = before.at(-1);
    return last?.word === word ? [...before.slice(0, -1), { word, times: last.times + 1 }] : [...before, { word, times: 1 }];
  }, []).flatMap(({ word, times }) => (times > 3 ? [`${word} ${times} times`] : Array.from({ length: times }, () => word)));
  return counted.length < 2 || counted.every((word) => word === counted[0]) ? counted.join(', ') : `${counted.slice(0, -1).join(', ')}, then ${counted.at(-1) ?? ''}`;
};

const whoCalls = ({ from, direction, answeredBy, language, headers, ...others }: Partial<CallInput>): readonly string[] => [
  ...(from === '' ? ['number withheld'] : from === undefined ? [] : [`from ${from}`]),
  ...(direction === 'outbound' ? [answeredBy === undefined ? 'the bot calls' : `the bot calls, ${answeredBy}`] : []),
  ...(language === undefined ? [] : [`in ${language}`]),
  ...Object.entries({ ...headers, ...others }).map(([name, value]) => `${name} ${String(value)}`),
];

const wordOf = (what: PathAct, kept: Kept): string | undefined => {
  const operation = openOperation(kept);
  switch (what.act) {
    case 'press':
      return heardAs(operation, kept, { keys: what.keys });
    case 'say':
      return heardAs(operation, kept, { says: what.words });
    case 'silence':
      return operation?.type === 'recognize' || operation?.type === 'record' ? 'nothing' : 'time passes';
    case 'wait':
      return operation?.type === 'recognize' && what.ms <= 1_000 ? undefined : 'time passes';
    case 'record':
      return what.stop === 'hangup' ? 'a message, and hangs up' : operation?.type === 'record' && what.recordMs >= operation.params.maxMs ? 'a message that is too long' : 'a message';
    case 'hangup':
      return undefined;
    case 'task':
      return 'failed' in what ? `fails${what.failed === '' ? '' : ` (${what.failed})`}` : what.done === null ? 'done' : shortly(what.done);
    case 'service':
      return what.outcome === 'prompt-failed' ? 'prompt fails' : what.outcome === 'noanswer' ? 'no answer' : (what.ending ?? what.outcome);
  }
};

const heardAs = (operation: Operation | undefined, kept: Kept, input: { readonly keys: string } | { readonly says: string }): string => {
  if (operation?.type !== 'recognize') return 'nothing';
  const heard = listen(operation.params, input);
  switch (heard.ending) {
    case 'choice':
      return heard.name;
    case 'digits':
      return isSecret(kept.standing.snapshot) || !isDigits(heard.digits) ? 'digits' : heard.digits;
    case 'speech':
      return heard.phrase;
    default:
      return 'wrong';
  }
};

/** A result in so few letters that it says something in a title. */
const shortly = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' || text.length > 24 ? 'done' : text;
};
