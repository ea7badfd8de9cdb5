/**
 * Sound-part — whether a part of the sound is there, as data.
 *
 * Leaf: imports nothing, so that the page for browsers can have it too.
 *
 * @module
 */

/** A part of the sound: whether it is there, else which packages it wants. */
export interface SoundPart {
  readonly ready: boolean;
  /** Names of npm packages that are not installed. */
  readonly missing: readonly string[];
  /** Why it does not work although they are, in a sentence. */
  readonly trouble?: string;
}
