/**
 * Message — one text in ICU MessageFormat, in one language: what is wrong with it, what it wants, and what it says.
 *
 * Made once, when the catalogue is. What it says depends on the language, the arguments and the catalogue's time zone, and
 * never on the language or the time zone of the machine that it runs on.
 *
 * @module
 */
import { IntlMessageFormat } from 'intl-messageformat';
import type { AnyArguments, Argument } from './arguments.ts';

/** What an argument has to be: a number, a moment, a word to select by, or anything that can be said. */
export type Want = 'number' | 'time' | 'word' | 'anything';

/** A message that can be said. */
export interface Message {
  /** Its arguments by name. */
  readonly wants: ReadonlyMap<string, Want>;
  /** The text with `given` in it, which has been held against {@link wants}. */
  readonly text: (given: AnyArguments) => string;
}

/** The message of `source` in `language`, or what is wrong with it. */
export const message = (source: string, language: string, timeZone: string): Message | { readonly problems: readonly string[] } => {
  if (source.trim() === '') return { problems: ['says nothing'] };
  const formatters = formattersOf(timeZone);
  let format: IntlMessageFormat;
  try {
    format = new IntlMessageFormat(source, [language], undefined, { ignoreTag: true, formatters });
  } catch (error) {
    return { problems: [whyBroken(error)] };
  }
  const elements = elementsIn(format.getAst());
  const wants = new Map<string, Want>();
  for (const { type, value } of elements) if (value !== undefined && type !== kinds.literal) wants.set(value, stricter(wants.get(value), wanted[type] ?? 'anything'));
  const problems = [
    ...elements.flatMap((element) => faultsOf(element, language, formatters)),
    ...([...wants.values()].some((want) => want === 'number' || want === 'time') && !hasRules(language) ? [`numbers and dates of the language \`${language}\` are not known here`] : []),
  ];
  return problems.length > 0 ? { problems: [...new Set(problems)] } : { wants, text: (given) => String(format.format({ ...given })) };
};

/** What is wrong with `value` as an argument of which `want` is asked; undefined when nothing is. */
export const misfit = (value: Argument | undefined, want: Want): string | undefined => {
  if (value === undefined || value === null) return 'is missing';
  if (want === 'number') return typeof value === 'number' && Number.isFinite(value) ? undefined : 'is no number';
  if (want === 'time') return Number.isFinite(Number(value)) && typeof value !== 'string' ? undefined : 'is no moment';
  return typeof value === 'string' || typeof value === 'number' ? undefined : 'is no text';
};

// ---- what stands in it ----

/** An element of a message as the parser tells it, in the parts that are looked at. */
interface Element {
  readonly type: number;
  readonly value?: string;
  readonly style?: string | { readonly parsedOptions: object } | null;
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
}

/** The parser's numbers for the kinds of elements that are looked at. */
const kinds = { literal: 0, argument: 1, number: 2, date: 3, time: 4, select: 5, plural: 6 } as const;

const wanted: Readonly<Record<number, Want>> = { [kinds.number]: 'number', [kinds.plural]: 'number', [kinds.date]: 'time', [kinds.time]: 'time', [kinds.select]: 'word' };

const looked: ReadonlySet<number> = new Set(Object.values(kinds));

/** The elements of `ast`, those in the messages of selectors too. */
const elementsIn = (ast: readonly Element[]): readonly Element[] =>
  ast.flatMap((element) => (looked.has(element.type) ? [element, ...Object.values(element.options ?? {}).flatMap(({ value }) => elementsIn(value))] : []));

const stricter = (one: Want | undefined, other: Want): Want => (one === undefined || one === 'anything' ? other : one);

// ---- what is wrong with it ----

const pluralForm = /^(?:zero|one|two|few|many|other|=\d+)$/;

