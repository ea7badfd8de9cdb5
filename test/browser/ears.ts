/**
 * Ears — what is heard of a page by whoever sits in front of it; and a microphone that says something.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { joined, silence } from '../../src/emulator/sound/pcm.ts';
import { openVoice } from '../../src/emulator/sound/voice.ts';
import { toWav } from '../../src/emulator/sound/wav.ts';

interface Heard {
  /** When something was last to be heard, by the page's clock. */
  readonly loudAt: number;
}

/** Listens to all sound that comes to the page, by WebRTC or by the page's own socket; not to the tones of its keys. */
export const ears = `
window.loudAt = 0;
window.quietest = 0.004;
window.peers = 0;
{
  const attach = AudioNode.prototype.connect;
  const listen = (source, context) => {
    const analyser = new AnalyserNode(context, { fftSize: 512 });
    attach.call(source, analyser);
    const samples = new Float32Array(512);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      if (Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length) > window.quietest) window.loudAt = performance.now();
    }, 5);
  };
  AudioNode.prototype.connect = function (target, ...more) {
    if (this instanceof AudioWorkletNode && target === this.context.destination) listen(this, this.context);
    return attach.call(this, target, ...more);
  };
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...options) {
      super(...options);
      window.peers += 1;
      this.addEventListener('track', ({ track }) => {
        const context = new AudioContext();
        listen(context.createMediaStreamSource(new MediaStream([track])), context);
      });
    }
  };
}
`;

/** Something was heard since `since` of the page's clock. */
export const hears = (page: Page, since: number): Promise<unknown> => page.waitForFunction((from) => (globalThis as unknown as Heard).loudAt > from, since);

/** When something was last to be heard. */
export const loudAt = (page: Page): Promise<number> => page.evaluate(() => (globalThis as unknown as Heard).loudAt);

export const now = (page: Page): Promise<number> => page.evaluate(() => performance.now());

/** A file for the microphone of a browser, which hears what was last put into it: Chromium reads it whenever somebody begins to listen. */
export interface Microphone {
  readonly file: string;
  /** It hears nothing: without a file, what Chromium takes for a microphone beeps, which is a voice as good as any. */
  isQuiet(): void;
  /** It hears `words` after `ms`, once in `everyMs`. */
  hears(words: string, ms: number, everyMs: number): Promise<void>;
}

/** A microphone whose file is in `folder`; it hears nothing at first. */
export function microphoneIn(folder: string): Microphone {
  const file = join(folder, 'microphone.wav');
  const isQuiet = (): void => writeFileSync(file, toWav(silence(1_000, 16_000)));
  isQuiet();
  return {
    file, isQuiet,
    hears: async (words, ms, everyMs) => {
      const { voice } = await openVoice();
      if (voice === undefined) throw new Error('the voice is not installed');
      const { pcm } = await voice.speak(words, { speaker: 'rms' });
      await voice.close();
      writeFileSync(file, toWav(joined([silence(ms, pcm.rate), pcm, silence(Math.max(0, everyMs - ms), pcm.rate)], pcm.rate)));
    },
  };
}
