import { expect } from 'chai';
import { DtmfKey } from '../../../src/actions/index.ts';
import { lengthMs, loudness, type Pcm } from '../../../src/emulator/sound/pcm.ts';
import { beep, holdMusic, hum, keyTone, lostSound } from '../../../src/emulator/sound/tones.ts';
import { levelOf, pitchOf } from './hearing.ts';

const rows = [697, 770, 852, 941];
const columns = [1_209, 1_336, 1_477, 1_633];
const pad = ['123A', '456B', '789C', '*0#D'];

const loudest = (pcm: Pcm, heights: readonly number[]): number => heights.map((hertz) => levelOf(pcm, hertz)).reduce((best, level, index, all) => (level > (all[best] ?? 0) ? index : best), 0);

/** The greatest step from one sample to the next at the edges of the sound. */
const edges = ({ samples }: Pcm): number => Math.max(Math.abs(samples[0] ?? 0), Math.abs(samples.at(-1) ?? 0));

describe('the sounds of a telephone', () => {
  it('tell each of its sixteen keys by two tones', () => {
    for (const rate of [8_000, 16_000]) {
      for (const key of Object.keys(DtmfKey.keys) as DtmfKey[]) {
        const tone = keyTone(key, 100, rate);
        expect(pad[loudest(tone, rows)]?.[loudest(tone, columns)], key).equal(key);
        expect(lengthMs(tone)).equal(100);
      }
    }
  });

  it('are a beep that nobody misses', () => {
    expect(pitchOf(beep(16_000))).closeTo(1_000, 1);
    expect(lengthMs(beep(8_000))).equal(350);
    expect(loudness(beep(8_000))).greaterThan(4_000);
  });

  it('do not click', () => {
    for (const pcm of [beep(8_000), lostSound(8_000), hum(100, 8_000), keyTone('5', 80, 8_000), holdMusic(8_000)]) expect(edges(pcm)).lessThan(900);
  });

  it('are music that goes on without a break when it is heard again', () => {
    const music = holdMusic(8_000);
    expect(lengthMs(music)).closeTo(10_650, 10);
    const seconds = Array.from({ length: 10 }, (_, index) => loudness({ samples: music.samples.subarray(index * 8_000, (index + 1) * 8_000) }));
    expect(Math.min(...seconds)).greaterThan(250);
    expect(Math.max(...seconds)).lessThan(4_000);
    expect(Math.max(...music.samples)).lessThan(20_000);
  });

  it('are nothing when they have no length', () => {
    expect(hum(0, 8_000).samples.length + keyTone('1', 0, 8_000).samples.length).equal(0);
  });
});
