/**
 * Ordered — what is kept in order: rows by time, then by call, so that a store in memory finds what is due without looking at
 * every call; and ids, so that it lists them a page at a time.
 *
 * A list of short sorted lists. Adding and removing search by halves and move at most {@link longest} references, reading
 * begins anywhere without removing anything (which a heap cannot do), and lists that empty are joined, so that nothing
 * is left of what has gone.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** A moment of a call. */
export interface Row {
  readonly at: number;
  readonly callId: string;
}

/** A set in order. */
export interface Ordered<T> {
  add(value: T): void;
  remove(value: T): void;
  first(): T | undefined;
  /** Values in order, beginning after `after`, which need not be there, or `from` it. Nothing may be added or removed meanwhile. */
  rows(after?: T, from?: 'after' | 'at'): Iterable<T>;
}

/** A set of rows, at most one for the same moment of the same call. */
export type OrderedRows = Ordered<Row>;

/** A list longer than this is halved. Measured with 100,000 rows: 128 to 1,024 are equal within the noise. */
const longest = 256;

export const orderedRows = (): OrderedRows => ordered((a, b) => a.at < b.at || (a.at === b.at && a.callId < b.callId));

/** Ids in the order of their UTF-16 units, in which those that begin alike stand together. */
export const orderedIds = (ids: Iterable<string>): Ordered<string> => {
  const set = ordered<string>((a, b) => a < b);
  for (const id of [...ids].sort()) set.add(id);
  return set;
};

/** The first index below `count` whose value comes after what `isBefore` is true of; else `count`. */
function search(count: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function ordered<T>(precedes: (a: T, b: T) => boolean): Ordered<T> {
  /** Never an empty list among them; the last value of each precedes the first of the next. */
  const lists: T[][] = [];
  /** Where `value` is, or would be; with `including` false what follows it. */
  const find = (value: T, including: boolean): readonly [list: number, index: number] => {
    const isBefore = including ? (other: T): boolean => precedes(other, value) : (other: T): boolean => !precedes(value, other);
    const list = search(lists.length, (index) => isBefore(lists[index]!.at(-1)!));
    const values = lists[list];
    return [list, values === undefined ? 0 : search(values.length, (index) => isBefore(values[index]!))];
  };

  return {
    add(value) {
      const last = lists.at(-1);
      if (last === undefined) {
        lists.push([value]);
        return;
      }
      const [list, index] = precedes(last.at(-1)!, value) ? [lists.length - 1, last.length] : find(value, true);
      const values = lists[list]!;
      values.splice(index, 0, value);
      if (values.length > longest) lists.splice(list + 1, 0, values.splice(longest >>> 1));
    },

    remove(value) {
      const [list, index] = find(value, true);
      const values = lists[list];
      const found = values?.[index];
      if (values === undefined || found === undefined || precedes(value, found)) return;
      values.splice(index, 1);
      const after = lists[list + 1];
      if (values.length === 0) lists.splice(list, 1);
      else if (after !== undefined && values.length + after.length < longest >>> 1) lists.splice(list, 2, values.concat(after));
    },

    first: () => lists[0]?.[0],

    *rows(after, from = 'after') {
      const [first, start] = after === undefined ? [0, 0] : find(after, from === 'at');
      for (let list = first; list < lists.length; list += 1) {
        const values = lists[list]!;
        for (let index = list === first ? start : 0; index < values.length; index += 1) yield values[index]!;
      }
    },
  };
}
