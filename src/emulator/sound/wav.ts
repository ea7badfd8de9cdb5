/**
 * Wav — sound as a WAV file (RIFF), and what is sound in one.
 *
 * Read are whole numbers of 8, 16, 24 and 32 bits, the µ-law and the A-law, of any number of channels, which become one.
 *
 * @module
 */
import { decodeAlaw } from './alaw.ts';
import { decodeMulaw } from './mulaw.ts';
import { clipped, type Pcm } from './pcm.ts';

/** The ways of writing samples down that are understood, by their numbers in a file. */
const pcmTag = 1;
const alawTag = 6;
const mulawTag = 7;
/** The way stands further back, in a longer description. */
const extensibleTag = 0xfffe;

const headerLength = 44;
const mostChannels = 64;
const [lowestRate, highestRate] = [1_000, 384_000];

/** A file with 16 bits a sample. */
export function toWav({ rate, samples }: Pcm): Buffer {
  const file = Buffer.alloc(headerLength + samples.length * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16); // length of the format
  file.writeUInt16LE(pcmTag, 20);
  file.writeUInt16LE(1, 22); // channels
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28); // bytes a second
  file.writeUInt16LE(2, 32); // bytes a sample
  file.writeUInt16LE(16, 34); // bits a sample
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.length * 2, 40);
  for (const [index, sample] of samples.entries()) file.writeInt16LE(sample, headerLength + index * 2);
  return file;
}

/** The sound in `bytes`; undefined where they are no such file, or one in a way that is not understood. */
export function fromWav(bytes: Uint8Array): Pcm | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  const chunks = chunksOf(file);
  const format = formatIn(chunks.get('fmt '));
  const data = chunks.get('data');
  if (format === undefined || data === undefined) return undefined;
  const samples = samplesIn(data, format);
  return samples && { rate: format.rate, samples: oneChannel(samples, format.channels) };
}

interface Format {
  readonly tag: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

/** What the file is made of: the first of each name. The last one may be cut off, and one that was written as it came does not know its length. */
function chunksOf(file: Buffer): ReadonlyMap<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    if (!chunks.has(name)) chunks.set(name, file.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length % 2);
  }
  return chunks;
}

function formatIn(chunk: Buffer | undefined): Format | undefined {
  if (chunk === undefined || chunk.length < 16) return undefined;
  const said = chunk.readUInt16LE(0);
  const tag = said === extensibleTag && chunk.length >= 26 ? chunk.readUInt16LE(24) : said;
  const format = { tag, channels: chunk.readUInt16LE(2), rate: chunk.readUInt32LE(4), bits: chunk.readUInt16LE(14) };
  const isSound = format.channels >= 1 && format.channels <= mostChannels && format.rate >= lowestRate && format.rate <= highestRate;
  return isSound ? format : undefined;
}

/** The samples of all channels, one after the other as they stand there. */
function samplesIn(data: Buffer, { tag, bits }: Format): Int16Array | undefined {
  if (tag === mulawTag && bits === 8) return decodeMulaw(data);
  if (tag === alawTag && bits === 8) return decodeAlaw(data);
  if (tag !== pcmTag || ![8, 16, 24, 32].includes(bits)) return undefined;
  const size = bits / 8;
  // The two upper bytes of a sample are all that is kept; those of one byte alone know no sign.
  return Int16Array.from({ length: Math.floor(data.length / size) }, (_, index) => (size === 1 ? ((data[index] ?? 128) - 128) * 256 : data.readInt16LE(index * size + size - 2)));
}

function oneChannel(samples: Int16Array, channels: number): Int16Array {
  if (channels === 1) return samples;
  return Int16Array.from({ length: Math.floor(samples.length / channels) }, (_, frame) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += samples[frame * channels + channel] ?? 0;
    return clipped(sum / channels);
  });
}
