/**
 * Speech — where in what a microphone hears somebody begins to speak, and where he has ended.
 *
 * It goes by loudness, measured against the background of the last two seconds, and by voice: what has a pitch is taken for speech
 * after 50 ms, what has none (a click, a cough, a rustle) only when it goes on for longer. Constant noise becomes background.
 *
 * Pure: its time is that of the samples which it is given, 16,000 a second, in portions of any size.
 *
 * @module
 */
import { loudness, type Pcm } from './pcm.ts';

/** What is told of a voice. Times are ms of sound since the first sample. */
export type SpeechEvent =
  /** Somebody speaks, since `atMs`. */
  | { readonly type: 'begins'; readonly atMs: number }
  /** He has ended: `atMs` is where the voice ended, before the silence. `voice` is all of it, with a little before it. */
  | { readonly type: 'ends'; readonly by: 'silence' | 'length'; readonly atMs: number; readonly voice: Pcm };

/** When speech is over. */
export interface SpeechEnd {
  /** The silence that ends it, ms. */
  readonly finalSilenceMs: number;
  /** It is ended when it has lasted for so long, ms. */
  readonly longestMs: number;
}

export interface SpeechDetector {
  /** Takes the next samples; what happens in them, in order. */
  hear(samples: Int16Array): readonly SpeechEvent[];
  /** From now on speech ends so: each question has its own pauses. */
  turn(end: Partial<SpeechEnd>): void;
}

/** The rate of the samples. */
export const speechRate = 16_000;

const usualEnd: SpeechEnd = { finalSilenceMs: 700, longestMs: 15_000 };

const frameMs = 10;
const frame = (speechRate * frameMs) / 1_000;
/** What is kept from before the first sound. */
const leadMs = 300;
/** The background is the quietest that it was in so many frames, each the mean of three: nobody speaks for so long without a pause. */
const backgroundFrames = 200;
/** At first it is learnt what the background is. */
const learningFrames = 30;
/** The faintest speech. */
const faintest = 120;
/** How much louder than the background speech begins, and goes on. */
const [beginsAbove, goesOnAbove] = [3, 2];
/** So many loud frames are speech if there is a voice in them, or else so many. */
const [framesWithVoice, framesWithout] = [5, 10];
/** Frames that are not loud in the middle of the beginning of speech. */
const mostGaps = 2;
/** How like itself a sound is after one turn of its pitch, if it is a voice. */
const alike = 0.55;
/** Pitches of voices, as samples between two turns at 8 kHz: 400 to 65 hertz. */
const [shortestTurn, longestTurn] = [20, 123];
/** The sound in which a pitch is looked for, at 8 kHz: 50 ms. */
const pitchWindow = 400;

export function speechDetector(end: Partial<SpeechEnd> = {}): SpeechDetector {
  let how = { ...usualEnd, ...end };
  let rest = new Int16Array(0);
  /** How many frames were heard. */
  let heard = 0;
  /** The frames of the last while, or of the speech that goes on. */
  let kept: Int16Array[] = [];
  const levels: number[] = [];
  const background: number[] = [];
  /** The run of loud frames that may become speech. */
  let run = { loud: 0, gaps: 0, begun: 0 };
  let speech: { readonly begun: number; lastLoud: number } | undefined;

  const forgetRun = (): void => void (run = { loud: 0, gaps: 0, begun: 0 });

  function take(one: Int16Array): SpeechEvent | undefined {
    const index = heard++;
    const level = loudness({ samples: one });
    const quietest = learnt(level);
    kept.push(one);
    if (speech !== undefined) return goOn(speech, index, level > Math.max(faintest * 0.8, quietest * goesOnAbove));
    if (kept.length > leadMs / frameMs + framesWithout + mostGaps) kept.shift();
    return begin(index, index >= learningFrames && level > Math.max(faintest, quietest * beginsAbove));
  }

  /** The background, now that a frame was so loud. */
  function learnt(level: number): number {
    levels.push(level);
    if (levels.length > 3) levels.shift();
    background.push(levels.reduce((sum, one) => sum + one, 0) / levels.length);
    if (background.length > backgroundFrames) background.shift();
    return Math.min(...background);
  }

  function begin(index: number, isLoud: boolean): SpeechEvent | undefined {
    if (!isLoud) {
      if (run.loud > 0 && ++run.gaps > mostGaps) forgetRun();
      return undefined;
    }
    if (run.loud === 0) run.begun = index;
    run.loud += 1;
    if (run.loud < framesWithVoice || (run.loud < framesWithout && !hasVoice(kept))) return undefined;
    speech = { begun: run.begun, lastLoud: index };
    forgetRun();
    const lead = Math.min(kept.length, index - speech.begun + 1 + leadMs / frameMs);
    kept = kept.slice(kept.length - lead);
    return { type: 'begins', atMs: speech.begun * frameMs };
  }

  function goOn(spoken: { readonly begun: number; lastLoud: number }, index: number, isLoud: boolean): SpeechEvent | undefined {
    if (isLoud) spoken.lastLoud = index;
    const isTooLong = (index + 1 - spoken.begun) * frameMs >= how.longestMs;
    if (!isTooLong && (index - spoken.lastLoud) * frameMs < how.finalSilenceMs) return undefined;
    const samples = new Int16Array(kept.length * frame);
    for (const [at, one] of kept.entries()) samples.set(one, at * frame);
    speech = undefined;
    kept = [];
    return { type: 'ends', by: isTooLong ? 'length' : 'silence', atMs: (spoken.lastLoud + 1) * frameMs, voice: { rate: speechRate, samples } };
  }

  return {
    hear(samples) {
      const all = new Int16Array(rest.length + samples.length);
      all.set(rest);
      all.set(samples, rest.length);
      const whole = Math.floor(all.length / frame);
      rest = all.slice(whole * frame);
      return Array.from({ length: whole }, (_, index) => take(all.subarray(index * frame, (index + 1) * frame))).filter((event) => event !== undefined);
    },
    turn(next) {
      how = { ...how, ...next };
    },
  };
}

/** Whether the last sound in `frames` has the pitch of a voice. */
function hasVoice(frames: readonly Int16Array[]): boolean {
  const sound = lastAt8Khz(frames);
  const mean = sound.reduce((sum, one) => sum + one, 0) / Math.max(1, sound.length);
  for (let turn = shortestTurn; turn <= Math.min(longestTurn, sound.length / 2); turn += 1) {
    let [product, before, after] = [0, 0, 0];
    for (let index = turn; index < sound.length; index += 1) {
      const [one, other] = [(sound[index] ?? 0) - mean, (sound[index - turn] ?? 0) - mean];
      product += one * other;
      before += other * other;
      after += one * one;
    }
    if (product > alike * Math.sqrt(before * after)) return true;
  }
  return false;
}

const lastAt8Khz = (frames: readonly Int16Array[]): Float64Array => {
  const needed = frames.slice(-Math.ceil((2 * pitchWindow) / frame));
  const samples = needed.flatMap((one) => Array.from({ length: frame / 2 }, (_, index) => ((one[2 * index] ?? 0) + (one[2 * index + 1] ?? 0)) / 2));
  return Float64Array.from(samples);
};
