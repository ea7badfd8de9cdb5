/**
 * Sources — what is played, as Azure Communication Services takes it: files, texts with a voice, and SSML. Pure.
 *
 * A text that is stressed or read out in a certain way, and a silence, become SSML, which needs the name of a voice.
 *
 * @module
 */
import type { PromptItem, SayAs, TextPrompt } from '../../../actions/index.ts';
import { regional } from './languages.ts';
import type { PlaySource } from './requests.ts';

/** How a bot speaks and what it understands where it does not say. */
export interface Speech {
  /** The name of a neural voice; without one the service picks a voice of the language. */
  readonly voice?: string | undefined;
  /** BCP 47 tag. */
  readonly language: string;
}

/** The one that speaks where SSML has to name a voice and none is set. */
const fallbackVoice = 'en-US-NancyNeural';

/** A silence that nobody hears: the end of a batch of nothing. */
const inaudibleMs = 10;

/** `prompts` as sources, in order. What nobody would hear is left out. */
export const sourcesOf = (prompts: readonly PromptItem[], speech: Speech): readonly PlaySource[] => prompts.flatMap((prompt) => sourceOf(prompt, speech));

const sourceOf = (prompt: PromptItem, speech: Speech): readonly PlaySource[] => {
  if ('text' in prompt) return [prompt.sayAs !== undefined || prompt.emphasis === true ? ssml(spoken(prompt), speech, regional(prompt.culture ?? prompt.language ?? speech.language, speech.language)) : textSource(prompt, speech)];
  if ('audio' in prompt) return [{ kind: 'fileSource', url: prompt.audio }];
  if ('ssml' in prompt) return [{ kind: 'ssmlSource', ssmlText: prompt.ssml }];
  if ('oneOf' in prompt) return sourcesOf(prompt.oneOf[0] ?? [], speech); // chosen before; here for those who look
  return prompt.silenceMs < inaudibleMs ? [] : [ssml(silence(prompt.silenceMs), speech)];
};

const textSource = ({ text, voice: gender, culture, language }: TextPrompt, speech: Speech): PlaySource => {
  const locale = regional(culture ?? language ?? speech.language, speech.language);
  if (speech.voice !== undefined && gender === undefined && locale === speech.language) return { kind: 'textSource', text, voiceName: speech.voice };
  return { kind: 'textSource', text, sourceLocale: locale, voiceKind: gender ?? 'female' };
};

const ssml = (content: string, { voice = fallbackVoice, language }: Speech, locale = language): PlaySource => ({
  kind: 'ssmlSource',
  ssmlText: `<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="${escaped(locale)}"><voice name="${escaped(voice)}">${content}</voice></speak>`,
});

const spoken = ({ text, sayAs, emphasis }: TextPrompt): string => {
  const words = sayAs === undefined ? escaped(text) : `<say-as ${sayAsAttributes[sayAs]}>${escaped(text)}</say-as>`;
  return emphasis === true ? `<emphasis level="moderate">${words}</emphasis>` : words;
};

/** SSML's own words for the eighteen kinds; a name is read as it is written, whichever kind of name it is. */
const sayAsAttributes = {
  yearMonthDay: 'interpret-as="date" format="ymd"', monthDayYear: 'interpret-as="date" format="mdy"', dayMonthYear: 'interpret-as="date" format="dmy"',
  yearMonth: 'interpret-as="date" format="ym"', monthYear: 'interpret-as="date" format="my"', monthDay: 'interpret-as="date" format="md"',
  dayMonth: 'interpret-as="date" format="dm"', day: 'interpret-as="date" format="d"', month: 'interpret-as="date" format="m"', year: 'interpret-as="date" format="y"',
  cardinal: 'interpret-as="cardinal"', ordinal: 'interpret-as="ordinal"', letters: 'interpret-as="characters"',
  time12: 'interpret-as="time" format="hms12"', time24: 'interpret-as="time" format="hms24"', telephone: 'interpret-as="telephone"',
  name: 'interpret-as="name"', phoneticName: 'interpret-as="name"',
} as const satisfies Readonly<Record<SayAs, string>>;

/** One break lasts no longer. */
const longestBreakMs = 5_000;

const silence = (ms: number): string => {
  const whole = Math.floor(ms / longestBreakMs);
  const rest = Math.round(ms - whole * longestBreakMs);
  return `<break time="${longestBreakMs}ms"/>`.repeat(whole) + (rest > 0 ? `<break time="${rest}ms"/>` : '');
};

const escaped = (text: string): string => text.replace(/[<>&"']/g, (mark) => `&#${mark.charCodeAt(0)};`);

/** How long `sources` last at the most, ms: nobody knows of files and of other people's SSML. */
export const longestMs = (sources: readonly PlaySource[]): number =>
  sources.reduce((sum, source) => sum + (source.kind === 'textSource' ? source.text.length * slowestMs : hourMs), 0);

/** A letter, read slowly. */
const slowestMs = 250;
const hourMs = 3_600_000;
