/**
 * Nearest — the name that was likely meant, for a sentence about one that does not exist.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** “; did you mean `prompt`?” for a `name` close to one of `names`, else nothing. */
export const didYouMean = (name: string, names: readonly string[]): string => {
  const near = nearest(name, names);
  return near === undefined ? '' : `; did you mean \`${near}\`?`;
};

/** The closest of `names`: one that begins as `name` does or the other way round, or that a few slips lead to. */
const nearest = (name: string, names: readonly string[]): string | undefined => {
  const meant = name.toLowerCase();
  const ranked = names.map((known) => {
    const other = known.toLowerCase();
    const isPart = meant.length > 2 && other.length > 2 && (other.startsWith(meant) || meant.startsWith(other));
    return { known, slips: isPart ? 1 : slips(meant, other) };
  });
  const [best] = ranked.sort((one, other) => one.slips - other.slips);
  return best !== undefined && best.slips <= Math.max(1, Math.floor(name.length / 3)) ? best.known : undefined;
};

/** Letters added, left out, exchanged or swapped with their neighbour (Damerau and Levenshtein, the restricted distance). */
const slips = (one: string, other: string): number => {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same, swapped));
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
};
