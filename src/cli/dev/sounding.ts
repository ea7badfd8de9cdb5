/**
 * Sounding — what there is of sound in the phone process: a voice, a recogniser and lines to browsers, each if its packages are installed.
 *
 * @module
 */
import { installCommand, type SoundPart } from '../../emulator/sound/parts.ts';
import { openRecogniser, type Recogniser } from '../../emulator/sound/recogniser.ts';
import { rtcPart } from '../../emulator/sound/rtc.ts';
import { openVoice, type Voice } from '../../emulator/sound/voice.ts';
import type { SoundOffer } from '../../page/protocol.ts';

/** Voice and recogniser, where they are there. */
export interface Sounding {
  /** As pages are told of it. */
  readonly offer: SoundOffer;
  readonly voice?: Voice;
  readonly recogniser?: Recogniser;
  close(): Promise<void>;
}

/** Opens what is installed. Never rejects: what is missing is said in the offer. */
export const openSounding = async (): Promise<Sounding> => {
  const [spoken, heard, line] = await Promise.all([openVoice(), openRecogniser(), rtcPart()]);
  const { voice } = spoken;
  const { recogniser } = heard;
  const parts: readonly SoundPart[] = [spoken.part, heard.part, line];
  const install = installCommand(parts);
  return {
    offer: { voice: spoken.part, recogniser: heard.part, line, ...(install !== undefined && { install }) },
    ...(voice !== undefined && { voice }),
    ...(recogniser !== undefined && { recogniser }),
    close: async () => void (await Promise.all([voice?.close(), recogniser?.close()])),
  };
};
