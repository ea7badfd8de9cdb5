/** What is heard of a stream of packets. */
import { expect } from 'chai';
import fc from 'fast-check';
import { frameLength, frames } from '../../../src/emulator/sound/frames.ts';
import { doubled } from '../../../src/emulator/sound/wideband.ts';
import { levelOf, sine } from './hearing.ts';

const ofValue = (value: number, ms = 20) => () => new Int16Array(ms * 16).fill(value);

/** Every 20 ms by the loudest sample in them. */
function listening() {
  const heard: number[] = [];
  const stream = frames((frame) => {
    expect(frame.length).equal(frameLength);
    heard.push(Math.max(...frame));
  });
  return { stream, heard };
}

describe('what is heard', () => {
  it('is frames of 20 ms, whatever the length of the packets', () => {
    const { stream, heard } = listening();
    stream.sound(0xffff_ff00, 48_000, ofValue(1, 60));
    stream.sound((0xffff_ff00 + 60 * 48) >>> 0, 48_000, ofValue(2, 10));
    expect(heard).deep.equal([1, 1, 1]);
    stream.sound((0xffff_ff00 + 70 * 48) >>> 0, 48_000, ofValue(3, 10));
    expect(heard).deep.equal([1, 1, 1, 3]);
  });

  it('is silence where packets were lost', () => {
    const { stream, heard } = listening();
    stream.sound(0, 8_000, ofValue(1));
    stream.sound(4 * 160, 8_000, ofValue(5));
    expect(heard).deep.equal([1, 0, 0, 0, 5]);
  });

  it('is silence where a packet was broken', () => {
    const { stream, heard } = listening();
    stream.sound(0, 8_000, ofValue(1));
    stream.sound(160, 8_000, () => new Int16Array(0));
    stream.sound(320, 8_000, ofValue(3));
    expect(heard).deep.equal([1, 0, 3]);
  });

  it('has nothing of what came too late or twice, and does not decode it', () => {
    const { stream, heard } = listening();
    const never = () => expect.fail('it was decoded');
    stream.sound(320, 8_000, ofValue(1));
    stream.sound(320, 8_000, never);
    stream.sound(160, 8_000, never);
    stream.sound(480, 8_000, ofValue(2));
    expect(heard).deep.equal([1, 2]);
  });

  it('goes on as silence while nothing comes, and what was lost meanwhile is not silent twice', () => {
    const { stream, heard } = listening();
    stream.nothing();
    stream.sound(0, 8_000, ofValue(1));
    for (let count = 0; count < 3; count += 1) stream.nothing();
    stream.sound(5 * 160, 8_000, ofValue(2));
    expect(heard).deep.equal([1, 0, 0, 0, 0, 2]);
  });

  it('has what was only late behind the silence', () => {
    const { stream, heard } = listening();
    stream.sound(0, 8_000, ofValue(1));
    stream.nothing();
    stream.sound(160, 8_000, ofValue(2));
    stream.sound(320, 8_000, ofValue(3));
    expect(heard).deep.equal([1, 0, 2, 3]);
  });

  it('is not silent for hours when the clock of the stream is set anew, nor when another codec goes on', () => {
    const { stream, heard } = listening();
    stream.sound(0, 8_000, ofValue(1));
    stream.sound(2_000_000_000, 8_000, ofValue(2));
    stream.sound(17, 48_000, ofValue(3));
    expect(heard).deep.equal([1, 2, 3]);
  });

  it('is as long as the stream, whatever is lost of it', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (lost) => {
        const { stream, heard } = listening();
        stream.sound(0, 48_000, ofValue(1));
        let run = 0;
        for (const [index, isLost] of [...lost, false].entries()) {
          run = isLost ? run + 1 : 0;
          fc.pre(run < 90);
          if (!isLost) stream.sound((index + 1) * 960, 48_000, ofValue(1));
        }
        expect(heard.length).equal(lost.length + 2);
        expect(heard.filter((level) => level === 0).length).equal(lost.filter(Boolean).length);
      }),
    );
  });

  it('keeps the height of a tone of a telephone, across the seams of the packets', () => {
    const tone = sine(440, 400, 8_000).samples;
    const up = doubled();
    const samples = Int16Array.from(Array.from({ length: tone.length / 160 }, (_, index) => [...up(tone.subarray(index * 160, index * 160 + 160))]).flat());
    expect(levelOf({ rate: 16_000, samples }, 440)).closeTo(10_000, 200);
    expect(samples.every((sample, index) => Math.abs(sample - (samples[index - 1] ?? 0)) < 2_000)).equal(true);
  });
});
