import { expect } from 'chai';
import fc from 'fast-check';
import { loudness, lengthMs } from '../../../src/emulator/sound/pcm.ts';
import { decodeMulaw, encodeMulaw } from '../../../src/emulator/sound/mulaw.ts';
import { fromWav, toWav } from '../../../src/emulator/sound/wav.ts';
import { pitchOf, sine } from './hearing.ts';

interface Described {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits: number;
}

/** A file with a chunk of no interest before its sound, and a length that nobody knew yet. */
function wavOf(data: Buffer, { tag = 1, channels = 1, rate = 8_000, bits }: Described, dataLength = data.length): Buffer {
  const head = Buffer.from('RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0', 'latin1');
  const format = Buffer.alloc(16);
  format.writeUInt16LE(tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt16LE(bits, 14);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(dataLength >>> 0);
  return Buffer.concat([head, format, Buffer.from('data'), length, data]);
}

const wide = (samples: readonly number[], bytes: number): Buffer => Buffer.concat(samples.map((sample) => {
  const one = Buffer.alloc(bytes);
  one.writeInt16LE(sample, bytes - 2);
  return one;
}));

describe('a WAV file', () => {
  it('is the same sound again when it is read', () => {
    fc.assert(fc.property(fc.int16Array(), fc.constantFrom(8_000, 16_000, 44_100), (samples, rate) => {
      expect(fromWav(toWav({ rate, samples }))).deep.equal({ rate, samples });
    }));
  });

  it('is read in 8, 16, 24 and 32 bits', () => {
    const samples = [0, 1_000, -1_000, 32_767, -32_768];
    for (const bits of [16, 24, 32]) expect([...(fromWav(wavOf(wide(samples, bits / 8), { bits }))?.samples ?? [])], `${bits}`).deep.equal(samples);
    expect([...(fromWav(wavOf(Buffer.of(128, 0, 255), { bits: 8 }))?.samples ?? [])]).deep.equal([0, -32_768, 32_512]);
  });

  it('is read in the eight bits of telephone lines', () => {
    const tone = sine(400, 200, 8_000);
    const coded = encodeMulaw(tone.samples);
    expect(fromWav(wavOf(Buffer.from(coded), { tag: 7, bits: 8 }))?.samples).deep.equal(decodeMulaw(coded));
    expect([...(fromWav(wavOf(Buffer.of(0xd5, 0xaa), { tag: 6, bits: 8 }))?.samples ?? [])]).deep.equal([8, 32_256]);
  });

  it('has one channel, whatever it had', () => {
    const stereo = wavOf(wide([1_000, 3_000, -500, 500, 32_767, 32_767], 2), { channels: 2, bits: 16, rate: 44_100 });
    expect(fromWav(stereo)).deep.equal({ rate: 44_100, samples: Int16Array.of(2_000, 0, 32_767) });
  });

  it('is read to its end when it was written before its length was known, and when it was cut off', () => {
    for (const length of [0xffffffff, 100_000]) expect(fromWav(wavOf(wide([1, 2, 3], 2), { bits: 16 }, length))?.samples).deep.equal(Int16Array.of(1, 2, 3));
    expect(fromWav(toWav(sine(440, 100, 8_000)).subarray(0, 45))?.samples.length).equal(0);
  });

  it('is read when its way is described at length', () => {
    const file = wavOf(wide([7], 2), { bits: 16 });
    const at = file.indexOf('fmt ');
    const long = Buffer.alloc(40);
    file.copy(long, 0, at + 8, at + 24);
    long.writeUInt16LE(0xfffe, 0);
    long.writeUInt16LE(1, 24);
    const length = Buffer.of(40, 0, 0, 0);
    expect(fromWav(Buffer.concat([file.subarray(0, at + 4), length, long, file.subarray(at + 24)]))?.samples).deep.equal(Int16Array.of(7));
  });

  it('is none in a way that is not understood', () => {
    const data = wide([1, 2], 4);
    for (const odd of [{ tag: 3, bits: 32 }, { tag: 0x55, bits: 16 }, { bits: 12 }, { tag: 7, bits: 16 }, { channels: 0, bits: 16 }, { channels: 200, bits: 16 }, { rate: 0, bits: 16 }, { rate: 4e9, bits: 16 }]) {
      expect(fromWav(wavOf(data, odd)), JSON.stringify(odd)).equal(undefined);
    }
    expect(fromWav(Buffer.from('RIFF\0\0\0\0WAVEdata\0\0\0\0'))).equal(undefined);
    expect(fromWav(toWav(sine(440, 10, 8_000)).subarray(0, 36))).equal(undefined);
  });

  it('is none, or sound within bounds, whatever the bytes are', () => {
    const whole = toWav(sine(440, 20, 8_000));
    const damaged = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }).map((changes) => {
      const copy = Buffer.from(whole);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
    fc.assert(fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), fc.nat(whole.length), (bytes, length) => {
      const pcm = fromWav(bytes.subarray(0, length));
      if (pcm !== undefined) expect(pcm.samples.length).most(length);
    }), { numRuns: 2_000 });
  });

  it('holds a tone of the same height and loudness', () => {
    const tone = fromWav(toWav(sine(523, 500, 16_000, 9_000)));
    expect(tone && [lengthMs(tone), Math.round(pitchOf(tone)), Math.round(loudness(tone))]).deep.equal([500, 523, Math.round(9_000 / Math.SQRT2)]);
  });
});
