/**
 * Pcm — sound as numbers: 16 bit samples of one channel, so many a second.
 *
 * Pure. Leaf: imports nothing.
 *
 * @module
 */

/** A piece of sound. Nobody changes the samples of one that was handed on. */
export interface Pcm {
  /** Samples a second. */
  readonly rate: number;
  readonly samples: Int16Array;
}

/** How long `pcm` is, ms. */
export const lengthMs = ({ rate, samples }: Pcm): number => (samples.length * 1000) / rate;

/** How many samples `ms` are at `rate`. */
export const samplesIn = (ms: number, rate: number): number => Math.max(0, Math.round((ms * rate) / 1000));

/** Nothing to be heard for `ms`. */
export const silence = (ms: number, rate: number): Pcm => ({ rate, samples: new Int16Array(samplesIn(ms, rate)) });

/** `parts` one after the other, at `rate`. */
export function joined(parts: readonly Pcm[], rate: number): Pcm {
  const fitting = parts.map((part) => resampled(part, rate).samples);
  const samples = new Int16Array(fitting.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of fitting) {
    samples.set(one, at);
    at += one.length;
  }
  return { rate, samples };
}

/** How loud it is: the root of the mean square, 0 to 32768. */
export function loudness({ samples }: Pick<Pcm, 'samples'>): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

/** The nearest sample to `value`: what is too loud is cut off. */
export const clipped = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)));

/** So many zero crossings of the sinc lie on each side of a sample: enough for 60 dB. */
const reach = 16;
/** The kernel is kept in so many steps from one zero crossing to the next. */
const steps = 512;

/** One side of a sinc under a Blackman window, from its middle outwards. */
const kernel: Float64Array = Float64Array.from({ length: reach * steps + 1 }, (_, index) => {
  const x = index / steps;
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  const turn = (Math.PI * x) / reach;
  return sinc * (0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
});

/**
 * The same sound at another rate; what the lower of the two rates cannot carry is left out. At its ends the sound is taken to go
 * on as it is, so that pieces which are resampled one by one do not click.
 */
export function resampled(pcm: Pcm, rate: number): Pcm {
  if (pcm.rate === rate) return pcm;
  const { samples } = pcm;
  const weigh = weighing(pcm.rate, rate);
  const result = new Int16Array(Math.round((samples.length * rate) / pcm.rate));
  for (let index = 0; index < result.length; index += 1) {
    const { first, weights } = weigh(index);
    const last = Math.min(weights.length, samples.length - first);
    let sum = 0;
    let weight = 0;
    for (let at = Math.max(0, -first); at < last; at += 1) {
      const one = weights[at] ?? 0;
      sum += one * (samples[first + at] ?? 0);
      weight += one;
    }
    result[index] = clipped(weight === 0 ? 0 : sum / weight);
  }
  return { rate, samples: result };
}

/** What a sample is made of: the samples from `first` on, each with its weight. */
interface Weighed {
  readonly first: number;
  readonly weights: Float64Array;
}

/** The weights repeat: between 44,100 and 8,000 after eighty samples. */
function weighing(from: number, to: number): (index: number) => Weighed {
  const cutoff = Math.min(1, to / from) * 0.95;
  const span = reach / cutoff;
  const period = to / greatestDivisor(from, to);
  const known = new Map<number, Weighed>();
  const weighed = (index: number): Weighed => {
    const middle = (index * from) / to;
    const first = Math.ceil(middle - span);
    return { first, weights: Float64Array.from({ length: Math.floor(middle + span) - first + 1 }, (_, at) => kernel[Math.round(Math.abs(first + at - middle) * cutoff * steps)] ?? 0) };
  };
  return (index) => {
    const phase = index % period;
    const ready = known.get(phase) ?? weighed(phase);
    if (known.size < mostPhases) known.set(phase, ready);
    return { first: ready.first + ((index - phase) * from) / to, weights: ready.weights };
  };
}

/** Rates that have little in common have many phases; not all of them are kept. */
const mostPhases = 1_024;

const greatestDivisor = (one: number, other: number): number => (other === 0 ? one : greatestDivisor(other, one % other));
