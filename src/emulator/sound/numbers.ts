/**
 * Numbers — how numbers are said in English.
 *
 * Pure. Leaf: imports nothing.
 *
 * @module
 */

const small: readonly string[] = [
  'zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen',
  'sixteen', 'seventeen', 'eighteen', 'nineteen',
];
const tens: readonly string[] = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const scales: readonly (readonly [number, string])[] = [[1e12, 'trillion'], [1e9, 'billion'], [1e6, 'million'], [1e3, 'thousand'], [100, 'hundred']];
/** Numbers from here on are said digit by digit. */
const tooLarge = 1e15;

/** The digits of `text`, one by one: `four two`. What is no digit is left out. */
export const digitsOf = (text: string): string => [...text].flatMap((one) => (/\d/.test(one) ? [small[Number(one)] ?? ''] : [])).join(' ');

/** A whole number from 0 on: `one hundred twenty three`. */
export function cardinal(value: number): string {
  if (!(value < tooLarge)) return digitsOf(BigInt(Math.min(value, Number.MAX_VALUE)).toString());
  if (value < 20) return small[value] ?? '';
  if (value < 100) return [tens[Math.floor(value / 10)], ...(value % 10 === 0 ? [] : [small[value % 10]])].join(' ');
  const [size, name] = scales.find(([least]) => value >= least) ?? [100, 'hundred'];
  const rest = value % size;
  return `${cardinal(Math.floor(value / size))} ${name}${rest === 0 ? '' : ` ${cardinal(rest)}`}`;
}

const irregular: Readonly<Record<string, string>> = { one: 'first', two: 'second', three: 'third', five: 'fifth', eight: 'eighth', nine: 'ninth', twelve: 'twelfth' };

/** Its place in an order: `one hundred twenty third`. */
export function ordinal(value: number): string {
  const words = cardinal(value).split(' ');
  const last = words.pop() ?? '';
  return [...words, irregular[last] ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`)].join(' ');
}

/** A year, as years are said: `nineteen eighty five`, `two thousand five`. */
export function year(value: number): string {
  const [century, rest] = [Math.floor(value / 100), value % 100];
  if (value < 1_000 || value > 9_999 || century % 10 === 0 && rest < 10) return cardinal(value);
  return `${cardinal(century)} ${rest === 0 ? 'hundred' : rest < 10 ? `oh ${cardinal(rest)}` : cardinal(rest)}`;
}

/** A number as it is written, with its sign, its thousands and what stands behind the point; undefined where it is none. */
export function written(text: string): string | undefined {
  const [, sign, whole, , fraction] = /^\s*([-+−]?)\s*(\d{1,3}(?:,\d{3})+|\d+)(\.(\d+))?\s*$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = whole.replaceAll(',', '');
  const said = digits.length > 15 ? digitsOf(digits) : cardinal(Number(digits));
  return `${sign === '-' || sign === '−' ? 'minus ' : ''}${said}${fraction === undefined ? '' : ` point ${digitsOf(fraction)}`}`;
}
