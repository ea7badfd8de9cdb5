import { expect } from 'chai';
import fc from 'fast-check';
import { clipped, joined, lengthMs, loudness, type Pcm, resampled, silence } from '../../../src/emulator/sound/pcm.ts';
import { pitchOf, sine } from './hearing.ts';

const middleOf = ({ rate, samples }: Pcm): Pcm => ({ rate, samples: samples.slice(samples.length * 0.1, samples.length * 0.9) });

describe('sound as numbers', () => {
  it('has a length, silence included', () => {
    expect(lengthMs(silence(1_500, 8_000))).equal(1_500);
    expect(lengthMs(silence(0, 16_000))).equal(0);
    expect(silence(-5, 8_000).samples.length).equal(0);
    expect(loudness(silence(100, 8_000))).equal(0);
    expect(loudness({ samples: new Int16Array(0) })).equal(0);
  });

  it('is as loud as the root of its mean square', () => {
    expect(loudness(sine(440, 1_000, 8_000, 10_000))).closeTo(10_000 / Math.SQRT2, 5);
    expect(loudness({ samples: Int16Array.of(-32_768, -32_768) })).equal(32_768);
  });

  it('is joined at one rate, whatever the rates of the parts', () => {
    const whole = joined([sine(440, 500, 8_000), silence(250, 16_000), sine(440, 250, 48_000)], 16_000);
    expect(whole.rate).equal(16_000);
    expect(lengthMs(whole)).equal(1_000);
    expect(loudness({ samples: whole.samples.subarray(8_200, 11_800) })).equal(0);
    expect(joined([], 8_000).samples.length).equal(0);
  });

  it('keeps pitch and loudness of a tone at another rate', () => {
    for (const [from, to] of [[8_000, 16_000], [16_000, 8_000], [48_000, 16_000], [44_100, 8_000], [11_025, 48_000], [22_050, 16_000]] as const) {
      const tone = sine(1_000, 600, from, 12_000);
      const other = resampled(tone, to);
      expect(lengthMs(other), `${from} to ${to}`).closeTo(600, 0.2);
      expect(pitchOf(other), `${from} to ${to}`).closeTo(1_000, 2);
      expect(loudness(middleOf(other)) / loudness(tone), `${from} to ${to}`).closeTo(1, 0.01);
    }
  });

  it('leaves out what a lower rate cannot carry, instead of folding it down', () => {
    const hiss = resampled(sine(6_000, 600, 16_000, 12_000), 8_000);
    expect(loudness(middleOf(hiss))).lessThan(12);
  });

  it('does not click where pieces are resampled one by one', () => {
    const tone = sine(300, 400, 48_000, 10_000);
    const frames = Array.from({ length: 20 }, (_, index): Pcm => ({ rate: 48_000, samples: tone.samples.slice(index * 960, (index + 1) * 960) }));
    const { samples } = joined(frames, 16_000);
    const steepest = (2 * Math.PI * 300 * 10_000) / 16_000;
    const jump = Math.max(...Array.from(samples.subarray(1), (sample, index) => Math.abs(sample - (samples[index] ?? 0))));
    expect(jump).lessThan(steepest * 1.5);
  });

  it('stays within sixteen bits, whatever is resampled', () => {
    const rate = fc.integer({ min: 1_000, max: 96_000 });
    fc.assert(fc.property(fc.int16Array({ maxLength: 300 }), rate, rate, (samples, from, to) => {
      const other = resampled({ rate: from, samples }, to);
      expect(other.samples.length).equal(Math.round((samples.length * to) / from));
      if (from === to) expect(other.samples).equal(samples);
    }), { numRuns: 100 });
    expect([clipped(40_000), clipped(-40_000), clipped(0.6)]).deep.equal([32_767, -32_768, 1]);
  });

  it('keeps a steady level steady up to both ends', () => {
    const level = resampled({ rate: 8_000, samples: new Int16Array(400).fill(5_000) }, 16_000);
    expect(new Set(level.samples)).deep.equal(new Set([5_000]));
  });
});
