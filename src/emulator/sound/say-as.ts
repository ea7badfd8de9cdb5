/**
 * Say-as — a text in the words in which it is to be read out: dates, times, digits one by one, sums of money.
 *
 * Words are English, as the voice is. A text that is not what it is said to be is read as it stands.
 *
 * @module
 */
import type { SayAs } from '../../actions/index.ts';
import { cardinal, digitsOf, ordinal, written, year } from './numbers.ts';

/** `text` in the words of `as`. */
export const readAs = (text: string, as: SayAs): string => readings[as](text) ?? text;

/** `text` in the words of an SSML `say-as`. */
export function interpreted(text: string, interpretAs: string, format = ''): string {
  const kind = interpretAs.toLowerCase();
  if (kind === 'date') return readAs(text, dateFormats[format.toLowerCase()] ?? 'monthDayYear');
  if (kind === 'time') return readAs(text, format.toLowerCase().endsWith('24') ? 'time24' : 'time12');
  if (kind === 'digits' || kind === 'number_digit') return digitsOf(text) || text;
  const as = kinds[kind];
  return as === undefined ? text : readAs(text, as);
}

const kinds: Readonly<Partial<globalThis.Record<string, SayAs>>> = {
  characters: 'letters', 'spell-out': 'letters', verbatim: 'letters', cardinal: 'cardinal', number: 'cardinal', ordinal: 'ordinal', telephone: 'telephone', name: 'name',
};

const dateFormats: Readonly<Partial<globalThis.Record<string, SayAs>>> = {
  ymd: 'yearMonthDay', mdy: 'monthDayYear', dmy: 'dayMonthYear', ym: 'yearMonth', my: 'monthYear', md: 'monthDay', dm: 'dayMonth', d: 'day', m: 'month', y: 'year',
  yyyymmdd: 'yearMonthDay', mmddyyyy: 'monthDayYear', ddmmyyyy: 'dayMonthYear',
};

/** Each kind; undefined where the text is not of it. */
const readings: Readonly<globalThis.Record<SayAs, (text: string) => string | undefined>> = {
  yearMonthDay: (text) => date(text, 'ymd'),
  monthDayYear: (text) => date(text, 'mdy'),
  dayMonthYear: (text) => date(text, 'dmy'),
  yearMonth: (text) => date(text, 'ym'),
  monthYear: (text) => date(text, 'my'),
  monthDay: (text) => date(text, 'md'),
  dayMonth: (text) => date(text, 'dm'),
  day: (text) => date(text, 'd'),
  month: (text) => date(text, 'm'),
  year: (text) => date(text, 'y'),
  cardinal: written,
  ordinal: (text) => (/^\s*\d{1,15}\s*(st|nd|rd|th|\.)?\s*$/i.test(text) ? ordinal(Number.parseInt(text, 10)) : undefined),
  letters: (text) => spelled(text),
  time12: (text) => time(text, 12),
  time24: (text) => time(text, 24),
  telephone: (text) => telephone(text),
  name: (text) => text,
  phoneticName: (text) => text,
};

const months: readonly string[] = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

type DatePart = 'y' | 'm' | 'd';

/** A date whose parts stand in this order; one that begins with a year of four digits has them from the largest to the smallest. */
function date(text: string, order: string): string | undefined {
  const parts = partsOf(text, order);
  if (parts === undefined) return undefined;
  const { y, m, d } = parts;
  const month = m === undefined ? undefined : months[m - 1];
  if ((m !== undefined && month === undefined) || (d !== undefined && (d < 1 || d > 31))) return undefined;
  const day = d === undefined ? undefined : ordinal(d);
  const monthAndDay = order.indexOf('d') < order.indexOf('m') && day !== undefined && month !== undefined ? `the ${day} of ${month}` : [month, day].filter((part) => part !== undefined).join(' ');
  return [monthAndDay, ...(y === undefined ? [] : [year(y)])].filter((part) => part !== '').join(', ');
}

