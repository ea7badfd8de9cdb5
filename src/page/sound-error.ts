/**
 * Sound error — why there is no sound, as one of a few reasons.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/**
 * `refused`: the person, or the browser for him, keeps the microphone. `no-device`: there is none that can be used. `no-webrtc`: the browser
 * cannot do it. `no-network`: the machine has no address but its own, and browsers then talk by WebRTC to nobody, not even to it. `no-audio`: the
 * browser does not let a page make sound of its own.
 */
export type SoundFailure = 'refused' | 'no-device' | 'no-webrtc' | 'no-network' | 'no-audio' | 'failed';

/** Why there is no sound. */
export class SoundError extends Error {
  override readonly name = 'SoundError';
  readonly reason: SoundFailure;

  constructor(reason: SoundFailure, cause?: unknown) {
    super(`no sound: ${reason}`, { cause });
    this.reason = reason;
  }
}
