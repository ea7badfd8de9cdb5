import { expect } from 'chai';
import { toneWav } from '../../src/emulator/tone.ts';

describe('the sound of a caller who is not there', () => {
  it('is a WAV file of the right length', () => {
    const file = toneWav(1_500);
    expect(file.length).equal(44 + 1.5 * 16_000);
    expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16)).equal('RIFFWAVEfmt ');
    expect(file.readUInt32LE(4)).equal(file.length - 8);
    expect([file.readUInt16LE(20), file.readUInt16LE(22), file.readUInt32LE(24), file.readUInt32LE(28), file.readUInt16LE(34)]).deep.equal([1, 1, 8_000, 16_000, 16]);
    expect(file.readUInt32LE(40)).equal(24_000);
    expect(file.subarray(44).some((byte) => byte !== 0)).equal(true);
  });

  it('is a file all the same when it has no length', () => {
    expect(toneWav(0).length).equal(44);
  });
});
