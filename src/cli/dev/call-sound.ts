/**
 * Call sound — microphone and loudspeaker of one call, while a page has them on it.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CallerAct, Headset, Spoken, Tape, Turn } from '../../emulator/index.ts';
import { estimateSpeechMs } from '../../emulator/operations.ts';
import type { SoundLeg } from '../../emulator/sound/leg.ts';
import { joined, lengthMs, type Pcm, samplesIn } from '../../emulator/sound/pcm.ts';
import { promptRate, promptSound } from '../../emulator/sound/prompt-sound.ts';
import { openRtc } from '../../emulator/sound/rtc.ts';
import { openSocketLeg, type SoundSocket } from '../../emulator/sound/socket-leg.ts';
import { speechDetector, speechRate } from '../../emulator/sound/speech.ts';
import { beep } from '../../emulator/sound/tones.ts';
import { toWav } from '../../emulator/sound/wav.ts';
import type { Sounding } from './sounding.ts';

/** The sound of one call. */
export interface CallSound extends Headset {
  /** A page is about to bring sound: what is to be heard waits for it, a while. */
  expect(): void;
  /** It does not. */
  forgo(): void;
  /** A page wants to hear and to be heard, by WebRTC: the answer to its offer. It takes the place of the one that has the sound. */
  answer(offer: string, browser: Browser): Promise<string>;
  /** The same by a WebSocket of its own, which has no keys. */
  connect(socket: SoundSocket, browser: Pick<Browser, 'onGone'>): void;
  /** The file of the last recording, once. */
  recorded(): Uint8Array | undefined;
  close(): void;
}

/** The page that has the sound. */
export interface Browser {
  /** A key came with the sound. */
  readonly onKey: (key: string) => void;
  /** Another page has the sound now, or it was lost. */
  readonly onGone: () => void;
}

/** What is told of the sound. */
export interface SoundWatch {
  /** Whether there is some now. */
  readonly onChange: (isOn: boolean) => void;
  /** Something is not heard as the bot means it: why, in a sentence. Each is told once a call. */
  readonly onRemark: (sentence: string) => void;
}

/** How long a person may take to allow the microphone, before he is talked to, ms. */
const expectedMs = 12_000;
/** After so much silence an answer is over, ms. */
const answerSilenceMs = 800;
const longestAnswerMs = 15_000;
/** A microphone that has sent nothing for so long is none, ms. */
const deafMs = 1_000;
/** Who still speaks so long after the beep has begun his message before it; who has ended by then has not begun it, ms. */
const overlapMs = 600;
const longestTapeMs = 20 * 60_000;

/** Somebody who speaks. */
interface Utterance {
  /** Whose turn he took; nobody's as long as it was none. */
  turn?: Turn;
  readonly said: (spoken: Spoken) => void;
  readonly words: Promise<Spoken>;
}

/** Whoever listens. */
interface Listening {
  readonly turn: Turn;
  readonly speaks: (act: CallerAct) => void;
}

