/** What the page makes of sound that goes by its socket: what is heard next, and what is sent of the microphone. */
import { expect } from 'chai';
import fc from 'fast-check';
import { frameWriter } from '../../src/page/frame-writer.ts';
import { playQueue } from '../../src/page/play-queue.ts';
import { resampler } from '../../src/page/resampler.ts';
import { levelOf, pitchOf, sine } from '../emulator/sound/hearing.ts';

const rates = [8_000, 16_000, 22_050, 44_100, 48_000, 96_000] as const;

const floatsOf = (samples: Int16Array): Float32Array => Float32Array.from(samples, (sample) => sample / 32_768);
const pcmOf = (rate: number, parts: readonly Float32Array[]) => ({ rate, samples: Int16Array.from(parts.flatMap((part) => [...part]), (sample) => Math.round(sample * 32_768)) });

/** A tone as the process sends it. */
const messages = (hertz: number, ms: number, peak = 10_000): readonly ArrayBuffer[] => {
  const { samples } = sine(hertz, ms, 16_000, peak);
  return Array.from({ length: Math.floor(samples.length / 320) }, (_, index) => {
    const view = new DataView(new ArrayBuffer(640));
    for (const [at, sample] of samples.subarray(index * 320, (index + 1) * 320).entries()) view.setInt16(at * 2, sample, true);
    return view.buffer;
  });
};

const silent = (): ArrayBuffer => new ArrayBuffer(640);
const nothing = new ArrayBuffer(0);

/** The next `ms` of a queue at 48 kHz, as a browser asks for them. */
const heard = (queue: ReturnType<typeof playQueue>, ms: number): Float32Array =>
  Float32Array.from(Array.from({ length: Math.round((ms * 48) / 128) }, () => {
    const output = new Float32Array(128).fill(9);
    queue.fill(output);
    return [...output];
  }).flat());

const isSilent = (part: Float32Array): boolean => part.every((sample) => sample === 0);

describe('sound at another rate, on the page', () => {
  it('is as high, as loud and as long, from any rate to any other, in pieces of any length', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rates), fc.constantFrom(...rates), fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }), (from, to, lengths) => {
        const sound = floatsOf(sine(1_000, 300, from).samples);
        const convert = resampler(from, to);
        const parts: Float32Array[] = [];
        for (let at = 0, turn = 0; at < sound.length; turn += 1) {
          const length = lengths[turn % lengths.length] ?? 1;
          parts.push(convert(sound.subarray(at, at + length)));
          at += length;
        }
        const result = pcmOf(to, parts);
        expect(result.samples.length).within(0.3 * to - 0.002 * to - 2, 0.3 * to + 2);
        const middle = { rate: to, samples: result.samples.subarray(Math.round(0.05 * to), Math.round(0.25 * to)) };
        expect(pitchOf(middle)).closeTo(1_000, 3);
        expect(levelOf(middle, 1_000)).closeTo(10_000, 100);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same however it is cut into pieces', () => {
    const sound = floatsOf(sine(700, 100, 48_000).samples);
    const whole = resampler(48_000, 16_000)(sound);
    const convert = resampler(48_000, 16_000);
    const pieces = Array.from({ length: Math.ceil(sound.length / 128) }, (_, index) => convert(sound.subarray(index * 128, (index + 1) * 128)));
    const joined = Float32Array.from(pieces.flatMap((piece) => [...piece]));
    expect(joined.length).equal(whole.length);
    expect(joined.every((sample, index) => Math.abs(sample - (whole[index] ?? 0)) < 0.001)).equal(true);
  });

  it('leaves out what the lower rate cannot carry', () => {
    const { samples } = pcmOf(16_000, [resampler(48_000, 16_000)(floatsOf(sine(11_000, 300, 48_000).samples))]);
    expect(levelOf({ rate: 16_000, samples: samples.subarray(200) }, 5_000)).below(30);
  });
});

