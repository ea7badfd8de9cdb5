/**
 * Default texts — what a bot says where its author has said nothing, in the languages that there are words for.
 *
 * @module
 */
import type { DtmfKey, TextPrompt } from '../actions/index.ts';
import type { CallInput } from './service-event.ts';

interface Spoken {
  readonly key: DtmfKey;
  readonly phrases: readonly string[];
}

interface Texts {
  /** Before a question is asked again: after a silence, an input that nothing matches, a failure of the service. */
  readonly noinput: string;
  readonly nomatch: string;
  readonly failed: string;
  /** Before the hangup when the bot's own code failed. */
  readonly apology: string;
  /** What means yes and what means no. */
  readonly yes: Spoken;
  readonly no: Spoken;
}

/** The texts by language. The English words for yes and no are those of the Calling SDK. */
export const defaultTexts = {
  en: {
    noinput: 'Sorry, I did not hear you.', nomatch: 'Sorry, I did not get that.', failed: 'Sorry, something went wrong.',
    apology: 'Sorry, something went wrong. Please call again later.',
    yes: { key: '1', phrases: ['yes', 'yep', 'sure', 'ok', 'true'] }, no: { key: '2', phrases: ['no', 'nope', 'not', 'false'] },
  },
  de: {
    noinput: 'Ich habe Sie leider nicht gehört.', nomatch: 'Das habe ich leider nicht verstanden.', failed: 'Da ist leider etwas schiefgegangen.',
    apology: 'Da ist leider etwas schiefgegangen. Bitte rufen Sie später noch einmal an.',
    yes: { key: '1', phrases: ['ja', 'jawohl', 'genau', 'richtig', 'okay'] }, no: { key: '2', phrases: ['nein', 'nee', 'nicht', 'falsch'] },
  },
  fr: {
    noinput: 'Désolé, je ne vous ai pas entendu.', nomatch: 'Désolé, je n’ai pas compris.', failed: 'Désolé, un problème est survenu.',
    apology: 'Désolé, un problème est survenu. Merci de rappeler plus tard.',
    yes: { key: '1', phrases: ['oui', 'ouais', 'exact', 'd’accord', 'ok'] }, no: { key: '2', phrases: ['non', 'pas du tout', 'faux'] },
  },
  es: {
    noinput: 'Lo siento, no le he oído.', nomatch: 'Lo siento, no le he entendido.', failed: 'Lo siento, algo ha fallado.',
    apology: 'Lo siento, algo ha fallado. Por favor, llame más tarde.',
    yes: { key: '1', phrases: ['sí', 'claro', 'correcto', 'vale', 'de acuerdo'] }, no: { key: '2', phrases: ['no', 'nada', 'incorrecto'] },
  },
  sv: {
    noinput: 'Tyvärr hörde jag inget.', nomatch: 'Tyvärr förstod jag inte det.', failed: 'Tyvärr gick något fel.',
    apology: 'Tyvärr gick något fel. Ring gärna igen senare.',
    yes: { key: '1', phrases: ['ja', 'japp', 'visst', 'okej', 'stämmer'] }, no: { key: '2', phrases: ['nej', 'nä', 'inte', 'fel'] },
  },
} as const satisfies Readonly<Record<string, Texts>>;

/** The default text for what went wrong, as it is played. */
export const defaultText = (what: 'noinput' | 'nomatch' | 'failed' | 'apology', language: TextLanguage): TextPrompt => ({ text: defaultTexts[language][what], language });

/** A language that there are default texts in. */
export type TextLanguage = keyof typeof defaultTexts;

/** What a bot speaks: one language, or that of whoever calls. */
export type BotLanguage = TextLanguage | 'caller';

/** The same, or the tag of a language computed from the call, such as a catalogue's `language`. */
export type SpokenLanguage = BotLanguage | ((args: { readonly call: CallInput }) => string);

/** Whether a bot can speak `language` by itself. */
export const isBotLanguage = (language: string): language is BotLanguage => language === 'caller' || Object.hasOwn(defaultTexts, language);

/** The language that a bot of `language` speaks by itself in `call`. */
export const spoken = (language: SpokenLanguage, call: CallInput): TextLanguage => {
  if (language === 'caller') return textLanguage(call.language);
  return typeof language === 'function' ? textLanguage(language({ call })) : language;
};

/** The language of a BCP 47 tag, if there are default texts in it; else English. */
const textLanguage = (tag: string | undefined): TextLanguage => {
  const language = tag?.split('-', 1)[0]?.toLowerCase() ?? '';
  return Object.hasOwn(defaultTexts, language) ? (language as TextLanguage) : 'en';
};
