/** Hearing — tones to be heard, and what an ear makes of them: how loud, how high, which of several. */
import { type Pcm, samplesIn } from '../../../src/emulator/sound/pcm.ts';

/** A pure tone. */
export const sine = (hertz: number, ms: number, rate: number, peak = 10_000): Pcm => ({
  rate,
  samples: Int16Array.from({ length: samplesIn(ms, rate) }, (_, index) => Math.round(peak * Math.sin((2 * Math.PI * hertz * index) / rate))),
});

/** How high a pure tone is, by the time from its first rise through zero to its last. */
export function pitchOf({ rate, samples }: Pcm): number {
  const rises: number[] = [];
  for (let index = 1; index < samples.length; index += 1) {
    const [before = 0, after = 0] = [samples[index - 1], samples[index]];
    if (before < 0 && after >= 0) rises.push(index - after / (after - before));
  }
  const [first = 0] = rises;
  return ((rises.length - 1) * rate) / ((rises.at(-1) ?? 0) - first);
}

/** How much of `hertz` there is in it: the peak of a tone of that height. */
export function levelOf({ rate, samples }: Pcm, hertz: number): number {
  let [cosine, sinus] = [0, 0];
  for (const [index, sample] of samples.entries()) {
    const turn = (2 * Math.PI * hertz * index) / rate;
    cosine += sample * Math.cos(turn);
    sinus += sample * Math.sin(turn);
  }
  return samples.length === 0 ? 0 : (2 * Math.hypot(cosine, sinus)) / samples.length;
}

/** Hiss that is the same in every run: `peak` is its loudest. */
export function hiss(ms: number, rate: number, peak: number, seed = 1): Pcm {
  let state = seed >>> 0;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 0x1_0000_0000;
  return { rate, samples: Int16Array.from({ length: samplesIn(ms, rate) }, () => Math.round((2 * next() - 1) * peak)) };
}

/** One sound on top of the other, as long as the first. */
export const over = (one: Pcm, other: Pcm): Pcm => ({ rate: one.rate, samples: one.samples.map((sample, index) => sample + (other.samples[index] ?? 0)) });
