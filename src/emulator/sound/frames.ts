/**
 * Frames — what is heard of a stream, as frames of 20 ms at 16 kHz without a gap: what was lost is silence.
 *
 * Where nothing comes at all, whoever keeps the time says so, and there is silence at the pace of the clock; sound that was only late comes
 * behind it.
 *
 * Pure.
 *
 * @module
 */

/** The rate of the frames. */
export const frameRate = 16_000;
/** Samples of a frame. */
export const frameLength = 320;

/** A stream of sound, as it is heard. */
export interface Frames {
  /** Sound that begins at `timestamp` of a clock with so many ticks a second. `decode` gives it at 16 kHz; it is not asked for what is too late. */
  sound(timestamp: number, ticks: number, decode: () => Int16Array): void;
  /** For 20 ms nothing has come. */
  nothing(): void;
}

/** A gap that is longer is no loss: the clock of the stream was set anew. */
const longestGapSeconds = 2;

/** Gives `heard` each frame. It may keep it. */
export function frames(heard: (frame: Int16Array) => void): Frames {
  let frame = new Int16Array(frameLength);
  let filled = 0;
  /** Where the stream goes on, in ticks of its clock. */
  let next: { readonly timestamp: number; readonly ticks: number } | undefined;
  /** So many samples of silence were given before it was known whether the sound was lost or late. */
  let lent = 0;

  function add(samples: Int16Array): void {
    let at = 0;
    while (at < samples.length) {
      const part = samples.subarray(at, at + frameLength - filled);
      frame.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < frameLength) return;
      const full = frame;
      [frame, filled] = [new Int16Array(frameLength), 0];
      heard(full);
    }
  }

  return {
    sound(timestamp, ticks, decode) {
      const gap = next?.ticks === ticks ? (timestamp - next.timestamp) | 0 : 0;
      const isSetAnew = Math.abs(gap) > longestGapSeconds * ticks;
      if (gap < 0 && !isSetAnew) return;
      if (!isSetAnew) add(new Int16Array(Math.max(0, Math.round((gap * frameRate) / ticks) - lent)));
      lent = 0;
      const samples = decode();
      add(samples);
      next = { timestamp: (timestamp + Math.round((samples.length * ticks) / frameRate)) >>> 0, ticks };
    },
    nothing() {
      if (next === undefined) return;
      lent += frameLength;
      add(new Int16Array(frameLength));
    },
  };
}
