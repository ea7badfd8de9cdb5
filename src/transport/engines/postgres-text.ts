/**
 * Text — strings as PostgreSQL can keep them and find them again.
 *
 * Its `text` holds every string but those with U+0000 or half of a surrogate pair. These code units, and the escape itself,
 * are written as U+E000 (which Unicode gives no meaning) and four hexadecimal digits. JSON writes them otherwise, so in
 * practice a record stands in its row as it is.
 *
 * @module
 */
import { createHash } from 'node:crypto';

/** Any string, as text that PostgreSQL takes. */
export const escaped = (text: string): string => (unwritable.test(text) ? text.replace(everyUnwritable, escapeOf) : text);

/** What {@link escaped} was made from. */
export const unescaped = (text: string): string => (text.includes(sign) ? text.replace(everyEscape, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))) : text);

const sign = '\ue000';
const unwritable = /[\0\ue000]|\p{Surrogate}/u;
const everyUnwritable = new RegExp(unwritable, 'gu');
const everyEscape = /\ue000([0-9a-f]{4})/g;

const escapeOf = (unit: string): string => `${sign}${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Where an id is found: a key that an index takes (its limit is 2,704 bytes), and the whole id where the key is not all of it. */
export interface RowKey {
  readonly key: string;
  readonly longId: string | null;
}

const longest = 500;

/** The row of an id. A long one begins as it does, so that it is listed with the others, and ends in its hash. */
export const rowOf = (id: string): RowKey => {
  const text = escaped(id);
  if (text.length <= longest) return { key: text, longId: null };
  const head = text.slice(0, 300).replace(/[\ud800-\udbff]$/, '');
  return { key: `${head}${sign}#${createHash('sha256').update(text).digest('hex')}`, longId: text };
};

/** The id of a row. */
export const idOf = ({ key, longId }: RowKey): string => unescaped(longId ?? key);
