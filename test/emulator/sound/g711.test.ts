import { expect } from 'chai';
import { decodeAlaw } from '../../../src/emulator/sound/alaw.ts';
import { decodeMulaw, encodeMulaw } from '../../../src/emulator/sound/mulaw.ts';

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

describe('the eight bits of a telephone line', () => {
  it('say in µ-law what G.711 has them say', () => {
    expect([...decodeMulaw(Uint8Array.of(0xff, 0x7f, 0x80, 0x00, 0xf0, 0xef, 0x8f))]).deep.equal([0, 0, 32_124, -32_124, 120, 132, 16_764]);
    expect([...encodeMulaw(Int16Array.of(0, 32_767, -32_768, 8, -8, 1_000, -1_000))]).deep.equal([0xff, 0x80, 0x00, 0xfe, 0x7e, 0xce, 0x4e]);
  });

  it('are the same byte again once they have been a sample, but for the second zero', () => {
    const again = encodeMulaw(decodeMulaw(everyByte));
    expect([...again]).deep.equal([...everyByte].map((byte) => (byte === 0x7f ? 0xff : byte)));
  });

  it('lose no more than a segment is coarse', () => {
    for (let sample = -32_768; sample <= 32_767; sample += 7) {
      const [heard = 0] = decodeMulaw(encodeMulaw(Int16Array.of(sample)));
      const size = Math.min(32_635, Math.abs(sample));
      expect(Math.abs(heard - Math.sign(sample) * size), `${sample}`).most(4 + size / 30);
    }
  });

  it('say in A-law what G.711 has them say', () => {
    expect([...decodeAlaw(Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a, 0xd4, 0xc5, 0xf5, 0x85))]).deep.equal([8, -8, 32_256, -32_256, 24, 264, 528, 4_224]);
  });
});
