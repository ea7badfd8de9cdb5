/**
 * Values — what is tried where a bot takes something from outside: results of tasks, digits, words, who calls. First one of each kind, then what the
 * author's own functions are written with, and what lies next to it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Digits } from '../../actions/index.ts';
import { botFacts } from '../bot-facts.ts';
import { plain, samplesOf } from '../check/samples.ts';
import { actorsOf } from '../check/standing.ts';
import type { DataInput, DataOperation } from '../data-operation.ts';
import type { CallInput } from '../service-event.ts';
import type { CallSnapshot, PendingTask } from '../snapshot.ts';
import { isTaskLogic, taskFailedBy, type TaskResult } from '../task-logic.ts';
import type { Sources } from './sources.ts';
import { usualNow } from './usual-call.ts';

/** More results of one task than these are not tried, and not more digits at one question. */
const most = 40;

/** Of these so many have properties of different kinds. */
const mostVaried = 24;

const hour = 3_600_000;

const midnight = usualNow - (usualNow % (24 * hour));

/** Times of which each is another part of the day, of the week or of an age. */
const times: readonly number[] = [usualNow, usualNow + 14 * hour, usualNow + 5 * 24 * hour + 3 * hour, 0];

const near = (numbers: readonly number[]): readonly number[] => numbers.flatMap((one) => [one, one - 1, one + 1]);

/** A number between each two. */
const between = (numbers: readonly number[]): readonly number[] => {
  const sorted = [...new Set(numbers)].sort((one, other) => one - other);
  return sorted.slice(1).map((one, index) => Math.floor((one + (sorted[index] ?? one)) / 2));
};

/** Times at the hours that `sources` are written with, where these look at hours. */
const hoursOf = ({ numbers, mentions }: Sources): readonly number[] => (mentions('getUTCHours') || mentions('getHours') ? near(numbers).filter((one) => Number.isInteger(one) && one >= 0 && one < 24).map((one) => midnight + one * hour) : []);

// ---- tasks ----

/** How `task` of a call that stands at `snapshot` may end. */
export const resultsOf = (machine: AnyStateMachine, snapshot: CallSnapshot, task: PendingTask, sources: Sources): readonly TaskResult[] => {
  const logic = actorsOf(machine, snapshot).find(({ path }) => path === task.path)?.logic;
  if (!isTaskLogic(logic)) return [];
  const { work, output: codec } = logic;
  if (typeof work === 'object' && work.kind === 'data') return distinct([...ofData(work, task), taskFailedBy('')]);
  const outputs = typeof work === 'object' ? [null] : codec === undefined ? anything(task, sources) : fitting(codec, sources);
  return distinct([...distinct(outputs).slice(0, most).map((output) => ({ type: 'task.done', output }) as const), ...['', 'ERR_TASK_TIMEOUT', 'ERR_TASK_CANCELLED', ...codes(sources)].map(taskFailedBy)]);
};

const codes = ({ texts }: Sources): readonly string[] => texts.filter((text) => /^[A-Z][A-Z0-9_]+$/.test(text));

const fitting = (codec: Parameters<typeof samplesOf>[0], sources: Sources): readonly unknown[] => {
  const samples = samplesOf(codec);
  const of = (some: readonly number[]): readonly unknown[] => some.flatMap((number) => samplesOf(codec, { ...plain, number }));
  const isNumber = typeof samples[0] === 'number'; // and so perhaps a time
  return [
    ...samples, ...of([0, ...(isNumber ? hoursOf(sources) : []), ...near(sources.numbers), ...between(sources.numbers)]),
    ...sources.texts.flatMap((text) => samplesOf(codec, { ...plain, text })),
    ...of([...times, ...hoursOf(sources)]),
    ...['', '2025-01-06'].flatMap((text) => samplesOf(codec, { ...plain, text })),
  ];
};

/** What `task` may give of which nobody says what it gives. */
const anything = (task: PendingTask, sources: Sources): readonly unknown[] => [
  null, plain.text, true, ['2025-01-06'], 1, [], false, 0, ...objects(sources.propertiesOf(task), sources), ...hoursOf(sources), ...sources.texts, ...near(sources.numbers), ...between(sources.numbers), [plain.text], ...times,
];

/** Objects with `properties`: with what these are compared with, one of them changed at a time, then with everything that there is. */
const objects = (properties: readonly string[], { texts, numbers, comparedWith }: Sources): readonly unknown[] => {
  if (properties.length === 0) return [];
  const constants: readonly unknown[] = [true, plain.text, 1, ...texts, ...near(numbers), false, null];
  const choices = properties.map((path) => ({ path, values: comparedWith(path).length > 0 ? comparedWith(path) : [true, false, plain.text, 1] }));
  const object = (valueOf: (path: string, first: unknown) => unknown): object => choices.reduce<object>((whole, { path, values }) => withProperty(whole, path.split('.'), valueOf(path, values[0])), {});
  const varied = choices.flatMap(({ path, values }) => values.map((value) => object((other, first) => (other === path ? value : first))));
  return distinct([...varied.slice(0, mostVaried), ...constants.map((constant) => object(() => constant))]);
};

