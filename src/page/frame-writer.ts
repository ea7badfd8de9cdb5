/**
 * Frame writer — the sound of a microphone as the messages that the process takes: 20 ms each, 320 samples at 16 kHz.
 *
 * Pure.
 *
 * @module
 */
import { resampler } from './resampler.ts';

const messageRate = 16_000;
const messageLength = 320;

/** Takes sound of `rate` samples a second in pieces of any length, and gives `send` each message. */
export function frameWriter(rate: number, send: (message: ArrayBuffer) => void): (piece: Float32Array) => void {
  const fitting = resampler(rate, messageRate);
  let message = new DataView(new ArrayBuffer(messageLength * 2));
  let filled = 0;
  return (piece) => {
    for (const sample of fitting(piece)) {
      message.setInt16(filled * 2, Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))), true);
      filled += 1;
      if (filled < messageLength) continue;
      send(message.buffer);
      [message, filled] = [new DataView(new ArrayBuffer(messageLength * 2)), 0];
    }
  };
}
