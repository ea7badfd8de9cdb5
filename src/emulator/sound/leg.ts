/**
 * Leg — microphone and loudspeaker of a browser on a call, by whichever way the sound travels.
 *
 * Types alone.
 *
 * @module
 */
import type { DtmfKey } from '../../actions/index.ts';
import type { Downlink } from './downlink.ts';

/** Microphone and loudspeaker of a browser. */
export interface SoundLeg {
  /** Whether sound can travel: told once. It cannot where the browser has not come in time, or the leg was closed before. */
  readonly connected: Promise<boolean>;
  /** Aborts when the browser has gone away, or has not come. Then the leg is closed. Not when somebody closes it. */
  readonly gone: AbortSignal;
  /**
   * Plays `pcm`, once the browser is there. What plays is cut by `signal`, by the next that is to be played and by the end of the leg; what is
   * under way by then is the sound of one packet, 20 ms.
   */
  readonly play: Downlink['play'];
  /** Lets go of it. Never rejects. */
  close(): Promise<void>;
}

/** Who hears what comes from the browser. */
export interface LegListener {
  /** 20 ms of the microphone: 320 samples at 16 kHz, without a gap. */
  onSound?(frame: Int16Array): void;
  /** A key, once. */
  onKey?(key: DtmfKey): void;
}
