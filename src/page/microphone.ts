/**
 * Microphone — the person's, opened: how loud it is, and whether it is muted.
 *
 * Of browsers' own things alone.
 *
 * @module
 */
import { SoundError } from './sound-error.ts';

/** A microphone that is open, until it is closed. */
export interface Microphone {
  readonly stream: MediaStream;
  mute(on: boolean): void;
  /** How loud it is just now, 0 to 1. */
  level(): number;
  close(): void;
}

/** Asks the person for it. @throws a {@link SoundError} */
export async function openMicrophone(): Promise<Microphone> {
  const stream = await asked();
  const meter = meterOf(stream);
  return {
    stream,
    mute(on) {
      for (const track of stream.getAudioTracks()) track.enabled = !on;
    },
    level: meter.level,
    close() {
      meter.close();
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

async function asked(): Promise<MediaStream> {
  const { mediaDevices } = navigator as { readonly mediaDevices?: MediaDevices };
  if (mediaDevices === undefined) throw new SoundError('no-device');
  try {
    return await mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, channelCount: 1 } });
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : '';
    if (name === 'NotAllowedError' || name === 'SecurityError') throw new SoundError('refused', cause);
    if (name === 'NotFoundError' || name === 'NotReadableError' || name === 'OverconstrainedError') throw new SoundError('no-device', cause);
    throw new SoundError('failed', cause);
  }
}

function meterOf(stream: MediaStream): Pick<Microphone, 'level' | 'close'> {
  const context = new AudioContext();
  void context.resume().catch(() => {});
  const analyser = new AnalyserNode(context, { fftSize: 512 });
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    level() {
      analyser.getFloatTimeDomainData(samples);
      return Math.min(1, Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length));
    },
    close: () => void context.close().catch(() => {}),
  };
}