const withProperty = (whole: object, [name = '', ...inner]: readonly string[], value: unknown): object => {
  const before = (whole as Readonly<Record<string, unknown>>)[name];
  return { ...whole, [name]: inner.length === 0 ? (typeof before === 'object' && before !== null ? before : value) : withProperty(typeof before === 'object' && before !== null ? before : {}, inner, value) };
};

/** How an operation on kept data may end: by what it makes of every document that there may be. */
const ofData = (operation: DataOperation, { input, id }: PendingTask): readonly TaskResult[] => {
  const { key, with: given } = input as DataInput;
  const kept = [null, ...samplesOf(operation.codec).map((value) => JSON.stringify({ value, by: [] })), JSON.stringify({ value: { older: true }, by: [] })];
  return kept.flatMap((text, revision): readonly TaskResult[] => {
    try {
      return [{ type: 'task.done', output: JSON.parse(JSON.stringify(operation.decide({ key, with: given }, { revision: text === null ? 0 : revision, text }, id).output ?? null)) as unknown }];
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      return typeof code === 'string' ? [taskFailedBy(code)] : [];
    }
  });
};

// ---- the caller ----

/** What is keyed at a question for `digits`. */
export const digitsFor = ({ max, termchars = [] }: Digits, { texts, numbers, isDecided }: Sources): readonly string[] => {
  const longest = max ?? 16;
  const takes = (digits: string): boolean => digits !== '' && digits.length <= longest && /^[0-9*#]+$/.test(digits) && !termchars.some((key) => digits.includes(key));
  const lengths = [...(max === undefined ? [4] : [max]), 1, ...near(numbers), ...Array.from({ length: Math.min(longest, 8) }, (_, index) => index + 1), longest - 1].filter((length) => Number.isInteger(length) && length > 0 && length <= longest);
  const all = [...texts, ...near(numbers).map(String), ...lengths.map((length) => '1'.repeat(length)), '0', '5', '9', '1234567890'.slice(0, longest)];
  const digits = distinct((isDecided ? all : all.slice(-lengths.length - 4)).filter(takes)).slice(0, isDecided ? most : 1);
  const ended = (one: string): string => (one.length < longest && termchars.length > 0 ? `${one}${termchars[0] ?? ''}` : one);
  return distinct([...digits.map(ended), ...digits.slice(0, 1)]);
};

/** Words that mean no choice. */
export const phrasesFor = ({ texts }: Sources): readonly string[] => ['something else', ...texts.filter((text) => /\p{L}/u.test(text)).slice(0, 12)];

/** For how long somebody speaks, ms. */
export const lengthsFor = ({ numbers, mentions }: Sources, maxMs: number): readonly number[] => distinct([3_000, ...(mentions('lengthMs') ? near(numbers) : [])]).filter((length) => length > 0 && length < maxMs);

// ---- who calls ----

/** Calls that a bot may take differently: the plain one first, then what it looks at. */
export const callsFor = (machine: AnyStateMachine, { texts, mentions }: Sources): readonly Partial<CallInput>[] => {
  const facts = botFacts(machine);
  const given: Partial<CallInput>[] = [{}];
  const words = [...texts.filter((text) => text !== ''), ''];
  if (mentions('from') || mentions('personOn')) given.push({ from: '' }, ...numbersLike(words).map((from) => ({ from })));
  if (mentions('to')) given.push(...numbersLike(words).map((to) => ({ to })));
  if (mentions('name')) given.push({ name: plain.text });
  if (mentions('language') || facts?.language === 'caller' || typeof facts?.language === 'function') given.push(...distinct(['en', 'de', ...texts.filter((text) => /^[a-z]{2}(-[A-Z]{2})?$/.test(text))]).map((language) => ({ language })));
  if (mentions('direction') || mentions('outbound') || mentions('answeredBy')) given.push({ direction: 'outbound' });
  if (mentions('answeredBy')) given.push(...(['human', 'machine', 'fax', 'unknown'] as const).map((answeredBy) => ({ direction: 'outbound', answeredBy }) as const));
  if (mentions('conversation')) given.push({ conversation: plain.text });
  if (mentions('headers')) given.push(...texts.filter((name) => /^[a-z][\w-]*$/.test(name)).slice(0, 6).flatMap((name) => words.slice(0, 6).map((value) => ({ headers: { [name]: value } }))));
  return distinct(given);
};

/** The numbers in `texts`, and those that begin as one of them does: `+49` may be where somebody calls from. */
const numbersLike = (texts: readonly string[]): readonly string[] => [...texts.filter((text) => /^\+?\d{3,}$/.test(text)), ...texts.filter((text) => /^(\+\d{1,6}|0\d{1,5})$/.test(text)).map((text) => `${text}${'5550100000'.slice(0, 12 - text.length)}`)];

const distinct = <T>(some: readonly T[]): readonly T[] => {
  const known = new Set<string>();
  return some.filter((one) => {
    const text = JSON.stringify(one);
    const isNew = !known.has(text);
    known.add(text);
    return isNew;
  });
};
