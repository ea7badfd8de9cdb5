/**
 * Tape — every way in which something can go that makes free choices: it is done again and again, each time with other answers.
 *
 * @module
 */

/** Picks one of `count` possibilities, from 0. */
export type Choose = (count: number) => number;

/** Does `work` once for each sequence of choices that it can make; stops, and says so, after `most`. */
export const everyWay = <T>(work: (choose: Choose) => T, most: number): { readonly results: readonly T[]; readonly complete: boolean } => {
  const results: T[] = [];
  const tape: { readonly count: number; at: number }[] = [];
  for (;;) {
    let read = 0;
    results.push(work((count) => {
      const known = tape[read] ?? { count, at: 0 };
      tape[read] = known;
      read += 1;
      return known.at;
    }));
    while (tape.length > 0 && (tape.at(-1) as { readonly count: number; readonly at: number }).at + 1 >= (tape.at(-1)?.count ?? 0)) tape.pop();
    const last = tape.at(-1);
    if (last === undefined) return { results, complete: true };
    if (results.length >= most) return { results, complete: false };
    last.at += 1;
  }
};