export const callSound = ({ voice, recogniser }: Pick<Sounding, 'voice' | 'recogniser'>, { onChange, onRemark }: SoundWatch): CallSound => {
  const prompts = promptSound({ voice, speechMs: estimateSpeechMs });
  const detector = speechDetector({ finalSilenceMs: answerSilenceMs, longestMs: longestAnswerMs });
  const remarked = new Set<string>();
  const closing = new AbortController();
  let line: { readonly leg: SoundLeg; readonly browser: Pick<Browser, 'onGone'> } | undefined;
  let expected: Promise<void> | undefined;
  let settle = (): void => {};
  let heardAt = -Infinity;
  let listening: Listening | undefined;
  let utterance: Utterance | undefined;
  let taped: Int16Array[] | undefined;
  let file: Uint8Array | undefined;

  const remark = (sentence: string): void => {
    if (remarked.has(sentence)) return;
    remarked.add(sentence);
    onRemark(sentence);
  };

  /** The line is given up; its page is told unless it is that page which gives it up. */
  const drop = (gone: typeof line): void => {
    if (gone === undefined || gone !== line) return;
    line = undefined;
    utterance?.said({ words: undefined });
    utterance = undefined;
    gone.browser.onGone();
    void gone.leg.close();
    onChange(false);
  };

  /** `leg` has the sound from now on. */
  const have = (leg: SoundLeg, browser: Pick<Browser, 'onGone'>): void => {
    drop(line);
    const own = { leg, browser };
    line = own;
    leg.gone.addEventListener('abort', () => drop(own), { once: true });
    void leg.connected.then((isConnected) => {
      if (isConnected && line === own) onChange(true);
      if (!isConnected) drop(own);
      settle();
    });
  };

  const sound = async (item: Parameters<Headset['play']>[0], stop: AbortSignal): Promise<Pcm> => {
    if (item === 'beep') return beep(promptRate);
    const { pcm, remarks } = await prompts(item, stop);
    for (const one of remarks) remark(one);
    return pcm;
  };

  /** Plays `item`, once a page that was expected is there; to nobody it takes as long. */
  const play = async (item: Parameters<Headset['play']>[0], stop: AbortSignal): Promise<void> => {
    try {
      const [pcm] = await Promise.all([sound(item, stop), expected]);
      if (stop.aborted) return;
      if (line === undefined) await delay(lengthMs(pcm), undefined, { signal: stop });
      else await line.leg.play(pcm, stop);
    } catch (error) {
      if (!stop.aborted) remark(`A prompt was not played: ${error instanceof Error ? error.message : 'it does not say why'}.`);
    }
  };

  const heard = (frame: Int16Array): void => {
    heardAt = performance.now();
    if (taped !== undefined && taped.length < (longestTapeMs / 1_000) * (speechRate / frame.length)) taped.push(frame);
    for (const event of detector.hear(frame)) {
      if (event.type === 'begins') {
        utterance = newUtterance();
        claim();
      } else {
        const spoken = utterance;
        utterance = undefined;
        if (spoken?.turn !== undefined) void understood(spoken.turn, event.voice).then((words) => spoken.said({ words }));
      }
    }
  };

  /** Whoever speaks takes the turn that is open, if none has been taken by what he says. */
  const claim = (): void => {
    if (utterance === undefined || utterance.turn !== undefined || listening === undefined || !takesWords(listening.turn)) return;
    utterance.turn = listening.turn;
    listening.speaks({ speaks: utterance.words });
  };

  const understood = async (turn: Turn, spoken: Pcm): Promise<string | undefined> => {
    if (turn.kind === 'record' || turn.signal.aborted) return undefined;
    if (turn.request.speech === true && turn.hints === undefined) remark('What may be said freely is not recognised here: type it.');
    if (recogniser === undefined) {
      remark('Nothing recognises words here: type what you say.');
      return undefined;
    }
    try {
      const { phrase, unknown, trouble } = await recogniser.recognise(spoken, phrasesOf(turn), turn.signal);
      if (unknown.length > 0) remark(`The recogniser does not know how these words sound: ${unknown.join(', ')}. Type them, or press a key.`);
      if (trouble !== undefined) remark(`What was said was not recognised: ${trouble}.`);
      return phrase;
    } catch (error) {
      if (!turn.signal.aborted) throw error;
      return undefined;
    }
  };

  const tape = (): Tape | undefined => {
    if (performance.now() - heardAt > deafMs) return undefined;
    const frames: Int16Array[] = [];
    taped = frames;
    return {
      cut: (ms) => {
        if (taped === frames) taped = undefined;
        const { samples } = joined(frames.map((frame) => ({ rate: speechRate, samples: frame })), speechRate);
        file = toWav({ rate: speechRate, samples: samples.subarray(0, samplesIn(ms, speechRate)) });
        return file;
      },
    };
  };

  return {
    play: (item, stop) => (line === undefined && expected === undefined ? undefined : play(item, stop)),
    tape,
    listen: (turn, speaks) => {
      const own = { turn, speaks };
      listening = own;
      detector.turn(turn.kind === 'record' ? { finalSilenceMs: turn.request.finalSilenceMs, longestMs: turn.request.maxMs } : { finalSilenceMs: answerSilenceMs, longestMs: longestAnswerMs });
      turn.signal.addEventListener('abort', () => listening === own && (listening = undefined), { once: true });
      if (turn.kind !== 'record') return claim();
      const timer = setTimeout(claim, overlapMs);
      turn.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    },
    expect: () => {
      const until = AbortSignal.any([AbortSignal.timeout(expectedMs), closing.signal]);
      expected = new Promise<void>((resolve) => {
        settle = resolve;
        until.addEventListener('abort', () => resolve(), { once: true });
      }).then(() => void (expected = undefined));
    },
    forgo: () => settle(),
    answer: async (offer, browser) => {
      const { answer, leg } = await openRtc(offer, { onSound: (frame) => line?.leg === leg && heard(frame), onKey: (key) => line?.leg === leg && browser.onKey(key) });
      if (closing.signal.aborted) {
        await leg.close();
        throw new Error('that call is over');
      }
      have(leg, browser);
      return answer;
    },
    connect: (socket, browser) => {
      if (closing.signal.aborted) return socket.close();
      const leg = openSocketLeg(socket, { onSound: (frame) => line?.leg === leg && heard(frame) });
      have(leg, browser);
    },
    recorded: () => {
      const last = file;
      file = undefined;
      return last;
    },
    close: () => {
      closing.abort();
      const last = line;
      line = undefined;
      utterance?.said({ words: undefined });
      void last?.leg.close();
    },
  };
};

const newUtterance = (): Utterance => {
  let said: Utterance['said'] = () => {};
  const words = new Promise<Spoken>((resolve) => (said = resolve));
  return { said, words };
};

/** Whether a voice is of any use at `turn`. */
const takesWords = (turn: Turn): boolean => turn.kind === 'record' || turn.request.speech === true || phrasesOf(turn).length > 0;

const phrasesOf = (turn: Turn): readonly string[] => (turn.kind === 'record' ? [] : [...(turn.request.choices ?? []).flatMap(({ phrases }) => phrases), ...(turn.hints ?? [])]);
