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

/**
 * Spoken text; `emphasis` stresses the whole of it. `culture` and `language` are BCP 47 tags. `culture` asks for a voice, and a
 * service that does not have it refuses. `language` tells what the text is written in, as a catalogue knows it: a service
 * with voices picks one by it, a service with a single voice reads the text with that one.
 */
export const TextPrompt = t.intersection(
  [t.type({ text: t.string }), t.partial({ voice: t.keyof({ male: 0, female: 0 }), culture: t.string, language: t.string, emphasis: t.boolean, sayAs: SayAs })],
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

/** What a service can be given to play. */
export const PlainPrompt = t.union([TextPrompt, AudioPrompt, SilencePrompt, SsmlPrompt], 'PlainPrompt');
export type PlainPrompt = TextPrompt | AudioPrompt | SilencePrompt | SsmlPrompt;

/** One of several wordings, which {@link chosen} picks before anything leaves for a service. */
export const OneOfPrompt = t.type({ oneOf: t.readonlyArray(t.readonlyArray(PlainPrompt)) }, 'OneOfPrompt');
export interface OneOfPrompt {
  readonly oneOf: readonly (readonly PlainPrompt[])[];
}

/** One thing to play. */
export const PromptItem: t.Type<PromptItem> = t.union([PlainPrompt, OneOfPrompt], 'PromptItem');
export type PromptItem = PlainPrompt | OneOfPrompt;

/** What an author may write wherever something is played. */
export type Prompt = string | PromptItem | readonly (string | PromptItem)[];

/** The list that `prompt` stands for. A text of blanks, the empty one and the empty list stand for nothing. */
export const promptItems = (prompt: Prompt | undefined): readonly PromptItem[] => {
  if (prompt === undefined) return [];
  const items: readonly (string | PromptItem)[] = typeof prompt === 'string' || !isPromptList(prompt) ? [prompt] : prompt;
  return items.flatMap((item) => (isBlank(item) ? [] : typeof item === 'string' ? [{ text: item }] : [item]));
};

/** Whether nothing is said. From JavaScript `item` may be anything: what is no prompt stays, and is refused later with its state. */
const isBlank = (item: string | PromptItem): boolean => {
  const text = typeof item === 'string' ? item : (item as Partial<TextPrompt> | null | undefined)?.text;
  return typeof text === 'string' && text.trim() === '';
};

type Wording = string | PlainPrompt | readonly (string | PlainPrompt)[];

type Wordings = readonly [Wording, Wording, ...(readonly Wording[])];

/**
 * One of `wordings`, so that a caller does not always hear the same: two or more, or a list of them. Which one depends on the
 * call and on the place in it alone: the same call, taken again, says the same words.
 *
 * @example
 * ```ts
 * prompt(oneOf('Hello.', 'Good day.', 'Welcome.'), 'menu')
 * ```
 */
export function oneOf(...wordings: Wordings): OneOfPrompt;
export function oneOf(wordings: Wordings): OneOfPrompt;
export function oneOf(...given: readonly (Wording | Wordings)[]): OneOfPrompt {
  const wordings = (given.length === 1 ? given[0] : given) as Wordings;
  return { oneOf: wordings.map((wording) => promptItems(wording) as readonly PlainPrompt[]) };
}

/** `prompts` with each choice of wordings made by `place`, a text that is another at each place of each call. */
export const chosen = (prompts: readonly PromptItem[], place: string): readonly PlainPrompt[] =>
  prompts.flatMap((item, index) => ('oneOf' in item ? (item.oneOf[hashOf(`${place}:${index}`) % item.oneOf.length] ?? []) : [item]));

/** Whether there is anything to choose in `prompts`. */
export const hasChoice = (prompts: readonly PromptItem[]): boolean => prompts.some((item) => 'oneOf' in item);

/** FNV-1a, 32 bits, and a last mix so that neighbouring places differ in the low bits. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
};

/** What a person reads where no sound is to be had: the words, or a bracketed word for a sound. */
export const promptText = (prompts: readonly PromptItem[]): string => // of several wordings all
  prompts
    .map((prompt) => {
      if ('text' in prompt) return prompt.text;
      if ('audio' in prompt) return `[audio ${prompt.audio}]`;
      if ('silenceMs' in prompt) return `[silence ${prompt.silenceMs / 1000} s]`;
      if ('oneOf' in prompt) return prompt.oneOf.map(promptText).join(' / ');
      return prompt.ssml.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
    })
    .join(' ');

const isPromptList = (prompt: PromptItem | readonly (string | PromptItem)[]): prompt is readonly (string | PromptItem)[] => Array.isArray(prompt);
