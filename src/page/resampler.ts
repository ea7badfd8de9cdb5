/**
 * Resampler — sound at another rate, piece by piece without a seam; what the lower of the two rates cannot carry is left out.
 *
 * Pure. Leaf: imports nothing.
 *
 * @module
 */

/** So many zero crossings of the sinc lie on each side of a sample. */
const reach = 12;
/** The kernel is kept in so many steps from one zero crossing to the next. */
const steps = 256;

/** One side of a sinc under a Blackman window, from its middle outwards. */
const kernel: Float32Array = Float32Array.from({ length: reach * steps + 1 }, (_, index) => {
  const x = index / steps;
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  const turn = (Math.PI * x) / reach;
  return sinc * (0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
});

/** Takes the pieces of one sound at the rate `from`, and gives what is known by then of it at the rate `to`. */
export function resampler(from: number, to: number): (piece: Float32Array) => Float32Array {
  const cutoff = Math.min(1, to / from) * 0.95;
  const span = reach / cutoff;
  /** What is still needed of the sound before. It begins in silence. */
  let held = new Float32Array(Math.ceil(span));
  /** Where the next sample of the result lies in it. */
  let at = held.length;

  const sampleAt = (sound: Float32Array, middle: number): number => {
    let sum = 0;
    let weight = 0;
    for (let index = Math.ceil(middle - span); index <= middle + span; index += 1) {
      const one = kernel[Math.round(Math.abs(index - middle) * cutoff * steps)] ?? 0;
      sum += one * (sound[index] ?? 0);
      weight += one;
    }
    return sum / weight;
  };

  return (piece) => {
    const sound = new Float32Array(held.length + piece.length);
    sound.set(held);
    sound.set(piece, held.length);
    const result = new Float32Array(Math.max(0, Math.ceil(((sound.length - span - at) * to) / from)));
    const began = at;
    for (const index of result.keys()) result[index] = sampleAt(sound, began + (index * from) / to);
    at += (result.length * from) / to;
    const done = Math.floor(at - span);
    held = sound.slice(done);
    at -= done;
    return result;
  };
}
