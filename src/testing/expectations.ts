/**
 * Expectations — how what a test expects is held against what is there, and what is said where the two differ.
 *
 * @module
 */
import { type Batch, type CallAction, type CallActionType, PromptItem, promptItems } from '../actions/index.ts';
import { type Expected, listed, shown, type Transcript, type Words } from './transcript.ts';

/** Expects words in what was played since the caller last acted. `standing` says how the call stands. @throws `ERR_EXPECTATION` */
export const heard = (transcript: Transcript, expected: Expected, standing: () => string, cause?: unknown): void => {
  if (isNothing(expected)) throw transcript.surprise('words to listen for', 'instead an empty text, which is in everything', cause);
  if (!isExpectable(expected)) throw transcript.surprise('a text, a regular expression or a prompt to listen for', 'instead something else', cause);
  if (!transcript.find(expected)) throw transcript.surprise(`to hear ${shown(expected)}`, `heard instead: ${listed(transcript.recent())}; ${standing()}`, cause);
};

const isNothing = (expected: Expected): boolean => expected === '' || (Array.isArray(expected) && expected.length === 0);

/** From JavaScript it may be anything. */
const isExpectable = (expected: Expected): boolean => typeof expected === 'string' || expected instanceof RegExp || promptItems(expected).every(PromptItem.is);

/** Expects words in a chat message. @throws `ERR_EXPECTATION` */
export const read = (transcript: Transcript, expected: Words, standing: () => string, cause?: unknown): void => {
  if (!transcript.findWritten(expected)) throw transcript.surprise(`to read ${shown(expected)}`, `the chat messages so far: ${listed(transcript.written())}; ${standing()}`, cause);
};

/** A part of a value: of objects some properties, of lists and all else the whole. */
export type Part<T> = T extends readonly unknown[] ? T : T extends object ? { readonly [K in keyof T]?: Part<T[K]> } : T;

/** An operation of a batch: its type, or its type and some of its parameters. */
export type ExpectedOperation = CallActionType | { [T in CallActionType]: { readonly type: T; readonly params?: Part<Extract<CallAction, { readonly type: T }>['params']> } }[CallActionType];

/** Where `value` first differs from its `part`, in words; undefined where it does not. */
export const differenceOf = (value: unknown, part: unknown, path = ''): string | undefined => {
  const place = path === '' ? 'it' : `\`${path}\``;
  if (!isNested(part)) return Object.is(value, part) ? undefined : `${place} is ${describe(value)}`;
  if (!isNested(value) || Array.isArray(value) !== Array.isArray(part)) return `${place} is ${describe(value)}`;
  if (Array.isArray(value) && Array.isArray(part) && value.length !== part.length) return `${place} is ${describe(value)}`;
  for (const [key, expected] of Object.entries(part)) {
    const difference = differenceOf((value as Readonly<Record<string, unknown>>)[key], expected, path === '' ? key : `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
};

/** Where `batch` differs from the operations that are expected, one by one; undefined where it does not. */
export const fits = (batch: Batch, expected: readonly ExpectedOperation[]): string | undefined => {
  const isLike = batch.length === expected.length && batch.every(({ type }, index) => type === typeOf(expected[index]));
  if (!isLike) return `it is [${batch.map(({ type }) => type).join(', ')}]`;
  for (const [index, one] of expected.entries()) {
    const difference = typeof one === 'string' ? undefined : differenceOf(batch[index]?.params, one.params ?? {}, `${one.type}.params`);
    if (difference !== undefined) return difference;
  }
  return undefined;
};

const typeOf = (expected: ExpectedOperation | undefined): CallActionType | undefined => (typeof expected === 'string' ? expected : expected?.type);

/** The operations that are expected, for people. */
export const batchWords = (expected: readonly ExpectedOperation[]): string =>
  `[${expected.map((one) => (typeof one === 'string' ? one : `${one.type}${one.params === undefined ? '' : ` ${describe(one.params)}`}`)).join(', ')}]`;

/** A value for people, and not too much of it. */
export const describe = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
};

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
