/**
 * Media — what a bot has played and asked on a call at Azure Communication Services, and the events that tell it how that went.
 *
 * Where the service's documents are silent, this is what the emulator does: a question without `interruptPrompt` cannot be
 * interrupted, and a play that cannot begin is not told to have started.
 *
 * @module
 */
import { type Choice, type DtmfKey, type PromptItem, type Recognize } from '../../../actions/index.ts';
import { heardOf } from '../../ssml.ts';
import { type Bodies, type PlaySource, tones } from './bodies.ts';
import type { Connection } from './connection.ts';
import { type Fields, rawIdIn } from './identity.ts';
import type { MediaOperation } from './lanes.ts';
import type { Answered, Played } from './parties.ts';
import { type ResultName, results } from './results.ts';

/** What the documents leave open. */
export interface Manners {
  /** Which event tells of a pause before all tones were keyed. The documents have both. Default: that of a failure. */
  readonly pauseIs?: 'RecognizeFailed' | 'RecognizeCompleted';
  /** Whether the tone that ended the input is among the tones. Default: no. */
  readonly keepsStopTone?: boolean;
  /** Whether what runs when the call ends is told to be cancelled. Default: yes, before the end of the call is told. */
  readonly endsQuietly?: boolean;
}

const keys: readonly DtmfKey[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/** The name of a key. */
const toneOf = (key: string): string => tones[keys.indexOf(key as DtmfKey)] ?? key;
const keyOf = (tone: string): DtmfKey => keys[tones.indexOf(tone as (typeof tones)[number])] as DtmfKey;

/** What a source is, in words that know no service. */
export const promptsOf = (source: PlaySource): readonly PromptItem[] => {
  if (source.kind === 'file') return [{ audio: source.file.uri }];
  return source.kind === 'ssml' ? heardOf(source.ssml.ssmlText) : [{ text: source.text.text, ...(source.text.sourceLocale !== undefined && { language: source.text.sourceLocale }) }];
};

/** Why `sources` cannot be played at all, and which of them is to blame. */
const unplayable = (sources: readonly PlaySource[], { agreement }: Connection): Exclude<Played, 'end'> | undefined => {
  const hasVoice = agreement.callIntelligenceOptions?.cognitiveServicesEndpoint !== undefined;
  for (const [index, source] of sources.entries()) {
    if (source.kind === 'file') continue;
    if (!hasVoice) return { failed: 'speech-refused', index };
    if ((source.kind === 'text' ? source.text.text : source.ssml.ssmlText).trim() === '') return { failed: 'nothing-to-say', index };
  }
  return undefined;
};

/** The lane of what is for `targets`: everybody, or one of several. */
const laneFor = (call: Connection, targets: readonly string[], isPlay: boolean): MediaOperation['lane'] =>
  targets.length > 0 && (isPlay || call.others().length > 1) ? 'side' : 'main';

/** A play that a request asks for. */
export const play = (call: Connection, { playSources, playTo = [], playOptions, operationContext, operationCallbackUri }: Bodies['play']): MediaOperation => {
  const of = { operationContext, operationCallbackUri };
  const targets = playTo.map((target) => rawIdIn(target) as string);
  const [to] = targets;
  return {
    lane: laneFor(call, targets, true),
    cancelled: () => call.tell('PlayCanceled', {}, of),
    run: async (signal) => {
      const broken = unplayable(playSources, call);
      if (broken === undefined) call.tell('PlayStarted', { resultInformation: results.completed }, of);
      const played = broken ?? (await call.parties.hear(playSources.flatMap(promptsOf), { loop: playOptions?.loop === true, ...(to !== undefined && { to }), signal }));
      if (signal.aborted) return;
      if (played === 'end') call.tell('PlayCompleted', { resultInformation: results.completed }, of);
      else call.tell('PlayFailed', { failedPlaySourceIndex: played.index, resultInformation: results[played.failed] }, of);
    },
  };
};

/** A question that a request asks for. */
export const recognize = (call: Connection, body: Bodies['recognize'], manners: Manners): MediaOperation => {
  const { recognizeOptions: options, playPrompt, playPrompts = playPrompt === undefined ? [] : [playPrompt], operationContext, operationCallbackUri } = body;
  const of = { operationContext, operationCallbackUri };
  const who = rawIdIn(options.targetParticipant) as string;
  return {
    lane: laneFor(call, [who], false),
    cancelled: () => call.tell('RecognizeCanceled', {}, of),
    run: async (signal) => {
      const broken = unplayable(playPrompts, call);
      const deaf = body.recognizeInputType !== 'dtmf' && call.agreement.callIntelligenceOptions?.cognitiveServicesEndpoint === undefined;
      const answered: Answered =
        broken !== undefined ? { end: 'failed', result: broken.failed, index: broken.index }
        : deaf ? { end: 'failed', result: 'speech-refused' }
        : await call.parties.ask(questionOf(body, playPrompts), { who, isTaped: call.isTaped, onTaped: (wav) => void (call.taped = wav), signal });
      if (signal.aborted) return;
      tellKeys(call, who, keysIn(answered, body));
      const { name, data } = told(answered, body, manners);
      call.tell(name, data, of);
    },
  };
};

/** Tells the keys that `who` presses one by one, where that was asked for. */
export const tellKeys = (call: Connection, who: string, pressed: string): void => {
  const listening = call.listening.get(who);
  if (listening === undefined || call.state !== 'connected') return;
  for (const key of pressed) {
    listening.sequence += 1;
    call.tell('ContinuousDtmfRecognitionToneReceived', { sequenceId: listening.sequence, tone: toneOf(key), resultInformation: results.completed }, listening);
  }
};

/** The keys by which a question was answered. */
const keysIn = (answered: Answered, { recognizeOptions: { choices = [] } }: Bodies['recognize']): string => {
  if (answered.end === 'digits') return answered.digits;
  if (answered.end !== 'choice' || answered.phrase !== undefined) return '';
  const tone = choices.find(({ label }) => label === answered.label)?.tone;
  return tone === undefined ? '' : keyOf(tone);
};

const second = 1_000;

/** The question in words that know no service. */
const questionOf = ({ recognizeInputType: input, recognizeOptions: options }: Bodies['recognize'], sources: readonly PlaySource[]): Recognize => {
  const { interruptPrompt, initialSilenceTimeoutInSeconds = 5, speechLanguage, dtmfOptions, choices = [] } = options;
  const { interToneTimeoutInSeconds = 2, maxTonesToCollect: max, stopTones } = dtmfOptions ?? {};
  return {
    prompts: sources.flatMap(promptsOf),
    bargein: interruptPrompt === true,
    timeoutMs: initialSilenceTimeoutInSeconds * second,
    interdigitMs: interToneTimeoutInSeconds * second,
    ...(speechLanguage !== undefined && { language: speechLanguage }),
    ...(input === 'choices' && { choices: choices.map(choiceOf) }),
    ...((input === 'dtmf' || input === 'speechOrDtmf') && { digits: { ...(max !== undefined && { max }), ...(stopTones !== undefined && { termchars: stopTones.map(keyOf) }) } }),
    ...((input === 'speech' || input === 'speechOrDtmf') && { speech: true as const }),
  };
};

const choiceOf = ({ label, phrases, tone }: NonNullable<Bodies['recognize']['recognizeOptions']['choices']>[number]): Choice => ({ name: label, phrases, ...(tone !== undefined && { key: keyOf(tone) }) });

const completed = (result: ResultName, data: Fields, name = 'RecognizeCompleted') => ({ name, data: { resultInformation: results[result], ...data } });

/** The event that tells how a question ended. */
const told = (answered: Answered, { recognizeOptions: { dtmfOptions } }: Bodies['recognize'], { pauseIs = 'RecognizeFailed', keepsStopTone = false }: Manners): { readonly name: string; readonly data: Fields } => {
  switch (answered.end) {
    case 'choice': {
      const { label, phrase } = answered;
      return completed(phrase === undefined ? 'choice-key' : 'choice-phrase', { recognitionType: 'choices', choiceResult: { label, ...(phrase !== undefined && { recognizedPhrase: phrase }) } });
    }
    case 'speech': {
      const { speech, confidence } = answered;
      return completed('speech', { recognitionType: 'speech', speechResult: { speech, ...(confidence !== undefined && { confidence }) } });
    }
    case 'digits': {
      const heard = [...answered.digits].map(toneOf);
      const [stop] = dtmfOptions?.stopTones ?? [];
      const all = keepsStopTone && answered.by === 'stop' && stop !== undefined ? [...heard, stop] : heard;
      const result = { recognitionType: 'dtmf', dtmfResult: { tones: all } };
      if (answered.by !== 'pause') return completed(answered.by === 'max' ? 'max-digits' : 'stop-tone', result);
      return completed('inter-digit', pauseIs === 'RecognizeCompleted' ? result : {}, pauseIs);
    }
    case 'failed':
      return completed(answered.result, answered.index === undefined ? {} : { failedPlaySourceIndex: answered.index }, 'RecognizeFailed');
  }
};
