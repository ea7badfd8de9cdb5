/**
 * Tones — the sounds of a telephone that nobody speaks: its keys, the beep, the hum, what stands for a file that could not be had,
 * and music to wait by.
 *
 * Pure.
 *
 * @module
 */
import type { DtmfKey } from '../../actions/index.ts';
import { clipped, joined, type Pcm, samplesIn, silence } from './pcm.ts';

interface Tone {
  /** All that sound at once. */
  readonly hertz: readonly number[];
  readonly ms: number;
  readonly rate: number;
  /** The peak of each of them. */
  readonly peak: number;
  /** How long it takes to be there and to be gone, so that it does not click, ms. */
  readonly edgeMs?: number;
}

const tone = ({ hertz, ms, rate, peak, edgeMs = 5 }: Tone): Pcm => {
  const length = samplesIn(ms, rate);
  const edge = Math.max(1, samplesIn(edgeMs, rate));
  const samples = Int16Array.from({ length }, (_, index) => {
    const swell = Math.min(1, (index + 1) / edge, (length - index) / edge);
    return clipped(peak * swell * hertz.reduce((sum, one) => sum + Math.sin((2 * Math.PI * one * index) / rate), 0));
  });
  return { rate, samples };
};

/** A quiet hum: of a caller who is not there. */
export const hum = (ms: number, rate: number): Pcm => tone({ hertz: [220], ms, rate, peak: 2_000 });

/** What is heard before a recording. */
export const beep = (rate: number): Pcm => tone({ hertz: [1_000], ms: 350, rate, peak: 8_000, edgeMs: 10 });

/** Stands for a sound that could not be had: two short tones, falling. */
export const lostSound = (rate: number): Pcm =>
  joined([tone({ hertz: [620], ms: 160, rate, peak: 5_000 }), silence(60, rate), tone({ hertz: [440], ms: 220, rate, peak: 5_000 })], rate);

/** The lower and the higher tone of each key, hertz (ITU-T Q.23). */
const keyTones: Readonly<globalThis.Record<DtmfKey, readonly [number, number]>> = {
  '1': [697, 1_209], '2': [697, 1_336], '3': [697, 1_477], A: [697, 1_633],
  '4': [770, 1_209], '5': [770, 1_336], '6': [770, 1_477], B: [770, 1_633],
  '7': [852, 1_209], '8': [852, 1_336], '9': [852, 1_477], C: [852, 1_633],
  '*': [941, 1_209], '0': [941, 1_336], '#': [941, 1_477], D: [941, 1_633],
};

/** The sound of a key. */
export const keyTone = (key: DtmfKey, ms: number, rate: number): Pcm => tone({ hertz: keyTones[key], ms, rate, peak: 6_000 });

/** A melody in beats of a third of a second, by semitones above the A of 440 Hz; `undefined` lets the last one ring. */
const melody: readonly (number | undefined)[] = [
  -9, -5, -2, -5, 0, -2, -5, undefined, -7, -4, 0, -4, 1, 0, -4, undefined,
  -9, -2, 0, 3, 0, -2, -5, -7, -9, -5, -7, -10, -9, undefined, undefined, undefined,
];
const beatMs = 333;
/** How long a note rings. */
const ringMs = 1_400;

/** Some ten seconds of music to wait by, made to be heard again and again. */
export function holdMusic(rate: number): Pcm {
  const beat = samplesIn(beatMs, rate);
  const length = beat * melody.length;
  const sum = new Float64Array(length);
  for (const [index, step] of melody.entries()) {
    if (step === undefined) continue;
    const hertz = 440 * 2 ** (step / 12);
    for (let at = 0; at < samplesIn(ringMs, rate); at += 1) {
      const second = at / rate;
      const fade = Math.min(1, second / 0.02) * Math.exp(-3 * second) * Math.min(1, (ringMs / 1_000 - second) / 0.1);
      const voice = Math.sin(2 * Math.PI * hertz * second) + 0.3 * Math.sin(4 * Math.PI * hertz * second);
      // The last notes ring into the first ones when it begins again.
      const place = (index * beat + at) % length;
      sum[place] = (sum[place] ?? 0) + 2_600 * fade * voice;
    }
  }
  return { rate, samples: Int16Array.from(sum, clipped) };
}
