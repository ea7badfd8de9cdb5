/**
 * Alaw — the A-law of G.711, which Europe's telephones have instead of the µ-law: some audio files come in it.
 *
 * Pure. Leaf: imports nothing.
 *
 * @module
 */

const decodeOne = (byte: number): number => {
  const bits = byte ^ 0x55; // every other bit is sent turned round
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const size = segment === 0 ? step : (step + 256) << (segment - 1);
  return bits & 0x80 ? size : -size;
};

/** What each byte says. */
const said = Int16Array.from({ length: 256 }, (_, byte) => decodeOne(byte));

/** One sample for each byte. */
export const decodeAlaw = (bytes: Uint8Array): Int16Array => Int16Array.from(bytes, (byte) => said[byte] ?? 0);
