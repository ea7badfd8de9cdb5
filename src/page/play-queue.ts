/**
 * Play queue — what has come from the process and was not heard yet. It holds a little back, so that a message which is late leaves no gap.
 *
 * Pure.
 *
 * @module
 */
import { resampler } from './resampler.ts';

export interface PlayQueue {
  /** A message of the process: 20 ms of sound. One without any bytes: nothing of what was not heard yet is to be heard. */
  take(message: ArrayBuffer): void;
  /** Fills `output` with what is heard next. */
  fill(output: Float32Array): void;
}

/** The rate of messages. */
const messageRate = 16_000;
/** So much is held back before anything is heard; so much more whenever that was too little, up to so much. */
const [firstBackMs, moreBackMs, mostBackMs] = [60, 40, 220];
/** More is not held: what is older is left out. */
const mostMs = 500;

/** For a loudspeaker of `rate` samples a second. */
export function playQueue(rate: number): PlayQueue {
  const ticks = (ms: number): number => (ms * rate) / 1_000;
  const most = ticks(mostMs);
  let back = ticks(firstBackMs);
  let pieces: Float32Array[] = [];
  let queued = 0;
  let isPlaying = false;
  let fitting = resampler(messageRate, rate);

  /** The next samples, `length` at most. */
  function next(length: number): Float32Array | undefined {
    const [piece] = pieces;
    if (piece === undefined) return undefined;
    const part = piece.subarray(0, length);
    if (part.length === piece.length) pieces.shift();
    else pieces[0] = piece.subarray(length);
    queued -= part.length;
    return part;
  }

  return {
    take(message) {
      if (message.byteLength === 0) {
        [pieces, queued, isPlaying, fitting] = [[], 0, false, resampler(messageRate, rate)];
        return;
      }
      const sound = samplesOf(message);
      // Where more is held back than has to be, that is made good in the next silence.
      if (queued > back && sound.every((sample) => sample === 0)) return;
      const piece = fitting(sound);
      pieces.push(piece);
      queued += piece.length;
      if (queued <= most) return;
      while (queued > back) next(Math.ceil(queued - back));
    },
    fill(output) {
      isPlaying ||= queued >= back;
      let at = 0;
      while (isPlaying && at < output.length) {
        const part = next(output.length - at);
        isPlaying = part !== undefined;
        if (!isPlaying) back = Math.min(ticks(mostBackMs), back + ticks(moreBackMs));
        output.set(part ?? [], at);
        at += part?.length ?? 0;
      }
      output.fill(0, at);
    },
  };
}

function samplesOf(message: ArrayBuffer): Float32Array {
  const view = new DataView(message);
  return Float32Array.from({ length: message.byteLength >> 1 }, (_, index) => view.getInt16(index * 2, true) / 32_768);
}
