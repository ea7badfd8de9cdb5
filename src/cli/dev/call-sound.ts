/**
 * Call sound — microphone and loudspeaker of one call, while a page has them on it.
 *
 * @module
 */
import type { Headset } from '../../emulator/index.ts';

/** The sound of one call. */
export interface CallSound extends Headset {
  /** Told whether there is sound now. */
  onChange(listener: (isOn: boolean) => void): void;
  /** A page wants to be heard and to hear: the answer to its offer. Keys that come with the sound go to `onKeys`. */
  answer(offer: string, onKeys: (keys: string) => void): Promise<string>;
  /** The file of the last recording. */
  recorded(): Uint8Array | undefined;
  close(): void;
}

export const silentSound = (): CallSound => ({ play: () => undefined, tape: () => undefined, listen: () => {}, onChange: () => {}, answer: async () => '', recorded: () => undefined, close: () => {} });
