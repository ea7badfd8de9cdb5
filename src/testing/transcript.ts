/**
 * Transcript — what happened on the line, in lines that people read, and what of it the caller has yet to expect.
 *
 * One thing played is one line: the prompts of a `play`, of a question, of a recording. A caller expects what was played
 * since he last acted, in order; what he found is behind him, so that the same words are not found twice.
 *
 * @module
 */
import { type Prompt, promptItems, type PromptItem, promptText } from '../actions/index.ts';
import { CallError } from '../errors.ts';

/** Words that have to occur in a line: a text, case and all, or a regular expression. */
export type Words = string | RegExp;

/** What has to occur in what is played: words, or a prompt as the bot has it, be it an audio file or a choice of wordings. */
export type Expected = Words | Prompt;

/** The record of one call, while it grows. */
export interface Transcript {
  /** Something happened that cannot be heard. */
  note(line: string): void;
  /** The bot said `text`. */
  play(text: string): void;
  /** A chat message arrived that says `text`. */
  write(text: string): void;
  /** The caller did something: what was played before is behind him. */
  act(line: string): void;
  /** Takes back what was played by the last `count` lines: it could not be heard after all. */
  unplay(count: number): void;
  /** Goes on to behind the next occurrence of `expected`; false, and stays, when there is none. */
  find(expected: Expected): boolean;
  /** The same in the chat messages, which stay on the screen whatever the caller does. */
  findWritten(expected: Words): boolean;
  /** What was played since the caller last acted, one line each. */
  recent(): readonly string[];
  /** All that was played and heard so far, one line each. */
  played(): readonly string[];
  /** Every chat message so far. */
  written(): readonly string[];
  text(): string;
  /** The error of an expectation that did not hold: the transcript, what was expected, what was found instead. */
  surprise(expected: string, instead: string, cause?: unknown): CallError<'ERR_EXPECTATION'>;
}

/** An empty transcript of a call to `bot`. */
export const openTranscript = (bot: string): Transcript => {
  const lines: string[] = [];
  const played: string[] = [];
  const written: string[] = [];
  let since = 0; // where in `played` the caller last acted
  let at: Place = { line: 0, offset: 0 }; // behind the last words found
  let readTo: Place = { line: 0, offset: 0 };

  return {
    note: (line) => void lines.push(line),
    play: (text) => {
      lines.push(`bot: ${text}`);
      played.push(text);
    },
    write: (text) => {
      lines.push(`chat: ${text}`);
      written.push(text);
    },
    act: (line) => {
      lines.push(line);
      since = played.length;
      at = { line: since, offset: 0 };
    },
    unplay: (count) => {
      played.length = Math.max(0, played.length - count);
      since = Math.min(since, played.length);
    },
    find: (expected) => {
      const found = findIn(played, at, expected);
      at = found ?? at;
      return found !== undefined;
    },
    findWritten: (expected) => {
      const found = findIn(written, readTo, expected);
      readTo = found ?? readTo;
      return found !== undefined;
    },
    recent: () => played.slice(since),
    played: () => played,
    written: () => written,
    text: () => lines.join('\n'),
    surprise: (expected, instead, cause) =>
      new CallError('ERR_EXPECTATION', [`call to \`${bot}\`:`, ...latest(lines).map((line) => `  ${line}`), `expected ${expected}`, instead].join('\n'), {}, { cause }),
  };
};

/** A place in a list of texts. */
interface Place {
  readonly line: number;
  readonly offset: number;
}

/** The place behind the first occurrence of `expected` in `texts` from `from` on. */
const findIn = (texts: readonly string[], from: Place, expected: Expected): Place | undefined => {
  const words = wordsOf(expected);
  for (let line = from.line; line < texts.length; line += 1) {
    const end = endOf(words, texts[line] ?? '', line === from.line ? from.offset : 0);
    if (end >= 0) return { line, offset: end };
  }
  return undefined;
};

/** So much of `lines` as a person reads of a message. */
const latest = (lines: readonly string[]): readonly string[] => (lines.length <= 40 ? lines : [`… ${lines.length - 40} lines …`, ...lines.slice(-40)]);

/** The words that stand in a transcript for `expected`. */
export const wordsOf = (expected: Expected): Words => (typeof expected === 'string' || expected instanceof RegExp ? expected : new RegExp(promptItems(expected).map(patternOf).join(' ')));

const patternOf = (item: PromptItem): string => ('oneOf' in item ? `(?:${item.oneOf.map((wording) => wording.map(patternOf).join(' ')).join('|')})` : literally(promptText([item])));

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** `expected` for people. */
export const shown = (expected: Expected): string => (expected instanceof RegExp ? String(expected) : JSON.stringify(typeof expected === 'string' ? expected : promptText(promptItems(expected))));

/** `texts` for people. */
export const listed = (texts: readonly string[]): string => (texts.length === 0 ? 'nothing' : texts.map((text) => JSON.stringify(text)).join(', '));

/** The offset behind the first occurrence of `expected` in `text` from `offset` on, or -1. `^` is the start of the line. */
export const endOf = (expected: Words, text: string, offset: number): number => {
  if (typeof expected === 'string') {
    const index = text.indexOf(expected, offset);
    return index < 0 ? -1 : index + expected.length;
  }
  const pattern = new RegExp(expected.source, `${expected.flags.replace(/[gy]/g, '')}g`);
  pattern.lastIndex = offset;
  return pattern.exec(text) === null ? -1 : pattern.lastIndex;
};
