/**
 * Tone — the sound of a caller who is not there: a quiet hum of the right length as a WAV file, 8 kHz, 16 bit, mono.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

const samplesPerSecond = 8_000;

/** A WAV file that lasts `lengthMs`. */
export function toneWav(lengthMs: number): Buffer {
  const samples = Math.round((lengthMs * samplesPerSecond) / 1000);
  const file = Buffer.alloc(44 + samples * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + samples * 2, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16); // length of the format
  file.writeUInt16LE(1, 20); // PCM
  file.writeUInt16LE(1, 22); // channels
  file.writeUInt32LE(samplesPerSecond, 24);
  file.writeUInt32LE(samplesPerSecond * 2, 28); // bytes a second
  file.writeUInt16LE(2, 32); // bytes a sample
  file.writeUInt16LE(16, 34); // bits a sample
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index++) {
    file.writeInt16LE(Math.round(2_000 * Math.sin((2 * Math.PI * 220 * index) / samplesPerSecond)), 44 + index * 2);
  }
  return file;
}
