/**
 * Phrases — those of a choice or a command that are computed from the call, and what is known of them before it.
 *
 * A list of a catalogue tells its phrases in every language, so that two choices that sound the same in one of them are found
 * when the bot is loaded. Of any other function nothing is known.
 *
 * @module
 */
import type { CallInput } from './service-event.ts';

/** Phrases that are known in the call. */
export type ComputedPhrases = (args: { readonly call: CallInput }) => readonly string[];

/** What a list of a catalogue says of itself, whichever copy of the package made it. */
export interface LocalizedList {
  readonly inLanguages: Readonly<Record<string, readonly string[]>>;
  /** The language of the call, among those. */
  readonly language: (args: object) => string;
}

/** The phrases of `meaning` as far as they are computed: one function or none. */
export const computedPhrases = (meaning: unknown): readonly ComputedPhrases[] => {
  const { phrases } = (typeof meaning === 'object' && meaning !== null ? meaning : {}) as { readonly phrases?: unknown };
  return typeof phrases === 'function' ? [phrases as ComputedPhrases] : [];
};

export const isLocalized = (phrases: ComputedPhrases): phrases is ComputedPhrases & LocalizedList => 'inLanguages' in phrases;

/** The languages that all lists among `meanings` are in; where there are no lists, one without a name that stands for any. */
export const languagesIn = (meanings: readonly unknown[]): readonly string[] => {
  const [first, ...others] = meanings.flatMap(computedPhrases).filter(isLocalized);
  return first === undefined ? [''] : Object.keys(first.inLanguages).filter((language) => others.every(({ inLanguages }) => Object.hasOwn(inLanguages, language)));
};

/** `phrases` in `language`; none where that is not known before the call. */
export const phrasesIn = (phrases: ComputedPhrases, language: string): readonly string[] => (isLocalized(phrases) ? (phrases.inLanguages[language] ?? []) : []);
