/**
 * Prompt — what the caller hears: text, an audio file, a silence, or SSML where a service has it.
 *
 * Authors write a string, one prompt object, or a list of both ({@link Prompt}); what leaves for a service is always
 * a list of objects ({@link PromptItem}). Terms are VoiceXML's `<prompt>`; `sayAs` has the eighteen kinds of the Bot
 * Framework calling service, the widest list in the field.
 *
 * Leaf of `src/actions`: imports `io-ts` alone.
 *
 * @module
 */
import * as t from 'io-ts';

/** How a text is to be read out. */
export const SayAs = t.keyof(
  {
    yearMonthDay: 0, monthDayYear: 0, dayMonthYear: 0, yearMonth: 0, monthYear: 0, monthDay: 0, dayMonth: 0, day: 0, month: 0,
    year: 0, cardinal: 0, ordinal: 0, letters: 0, time12: 0, time24: 0, telephone: 0, name: 0, phoneticName: 0,
  },
  'SayAs',
);
export type SayAs = t.TypeOf<typeof SayAs>;

/** Spoken text. `culture` is a BCP 47 tag; `emphasis` stresses the whole text. */
export const TextPrompt = t.intersection(
  [t.type({ text: t.string }), t.partial({ voice: t.keyof({ male: 0, female: 0 }), culture: t.string, emphasis: t.boolean, sayAs: SayAs })],
  'TextPrompt',
);
export type TextPrompt = t.TypeOf<typeof TextPrompt>;

/** An audio file by its absolute URL. */
export const AudioPrompt = t.type({ audio: t.string }, 'AudioPrompt');
export type AudioPrompt = t.TypeOf<typeof AudioPrompt>;

/** A pause of `silenceMs` milliseconds. */
export const SilencePrompt = t.type({ silenceMs: t.number }, 'SilencePrompt');
export type SilencePrompt = t.TypeOf<typeof SilencePrompt>;

/** A whole `<speak>` document, for services that take SSML. */
export const SsmlPrompt = t.type({ ssml: t.string }, 'SsmlPrompt');
export type SsmlPrompt = t.TypeOf<typeof SsmlPrompt>;

/** One thing to play. */
export const PromptItem = t.union([TextPrompt, AudioPrompt, SilencePrompt, SsmlPrompt], 'PromptItem');
export type PromptItem = TextPrompt | AudioPrompt | SilencePrompt | SsmlPrompt;

/** What an author may write wherever something is played. */
export type Prompt = string | PromptItem | readonly (string | PromptItem)[];

/** The list that `prompt` stands for. The empty string and the empty list stand for nothing. */
export const promptItems = (prompt: Prompt | undefined): readonly PromptItem[] => {
  if (prompt === undefined || prompt === '') return [];
  if (typeof prompt === 'string') return [{ text: prompt }];
  if (!isPromptList(prompt)) return [prompt];
  return prompt.flatMap((item) => (typeof item === 'string' ? promptItems(item) : [item]));
};

/** What a person reads where no sound is to be had: the words, or a bracketed word for a sound. */
export const promptText = (prompts: readonly PromptItem[]): string =>
  prompts
    .map((prompt) => {
      if ('text' in prompt) return prompt.text;
      if ('audio' in prompt) return `[audio ${prompt.audio}]`;
      if ('silenceMs' in prompt) return `[silence ${prompt.silenceMs / 1000} s]`;
      return prompt.ssml.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
    })
    .join(' ');

const isPromptList = (prompt: PromptItem | readonly (string | PromptItem)[]): prompt is readonly (string | PromptItem)[] => Array.isArray(prompt);
