/**
 * Check — a catalogue as its author wrote it → all that is wrong with it, or messages that can be said.
 *
 * @module
 */
import { isLanguageTag } from '../../actions/language-tag.ts';
import { message, type Message, type Want } from './message.ts';

/** A catalogue as it is written: messages by language and by name. A list holds phrases that a caller may say. */
export type Languages = Readonly<Record<string, Messages>>;

/** The messages of one language. */
export type Messages = Readonly<Record<string, string | readonly string[]>>;

/** One language of a catalogue, ready to be spoken. */
export interface Tongue {
  /** The tag, as the author wrote it. */
  readonly language: string;
  readonly texts: ReadonlyMap<string, Message>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

/** A catalogue that was looked at. */
export interface Checked {
  readonly tongues: readonly Tongue[];
  /** Everything that is wrong with it, a sentence each. */
  readonly problems: readonly string[];
}

/** Looks at `languages`, of which the others are held against `first`. */
export const checked = (first: string, languages: unknown, timeZone: string): Checked => {
  if (!isRecord(languages)) return { tongues: [], problems: ['a catalogue is messages by name, by language'] };
  const odd = Object.keys(languages).filter((language) => !isRecord(languages[language]));
  if (odd.length > 0) return { tongues: [], problems: odd.map((language) => `language \`${language}\`: is not messages by name`) };
  if (!isTimeZone(timeZone)) return { tongues: [], problems: ['`timeZone` is no time zone'] };
  if (!Object.hasOwn(languages, first)) return { tongues: [], problems: [`there is no language \`${first}\``] };
  const problems: string[] = tagProblems(Object.keys(languages));
  const tongues = Object.entries(languages).map(([language, messages]) => tongue(language, messages as Readonly<Record<string, unknown>>, isLanguageTag(language) ? timeZone : undefined, problems));
  const model = tongues.find(({ language }) => language === first);
  const written = languages[first] as Readonly<Record<string, unknown>>;
  for (const other of tongues) if (model !== undefined && other !== model) problems.push(...differences(model, written, other, languages[other.language] as Readonly<Record<string, unknown>>));
  return { tongues, problems };
};

const tagProblems = (tags: readonly string[]): string[] => [
  ...tags.filter((tag) => !isLanguageTag(tag)).map((tag) => `language \`${tag}\`: is no BCP 47 tag`),
  ...tags.flatMap((tag, index) => tags.slice(0, index).filter((other) => other.toLowerCase() === tag.toLowerCase()).map((other) => `languages \`${other}\` and \`${tag}\` are the same`)),
];

/** One language, with what is wrong with it told to `problems`. Where the tag is none, nothing can be read by its rules. */
const tongue = (language: string, messages: Readonly<Record<string, unknown>>, timeZone: string | undefined, problems: string[]): Tongue => {
  const texts = new Map<string, Message>();
  const lists = new Map<string, readonly string[]>();
  for (const [name, written] of Object.entries(messages)) {
    const says = (what: string): number => problems.push(`language \`${language}\`: message \`${name}\`: ${what}`);
    if (Array.isArray(written)) {
      for (const what of listProblems(written)) says(what);
      lists.set(name, Object.freeze(written.map(String)));
    } else if (typeof written !== 'string') {
      says('is neither a text nor a list of phrases');
    } else if (timeZone !== undefined) {
      const made = message(written, language, timeZone);
      if ('problems' in made) for (const what of made.problems) says(what);
      else texts.set(name, made);
    }
  }
  return { language, texts, lists };
};

const listProblems = (phrases: readonly unknown[]): readonly string[] => {
  if (phrases.length === 0) return ['has no phrases'];
  return [
    ...(phrases.every((phrase) => typeof phrase === 'string') ? [] : ['holds what is no text']),
    ...(phrases.some((phrase) => typeof phrase === 'string' && phrase.trim() === '') ? ['holds a phrase of nothing'] : []),
    ...(phrases.some((phrase) => typeof phrase === 'string' && /^[0-9*#]$/.test(phrase)) ? ['holds a key; keys stand at the choice'] : []),
  ];
};

type Written = Readonly<Record<string, unknown>>;

/** In what `other` is not as the first language is. */
const differences = (model: Tongue, first: Written, other: Tongue, second: Written): readonly string[] => [
  ...Object.keys(first).filter((name) => !Object.hasOwn(second, name)).map((name) => `language \`${other.language}\`: message \`${name}\` is missing`),
  ...Object.keys(second).filter((name) => !Object.hasOwn(first, name)).map((name) => `language \`${other.language}\`: message \`${name}\` does not exist in \`${model.language}\``),
  ...Object.keys(second).filter((name) => Object.hasOwn(first, name) && Array.isArray(first[name]) !== Array.isArray(second[name]))
    .map((name) => `language \`${other.language}\`: message \`${name}\` is ${Array.isArray(first[name]) ? 'a list' : 'a text'} in \`${model.language}\``),
  ...[...other.texts].flatMap(([name, { wants }]) => {
    const expected = model.texts.get(name)?.wants;
    return expected === undefined ? [] : argumentProblems(expected, wants, model.language).map((what) => `language \`${other.language}\`: message \`${name}\`: ${what}`);
  }),
];

const argumentProblems = (expected: Message['wants'], wants: Message['wants'], first: string): readonly string[] => [
  ...[...expected.keys()].filter((name) => !wants.has(name)).map((name) => `argument \`${name}\` is missing`),
  ...[...wants.keys()].filter((name) => !expected.has(name)).map((name) => `argument \`${name}\` does not exist in \`${first}\``),
  ...[...wants].flatMap(([name, want]) => {
    const other = expected.get(name);
    return other === undefined || want === 'anything' || want === other ? [] : [`argument \`${name}\` is ${inWords[want]}, and in \`${first}\` ${inWords[other]}`];
  }),
];

const inWords: Readonly<Record<Want, string>> = { number: 'a number', time: 'a moment', word: 'a word', anything: 'anything' };

const isRecord = (value: unknown): value is Written => typeof value === 'object' && value !== null && !Array.isArray(value);

const isTimeZone = (timeZone: unknown): boolean => {
  try {
    return typeof timeZone === 'string' && new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
