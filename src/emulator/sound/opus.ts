/**
 * Opus — what a browser's microphone sends, decoded: `opus-decoder`, an optional peer that is loaded when a leg is opened.
 *
 * The only file that knows the package.
 *
 * @module
 */
import { frameRate } from './frames.ts';
import { clipped } from './pcm.ts';

/** Decodes one stream; each packet tells of what was before it. */
export interface OpusDecoding {
  /** The sound of a packet, 16 kHz, mono. Of one that is broken there is none, nor once it is closed. */
  decode(packet: Uint8Array): Int16Array;
  close(): void;
}

/** The package, as it is loaded. */
export const loadOpus = async (): Promise<() => Promise<OpusDecoding>> => {
  const { OpusDecoder } = await import('opus-decoder');
  return async () => {
    const decoder = new OpusDecoder({ sampleRate: frameRate, channels: 1 });
    await decoder.ready;
    let isClosed = false;
    return {
      decode: (packet) => (isClosed ? new Int16Array(0) : quietly(() => Int16Array.from(decoder.decodeFrame(packet).channelData[0] ?? [], (value) => clipped(value * 32_768)))),
      close() {
        isClosed = true;
        decoder.free();
      },
    };
  };
};

/** The longest packet that the package has room for is far longer than any that travels. What it makes of a broken one it prints, and that is nobody's. */
function quietly(decode: () => Int16Array): Int16Array {
  const { error } = console;
  console.error = () => {};
  try {
    return decode();
  } catch {
    return new Int16Array(0);
  } finally {
    console.error = error;
  }
}
