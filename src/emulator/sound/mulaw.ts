/**
 * Mulaw — the µ-law of G.711: a sample in eight bits, as telephone lines carry it at 8 kHz.
 *
 * Pure. Leaf: imports nothing.
 *
 * @module
 */

/** Added before the logarithm is taken, so that each segment begins at a power of two (G.711 on a scale of 16 bits). */
const bias = 132;
/** The loudest sample that a byte can say. */
const loudest = 32_635;

const encodeOne = (sample: number): number => {
  const sign = sample < 0 ? 0x80 : 0;
  const size = Math.min(loudest, Math.abs(sample)) + bias;
  const segment = 24 - Math.clz32(size); // 7 for 2^14 and above, 0 below 2^8
  return ~(sign | (segment << 4) | ((size >> (segment + 3)) & 0x0f)) & 0xff;
};

const decodeOne = (byte: number): number => {
  const bits = ~byte & 0xff;
  const size = ((((bits & 0x0f) << 3) + bias) << ((bits >> 4) & 7)) - bias;
  return bits & 0x80 ? -size : size;
};

/** What each byte says. */
const said = Int16Array.from({ length: 256 }, (_, byte) => decodeOne(byte));

/** One byte for each sample. */
export const encodeMulaw = (samples: Int16Array): Uint8Array => Uint8Array.from(samples, encodeOne);

/** One sample for each byte. */
export const decodeMulaw = (bytes: Uint8Array): Int16Array => Int16Array.from(bytes, (byte) => said[byte] ?? 0);