describe('what the page hears next', () => {
  it('is held back until there are 60 ms of it, and is then heard without a gap', () => {
    const queue = playQueue(48_000);
    const [one, two, three, four, ...others] = messages(440, 400);
    for (const message of [one, two, three]) queue.take(message ?? nothing);
    expect(isSilent(heard(queue, 20))).equal(true);
    queue.take(four ?? nothing);
    const parts: Float32Array[] = [];
    for (const message of others) {
      parts.push(heard(queue, 20));
      queue.take(message);
    }
    const sound = pcmOf(48_000, parts);
    expect(pitchOf(sound)).closeTo(440, 1);
    expect(levelOf({ rate: 48_000, samples: sound.samples.subarray(480) }, 440)).closeTo(10_000, 200);
  });

  it('is silence where nothing has come, and sound again when it has; each time more of it is held back, up to a fifth of a second', () => {
    const queue = playQueue(48_000);
    const heldBack = (): number => {
      for (let count = 1; ; count += 1) {
        for (const message of messages(440, 20)) queue.take(message);
        if (!isSilent(heard(queue, 5))) return count * 20;
      }
    };
    const turns = Array.from({ length: 8 }, () => {
      const held = heldBack();
      heard(queue, 300);
      expect(isSilent(heard(queue, 100))).equal(true);
      return held;
    });
    // The first message of all is shorter by what is not known yet of what comes behind it.
    expect(turns).deep.equal([80, 100, 140, 180, 220, 220, 220, 220]);
  });

  it('is nothing of what the process has thrown away', () => {
    const queue = playQueue(48_000);
    for (const message of messages(440, 400)) queue.take(message);
    expect(isSilent(heard(queue, 50))).equal(false);
    queue.take(nothing);
    expect(isSilent(heard(queue, 20))).equal(true);
    for (let count = 0; count < 5; count += 1) queue.take(silent());
    expect(isSilent(heard(queue, 100))).equal(true);
    for (const message of messages(880, 400)) queue.take(message);
    heard(queue, 20);
    expect(pitchOf(pcmOf(48_000, [heard(queue, 300)]))).closeTo(880, 2);
  });

  it('is never far behind: what is too old is left out, and silence where there is too much of it', () => {
    const queue = playQueue(48_000);
    for (const message of messages(440, 10_000)) queue.take(message);
    let behind = 0;
    while (!isSilent(heard(queue, 8))) behind += 8;
    expect(behind).at.most(500);
    for (const message of messages(440, 300)) queue.take(message);
    for (let count = 0; count < 100; count += 1) queue.take(silent());
    let late = 0;
    while (!isSilent(heard(queue, 8))) late += 8;
    expect(late).within(280, 320);
    expect(isSilent(heard(queue, 100))).equal(true);
    for (const message of messages(880, 300)) queue.take(message);
    expect(isSilent(heard(queue, 60))).equal(false);
  });

  it('is not troubled by messages of any length', () => {
    const queue = playQueue(44_100);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.integer({ min: 1, max: 512 }), (bytes, length) => {
      queue.take(bytes.slice().buffer);
      const output = new Float32Array(length).fill(9);
      queue.fill(output);
      expect(output.every((sample) => Math.abs(sample) <= 1.5)).equal(true);
    }));
  });
});

describe('what the page sends of the microphone', () => {
  it('is 20 ms at 16 kHz in each message, whatever the rate of the browser', () => {
    for (const rate of rates) {
      const sent: ArrayBuffer[] = [];
      const write = frameWriter(rate, (message) => void sent.push(message));
      const sound = floatsOf(sine(600, 500, rate).samples);
      for (let at = 0; at < sound.length; at += 128) write(sound.subarray(at, at + 128));
      expect(sent.every(({ byteLength }) => byteLength === 640)).equal(true);
      expect(sent.length).within(24, 25);
      const samples = Int16Array.from(sent.flatMap((message) => Array.from({ length: 320 }, (_, index) => new DataView(message).getInt16(index * 2, true))));
      expect(pitchOf({ rate: 16_000, samples: samples.subarray(1_600) })).closeTo(600, 2);
      expect(levelOf({ rate: 16_000, samples: samples.subarray(1_600) }, 600)).closeTo(10_000, 100);
    }
  });

  it('is as loud as a message can say, where it is louder', () => {
    const sent: ArrayBuffer[] = [];
    const write = frameWriter(16_000, (message) => void sent.push(message));
    write(Float32Array.from({ length: 1_600 }, (_, index) => (index % 200 < 100 ? 3 : -3)));
    const samples = sent.flatMap((message) => Array.from({ length: 320 }, (_, index) => new DataView(message).getInt16(index * 2, true)));
    expect([Math.max(...samples), Math.min(...samples)]).deep.equal([32_767, -32_768]);
  });
});
