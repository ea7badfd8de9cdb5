/**
 * Sounding — what there is of sound in the phone process: a voice and a recogniser, each if its packages are installed, and lines to browsers, which
 * go by WebRTC if its packages are.
 *
 * @module
 */
import { installCommand, readyPart } from '../../emulator/sound/parts.ts';
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
  const [spoken, heard, rtc] = await Promise.all([openVoice(), openRecogniser(), rtcPart()]);
  const { voice } = spoken;
  const { recogniser } = heard;
  const install = installCommand([spoken.part, heard.part]);
  return {
    offer: { voice: spoken.part, recogniser: heard.part, line: readyPart, webrtc: rtc.ready, ...(install !== undefined && { install }) },
    ...(voice !== undefined && { voice }),
    ...(recogniser !== undefined && { recogniser }),
    close: async () => void (await Promise.all([voice?.close(), recogniser?.close()])),
  };
};
