/**
 * Downlink — what plays for a browser, as packets of 20 ms: a sound, or silence where there is none.
 *
 * Without timers of its own: whoever has the clock asks for the next packet when it is due.
 *
 * @module
 */
import { encodeMulaw } from './mulaw.ts';
import { packetMs } from './pace.ts';
import { type Pcm, resampled, samplesIn } from './pcm.ts';

export type PlayEnd = 'played' | 'cut';

export interface Downlink {
  /** Plays `pcm` instead of what plays. `signal` cuts it: the next packet is silent. */
  play(pcm: Pcm, signal?: AbortSignal): Promise<PlayEnd>;
  /** The packet that is due. What was played to its end is told of one packet later, when the end is heard. */
  next(): Buffer;
  /** Cuts what plays; nothing will play any more. */
  close(): void;
}

/** How sound is written in packets. */
export interface Coding {
  /** Samples a second. */
  readonly rate: number;
  /** Bytes of a sample. */
  readonly width: number;
  /** What each byte is where nothing is to be heard. */
  readonly silent: number;
  readonly encode: (samples: Int16Array) => Uint8Array;
}

/** The rate of PCMU, and of the clock of its packets. */
export const pcmuRate = 8_000;
/** Samples of a packet of it, one byte each. */
export const packetLength = samplesIn(packetMs, pcmuRate);

const pcmu: Coding = { rate: pcmuRate, width: 1, silent: 0xff, encode: encodeMulaw };
/** So many silent packets go before the first sound: by then the browser loses nothing of it. */
const lead = 5;

interface Playing {
  readonly bytes: Uint8Array;
  at: number;
  end(how: PlayEnd): void;
}

/** PCMU, unless it is written otherwise. */
export function downlink({ rate, width, silent: quiet, encode }: Coding = pcmu): Downlink {
  const length = samplesIn(packetMs, rate) * width;
  const silent = Buffer.alloc(length, quiet);
  let playing: Playing | undefined;
  let packets = 0;
  let isClosed = false;
  return {
    play: (pcm, signal) =>
      new Promise((resolve) => {
        playing?.end('cut');
        if (isClosed || signal?.aborted === true) return resolve('cut');
        if (pcm.samples.length === 0) return resolve('played');
        const cut = () => mine.end('cut');
        const mine: Playing = {
          bytes: encode(resampled(pcm, rate).samples),
          at: 0,
          end(how) {
            signal?.removeEventListener('abort', cut);
            playing = undefined;
            resolve(how);
          },
        };
        signal?.addEventListener('abort', cut, { once: true });
        playing = mine;
      }),
    next() {
      packets += 1;
      if (playing !== undefined && playing.at >= playing.bytes.length) playing.end('played');
      if (playing === undefined || packets <= lead) return silent;
      const part = playing.bytes.subarray(playing.at, playing.at + length);
      playing.at += length;
      return Buffer.concat([part, silent], length);
    },
    close() {
      isClosed = true;
      playing?.end('cut');
    },
  };
}