/** The numbers of a date, each undefined where its order has none. */
function partsOf(text: string, order: string): { readonly [P in DatePart]?: number } | undefined {
  const tokens = text.match(/\d+|[a-z]+/gi)?.map((token) => token.toLowerCase()).filter((token) => !['of', 'the', 'st', 'nd', 'rd', 'th'].includes(token)) ?? [];
  const named = tokens.findIndex((token) => monthNamed(token) !== undefined);
  const rest = tokens.filter((_, index) => index !== named);
  const wanted = [...order].filter((part) => named < 0 || part !== 'm');
  const numbers = rest.length === 1 && wanted.length > 1 ? cutUp(rest[0] ?? '', wanted) : rest;
  if (numbers.length !== wanted.length || numbers.some((number) => !/^\d{1,4}$/.test(number)) || (named >= 0 && !order.includes('m'))) return undefined;
  const isIso = wanted.includes('y') && numbers[0]?.length === 4;
  const places = isIso ? [...'ymd'].filter((part) => wanted.includes(part)) : wanted;
  const parts = Object.fromEntries(places.map((part, index) => [part, Number(numbers[index])]));
  return { ...parts, ...(named >= 0 && { m: monthNamed(tokens[named] ?? '') ?? 0 }) };
}

const monthNamed = (word: string): number | undefined => {
  const index = word.length < 3 ? -1 : months.findIndex((month) => month.toLowerCase().startsWith(word));
  return index < 0 ? undefined : index + 1;
};

/** Digits without anything between them: four for a year, two for the others. */
function cutUp(digits: string, parts: readonly string[]): readonly string[] {
  const widths = parts.map((part) => (part === 'y' ? 4 : 2));
  if (digits.length !== widths.reduce((sum, width) => sum + width, 0)) return [];
  return widths.map((width, index) => digits.slice(widths.slice(0, index).reduce((sum, one) => sum + one, 0)).slice(0, width));
}

function time(text: string, hours: 12 | 24): string | undefined {
  const [, first, second, third, half] = /^\s*(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?\s*([ap])?\.?\s*(?:m\.?)?\s*$/i.exec(text) ?? [];
  if (first === undefined) return undefined;
  const given = Number(first);
  const [minute, secondsPast] = [Number(second ?? 0), Number(third ?? 0)];
  if (given > 24 || minute > 59 || secondsPast > 59) return undefined;
  const isLate = half === undefined ? given >= 12 && given < 24 : half.toLowerCase() === 'p';
  const hour = half === undefined ? given % 24 : (given % 12) + (isLate ? 12 : 0);
  const past = secondsPast === 0 ? '' : ` and ${cardinal(secondsPast)} seconds`;
  if (hours === 24) return `${cardinal(hour)} ${minute === 0 ? 'hundred' : minutes(minute)}${past}`;
  return `${cardinal(hour % 12 === 0 ? 12 : hour % 12)}${minute === 0 ? '' : ` ${minutes(minute)}`} ${isLate ? 'P M' : 'A M'}${past}`;
}

const minutes = (value: number): string => (value < 10 ? `oh ${cardinal(value)}` : cardinal(value));

/** Letters and digits one by one, and the signs that a caller has to know. */
const spelled = (text: string): string | undefined => {
  const one = [...text].flatMap((sign) => (/\d/.test(sign) ? [digitsOf(sign)] : /\p{L}/u.test(sign) ? [sign.toUpperCase()] : signs[sign] === undefined ? [] : [signs[sign]]));
  return one.length === 0 ? undefined : one.join(' ');
};

const signs: Readonly<Partial<globalThis.Record<string, string>>> = { '*': 'star', '#': 'pound', '+': 'plus', '-': 'dash', '.': 'dot', '@': 'at', '/': 'slash', '_': 'underscore' };

/** Digits one by one, with a little pause between groups. */
function telephone(text: string): string | undefined {
  const groups = text.match(/\d+/g);
  if (groups === null) return undefined;
  const [only = ''] = groups;
  const said = groups.length === 1 && only.length > 5 ? (only.match(/\d{4}$|\d{1,3}(?=(?:\d{3})*\d{4}$)/g) ?? groups) : groups;
  return `${/^\s*\+/.test(text) ? 'plus ' : ''}${said.map(digitsOf).join(', ')}`;
}
