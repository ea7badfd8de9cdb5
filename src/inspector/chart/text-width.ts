/**
 * Text width — how wide a text is in the fonts that a picture asks for, by a table, so that it is laid out alike everywhere.
 *
 * The widths are those of Helvetica, which Arial and Liberation Sans share, in thousandths of the font's size. What the
 * table has not is taken for wide.
 *
 * @module
 */

/** The characters of each width. */
const table: readonly (readonly [width: number, characters: string])[] = [
  [191, "'"], [222, 'ijl‘’'], [260, '|'], [278, ' !,./:;I[\\]ft·'], [333, '()-`r“”'], [334, '{}'], [355, '"'], [389, '*'], [469, '^'],
  [500, 'Jckvxyzsç'], [556, '#$0123456789?L_abdeghnopquäàáâåèéêëñòóôöùúûü–'], [584, '+<=>~'], [611, 'FTZß'], [667, '&ABEKPSVXYÄÅÀÁÂÈÉÊË'],
  [722, 'CDHNRUwÜÇ'], [778, 'GOQÖ'], [833, 'Mm'], [889, '%'], [944, 'W'], [1_000, '…→♪—'], [1_015, '@'],
];

const widths: ReadonlyMap<string, number> = new Map(table.flatMap(([width, characters]) => [...characters].map((character) => [character, width] as const)));

/** How wide `text` is in a font of `size`; bold letters are a little wider. */
export const textWidth = (text: string, size: number, bold = false): number => {
  const thousandths = [...text].reduce((sum, character) => sum + (widths.get(character) ?? other(character)), 0);
  return (thousandths * size * (bold ? 1.08 : 1)) / 1_000;
};

/** Marks stand above other characters; letters with marks are as wide as most letters; whatever else is there may be as wide as a Chinese character. */
const other = (character: string): number => (/^\p{M}$/u.test(character) ? 0 : /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]$/u.test(character) ? 667 : 1_000);

/** `text` in lines of at most `width`, broken between words; a word that is longer has a line of its own. What does not fit `most` lines ends in `…`. */
export const wrapped = (text: string, size: number, width: number, most: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ').flatMap((long) => pieces(long, size, width))) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`, size) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `${lines[most - 1] ?? ''}…`];
};

/** `word`, cut where it is wider than a line. */
const pieces = (word: string, size: number, width: number): readonly string[] => {
  const cut: string[] = [''];
  for (const character of word) {
    if (textWidth(`${cut.at(-1) ?? ''}${character}`, size) <= width) cut[cut.length - 1] += character;
    else cut.push(character);
  }
  return cut.filter((piece, index) => piece !== '' || index === 0);
};
