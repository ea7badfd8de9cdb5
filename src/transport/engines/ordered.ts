/**
 * Ordered — rows kept by time, then by call: how a store in memory finds what is due without looking at every call.
 *
 * A list of short sorted lists. Adding and removing search by halves and move at most {@link longest} references, reading
 * begins anywhere without removing anything (which a heap cannot do), and lists that empty are joined, so that nothing
 * is left of rows that have gone.
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

/** A set of rows, at most one for the same moment of the same call. */
export interface OrderedRows {
  add(row: Row): void;
  remove(row: Row): void;
  first(): Row | undefined;
  /** Rows in order, beginning after the row `after`, which need not be there. Nothing may be added or removed meanwhile. */
  rows(after?: Row): Iterable<Row>;
}

/** A list longer than this is halved. Measured with 100,000 rows: 128 to 1,024 are equal within the noise. */
const longest = 256;

const precedes = (a: Row, b: Row): boolean => a.at < b.at || (a.at === b.at && a.callId < b.callId);

/** The first index below `count` whose row comes after `row`, or is `row` itself where `including` says so; else `count`. */
function search(count: number, rowAt: (index: number) => Row, row: Row, including: boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = rowAt(middle);
    if (including ? precedes(candidate, row) : !precedes(row, candidate)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function orderedRows(): OrderedRows {
  /** Never an empty list among them; the last row of each precedes the first of the next. */
  const lists: Row[][] = [];
  const lastOf = (index: number): Row => lists[index]!.at(-1)!;
  const find = (row: Row, including: boolean): readonly [list: number, index: number] => {
    const list = search(lists.length, lastOf, row, including);
    const rows = lists[list];
    return [list, rows === undefined ? 0 : search(rows.length, (index) => rows[index]!, row, including)];
  };

  return {
    add(row) {
      const last = lists.at(-1);
      if (last === undefined) {
        lists.push([row]);
        return;
      }
      const [list, index] = precedes(last.at(-1)!, row) ? [lists.length - 1, last.length] : find(row, true);
      const rows = lists[list]!;
      rows.splice(index, 0, row);
      if (rows.length > longest) lists.splice(list + 1, 0, rows.splice(longest >>> 1));
    },

    remove(row) {
      const [list, index] = find(row, true);
      const rows = lists[list];
      const found = rows?.[index];
      if (rows === undefined || found === undefined || precedes(row, found)) return;
      rows.splice(index, 1);
      const after = lists[list + 1];
      if (rows.length === 0) lists.splice(list, 1);
      else if (after !== undefined && rows.length + after.length < longest >>> 1) lists.splice(list, 2, rows.concat(after));
    },

    first: () => lists[0]?.[0],

    *rows(after) {
      const [first, start] = after === undefined ? [0, 0] : find(after, false);
      for (let list = first; list < lists.length; list += 1) {
        const rows = lists[list]!;
        for (let index = list === first ? start : 0; index < rows.length; index += 1) yield rows[index]!;
      }
    },
  };
}
