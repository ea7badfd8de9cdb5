/**
 * Call sound — microphone and loudspeaker of one call, while a page has them on it.
 *
 * @module
 */
import type { Headset, Spoken, Tape, Turn } from '../../emulator/index.ts';
import { openRtc, type RtcLeg } from '../../emulator/sound/rtc.ts';
import type { Sounding } from './sounding.ts';

/** The sound of one call. */
export interface CallSound extends Headset {
  /** A page is about to bring sound: what is to be heard waits for it, a while. */
  expect(): void;
  /** It does not. */
  forgo(): void;
  /** Told whether there is sound now. */
  onChange(listener: (isOn: boolean) => void): void;
  /** A page wants to hear and to be heard: the answer to its offer. Keys that come with the sound go to `onKeys`; `onTaken` is told when another page has it, or it was lost. */
  answer(offer: string, onKeys: (keys: string) => void, onTaken: () => void): Promise<string>;
  /** The file of the last recording. */
  recorded(): Uint8Array | undefined;
  close(): void;
}

/** How long a caller may take to allow the microphone, before he is talked to. */
const expectedMs = 12_000;