const faultsOf = ({ type, value = '', style, options = {} }: Element, language: string, formatters: Formatters): readonly string[] => {
  if (type === kinds.literal) return /[{}]/.test(value) ? ['a brace would be read out; an apostrophe before a `{` is written twice'] : []; // l'{name}
  if (type === kinds.plural) return Object.keys(options).filter((form) => !pluralForm.test(form)).map((form) => `\`${form}\` is no form of a plural`);
  if (typeof style !== 'string' && typeof style !== 'object') return [];
  const known: Readonly<Record<string, object | undefined>> = IntlMessageFormat.formats[type === kinds.number ? 'number' : type === kinds.date ? 'date' : 'time'];
  const chosen = typeof style === 'string' ? known[style] : (style?.parsedOptions ?? {});
  if (chosen === undefined) return [`the style \`${String(style)}\` is not known`];
  try {
    if (type === kinds.number) formatters.getNumberFormat([language], chosen);
    else formatters.getDateTimeFormat([language], chosen);
    return [];
  } catch {
    return ['a number or a date has a style that cannot be'];
  }
};

/** Where the runtime does not know a language it silently takes that of the machine. */
const hasRules = (language: string): boolean => Intl.PluralRules.supportedLocalesOf(language).length > 0;

/** The parser's names for what it found, in words. */
const reasons: Readonly<Record<string, string>> = {
  EXPECT_ARGUMENT_CLOSING_BRACE: 'a `{` is not closed', EMPTY_ARGUMENT: 'there is nothing between `{` and `}`', MALFORMED_ARGUMENT: 'what stands between `{` and `}` is no argument',
  EXPECT_ARGUMENT_TYPE: 'a comma is followed by nothing', INVALID_ARGUMENT_TYPE: 'an argument is of a kind that does not exist', EXPECT_ARGUMENT_STYLE: 'a comma is followed by nothing',
  INVALID_NUMBER_SKELETON: 'a number has a style that cannot be', INVALID_DATE_TIME_SKELETON: 'a date has a style that cannot be', EXPECT_NUMBER_SKELETON: 'a number has a style that cannot be',
  EXPECT_DATE_TIME_SKELETON: 'a date has a style that cannot be', UNCLOSED_QUOTE_IN_ARGUMENT_STYLE: 'a quote is not closed', EXPECT_SELECT_ARGUMENT_OPTIONS: 'a plural or select has no forms',
  EXPECT_PLURAL_ARGUMENT_OFFSET_VALUE: 'a plural has an offset that is no number', INVALID_PLURAL_ARGUMENT_OFFSET_VALUE: 'a plural has an offset that is no number',
  EXPECT_SELECT_ARGUMENT_SELECTOR: 'a select has a form without a name', EXPECT_PLURAL_ARGUMENT_SELECTOR: 'a plural has a form without a name',
  EXPECT_SELECT_ARGUMENT_SELECTOR_FRAGMENT: 'a form of a select has no text', EXPECT_PLURAL_ARGUMENT_SELECTOR_FRAGMENT: 'a form of a plural has no text',
  INVALID_PLURAL_ARGUMENT_SELECTOR: 'a plural has a form that does not exist', DUPLICATE_PLURAL_ARGUMENT_SELECTOR: 'a plural has a form twice', DUPLICATE_SELECT_ARGUMENT_SELECTOR: 'a select has a form twice',
  MISSING_OTHER_CLAUSE: 'a plural or select has no `other`',
};

const whyBroken = (error: unknown): string => {
  const { message: kind = '', location } = error as { readonly message?: string; readonly location?: { readonly start: { readonly offset: number } } };
  if (location === undefined) return 'a number or a date has a style that cannot be';
  return `${reasons[kind] ?? 'it cannot be read'}, at character ${location.start.offset + 1}`;
};

// ---- how numbers and dates are written ----

type Formatters = ReturnType<typeof formattersOf>;

/** What formats the numbers and dates of messages: one object for each style, and dates in `timeZone`. */
const formattersOf = (timeZone: string) => {
  const made = new Map<string, unknown>();
  const once = <T>(what: string, locales: unknown, options: unknown, make: () => T): T => {
    const name = JSON.stringify([what, locales, options]);
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as T;
  };
  return {
    getNumberFormat: (locales?: string | string[], options?: object) => once('number', locales, options, () => new Intl.NumberFormat(locales, options)),
    getDateTimeFormat: (locales?: Intl.LocalesArgument, options?: Intl.DateTimeFormatOptions) => once('date', locales, options, () => new Intl.DateTimeFormat(locales, { ...options, timeZone })),
    getPluralRules: (locales?: Intl.LocalesArgument, options?: Intl.PluralRulesOptions) => once('plural', locales, options, () => new Intl.PluralRules(locales, options)),
  };
};
