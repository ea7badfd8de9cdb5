/**
 * Wideband — sound of 8 kHz at 16 kHz, piece by piece without a seam: between two samples lies their mean.
 *
 * Pure.
 *
 * @module
 */

/** Twice as many samples as there are in each piece; the pieces follow one another. */
export function doubled(): (piece: Int16Array) => Int16Array {
  let before = 0;
  return (piece) => {
    const result = new Int16Array(piece.length * 2);
    for (const [index, sample] of piece.entries()) {
      result[2 * index] = Math.round((before + sample) / 2);
      result[2 * index + 1] = sample;
      before = sample;
    }
    return result;
  };
}
