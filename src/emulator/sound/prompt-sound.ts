/**
 * Prompt-sound — what a caller hears of a prompt: its texts spoken, its files played, its pauses.
 *
 * What cannot be heard as the bot means it is heard somehow all the same, and a remark says why.
 *
 * @module
 */
import type { PromptItem, TextPrompt } from '../../actions/index.ts';
import { heardOf } from '../ssml.ts';
import { audioFile, shownAddress } from './audio-file.ts';
import { joined, type Pcm, silence } from './pcm.ts';
import { interpreted, readAs } from './say-as.ts';
import { lostSound } from './tones.ts';
import { type Voice, voiceRate } from './voice.ts';

/** A prompt as sound. */
export interface SoundedPrompt {
  readonly pcm: Pcm;
  /** What is not as the bot means it, each a sentence for people. The same thing has the same sentence. */
  readonly remarks: readonly string[];
}

export interface PromptSoundOptions {
  /** Absent where there is none: a text is a silence then, as long as it would be spoken. */
  readonly voice?: Voice | undefined;
  /** How long it takes to say a text, ms. */
  readonly speechMs: (text: string) => number;
  /** How long a file may take to come, ms. */
  readonly fileTimeoutMs?: number;
}

/** Makes sound of one prompt after the other. */
export interface PromptSound {
  /** @throws the reason of `signal` when it aborts */
  (item: PromptItem, signal?: AbortSignal): Promise<SoundedPrompt>;
}

/** Samples a second of all prompts. */
export const promptRate = voiceRate;

const longestSilenceMs = 600_000;
const foreignRemark = 'The voice speaks English alone: what is written in another language is read in English sounds.';

export function promptSound({ voice, speechMs, fileTimeoutMs }: PromptSoundOptions): PromptSound {
  const sounded: PromptSound = async (item, signal) => {
    if ('text' in item) return spoken(item, signal);
    if ('silenceMs' in item) return { pcm: silence(Math.min(longestSilenceMs, item.silenceMs), promptRate), remarks: [] };
    if ('audio' in item) return played(item.audio, signal);
    return all('oneOf' in item ? (item.oneOf[0] ?? []) : withinSsml(item.ssml), signal);
  };

  async function all(items: readonly PromptItem[], signal: AbortSignal | undefined): Promise<SoundedPrompt> {
    const parts: SoundedPrompt[] = [];
    for (const item of items) parts.push(await sounded(item, signal));
    return { pcm: joined(parts.map(({ pcm }) => pcm), promptRate), remarks: [...new Set(parts.flatMap(({ remarks }) => remarks))] };
  }

  async function spoken({ text, sayAs, voice: gender, culture, language, emphasis }: TextPrompt, signal: AbortSignal | undefined): Promise<SoundedPrompt> {
    const words = sayAs === undefined ? text : readAs(text, sayAs);
    if (voice === undefined) return { pcm: silence(speechMs(words), promptRate), remarks: [] };
    const { pcm, isForeign, trouble } = await voice.speak(words, { gender, language: culture ?? language, emphasis }, signal);
    return { pcm, remarks: [...(isForeign ? [foreignRemark] : []), ...(trouble === undefined ? [] : [`A text was not said: ${trouble}. A short tone is heard in its place.`])] };
  }

  async function played(address: string, signal: AbortSignal | undefined): Promise<SoundedPrompt> {
    const file = await audioFile(address, { rate: promptRate, signal, ...(fileTimeoutMs !== undefined && { timeoutMs: fileTimeoutMs }) });
    if ('pcm' in file) return { pcm: file.pcm, remarks: [] };
    return { pcm: lostSound(promptRate), remarks: [`${shownAddress(address)} is not played: ${file.lost}. A short tone is heard in its place.`] };
  }

  return sounded;
}

/** What is heard of an SSML document; of one that is broken, its words without the tags. */
const withinSsml = (ssml: string): readonly PromptItem[] =>
  heardOf(ssml, interpreted).map((item) => ('ssml' in item ? { text: item.ssml.replace(/<[^>]*>?|>/g, ' ') } : item));
