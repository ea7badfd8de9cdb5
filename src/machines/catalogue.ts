/**
 * Catalogue — what a bot says, in every language that it speaks, by name; said in the language of whoever calls.
 *
 * A catalogue is looked at as a whole when it is made, so that `callchart check`, and every other way of loading the bot, finds
 * a missing or broken message before a caller does. What comes of a name is a function of the call: it stands wherever
 * something is computed.
 *
 * @module
 */
import type { TextPrompt } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import { shared } from './copies.ts';
import type { AnyArguments, ArgumentsOf } from './messages/arguments.ts';
import { checked, type Languages, type Messages, type Tongue } from './messages/check.ts';
import { lookup } from './messages/lookup.ts';
import { type Message, misfit } from './messages/message.ts';
import type { LocalizedList } from './phrases.ts';
import type { First, Together } from './rules.ts';

/**
 * What the caller's language is taken from: the arguments of anything that is computed, which hold the call as `call` or as
 * `context.call`. It is no more than an object to the compiler, which else would take the context of a whole state for it.
 */
export type Occasion = object;

interface InCall {
  readonly call?: { readonly language?: string };
}

/** The caller's language, where the service tells it. */
const tagIn = (at: Occasion): string | undefined => ((at as { readonly context?: InCall }).context ?? (at as InCall)).call?.language;

/** A text of a catalogue, in the language of the call. */
export type Localized<At> = (at: At) => TextPrompt;

/** Phrases of a catalogue, in the language of the call. `inLanguages` are all of them, so that they can be checked before a call. */
export interface LocalizedPhrases extends LocalizedList {
  (at: Occasion): readonly string[];
}

type Keys<M, Kind> = { [K in keyof M]: M[K] extends Kind ? K : never }[keyof M] & string;

/** What follows the name of a message: its arguments, or nothing. */
type Given<Text> = AnyArguments extends ArgumentsOf<Text> ? readonly [given?: AnyArguments] : [keyof ArgumentsOf<Text>] extends [never] ? readonly [] : readonly [given: ArgumentsOf<Text>];

/** A catalogue: `say('welcome', { shop })` is that text in the language of the call. */
export interface Catalogue<M extends Messages> {
  /** The message `name` with its arguments. @throws `ERR_CATALOGUE_INVALID` when there is no such message, or an argument is missing or of the wrong kind. */
  <const K extends { [N in keyof M]: M[N] extends string ? N : never }[keyof M] & string>(name: K, ...given: Given<M[K]>): Localized<Occasion>;
  /**
   * The message `name` with arguments that `given` computes from the context.
   *
   * @throws `ERR_CATALOGUE_INVALID` when there is no such message; in the call `ERR_CATALOGUE_ARGUMENT`, when an argument is
   *   missing or of the wrong kind.
   */
  <const K extends { [N in keyof M]: M[N] extends string ? N : never }[keyof M] & string, At extends Occasion>(name: K, given: (at: At) => ArgumentsOf<M[K]>): Localized<At>;
  /** The list `name`, for the `phrases` of a choice or a command. @throws `ERR_CATALOGUE_INVALID` when there is no such list. */
  readonly phrases: (name: Keys<M, readonly string[]>) => LocalizedPhrases;
  /** Tag of the language of this catalogue that the caller is spoken to in. */
  readonly language: (at: Occasion) => string;
}

/** How a catalogue speaks. */
export interface CatalogueOptions {
  /** IANA name of the time zone that dates and times are told in. Default `UTC`; never that of the machine. */
  readonly timeZone?: string;
}

// ---- what tsc refuses ----

type Says<Language extends string, Name, What extends string> = [Name] extends [never] ? never : `language \`${Language}\`: message \`${First<Name> & string}\` ${What}`;

/** The messages that are of `Kind` in the first language, and are not here. */
type Mixed<M, Model, Kind> = { [K in keyof M & keyof Model]: Model[K] extends Kind ? (M[K] extends Kind ? never : K) : never }[keyof M & keyof Model];

type Problem<Language extends string, M, F extends string, Model> = Together<[
  Says<Language, Exclude<keyof Model, keyof M>, 'is missing'>,
  Says<Language, Exclude<keyof M, keyof Model>, `does not exist in \`${F}\``>,
  Says<Language, Mixed<M, Model, string>, `is a text in \`${F}\``>,
  Says<Language, Mixed<M, Model, readonly string[]>, `is a list in \`${F}\``>,
]>;

/** At the key of a language that is not as the first one, the sentence that says why. */
type Held<L, F extends keyof L & string> = {
  readonly [K in keyof L]: [Problem<K & string, L[K], F, L[F]>] extends [never] ? unknown : Problem<K & string, L[K], F, L[F]>;
};

/** Who wants to know which languages there are, whenever a catalogue is spoken from: the check of a bot. */
export const asked = shared('catalogues', (): { by?: ((languages: readonly string[]) => void) | undefined } => ({}));

// ---- making one ----

/**
 * A catalogue of `languages`, each under its BCP 47 tag, of which `first` is the one that the others are held against and that
 * a caller of no known language hears. Texts are ICU MessageFormat; a list is phrases.
 *
 * A caller of `de-AT` hears `de-AT` if it is there, else `de`, else `first` (RFC 4647 §3.4).
 *
 * @throws `ERR_CATALOGUE_INVALID` with one sentence a problem.
 * @example
 * ```ts
 * const say = catalogue('en', {
 *   en: { items: '{n, plural, one {# item} other {# items}}.', sales: ['sales', 'new orders'] },
 *   de: { items: '{n, plural, one {# Artikel} other {# Artikel}}.', sales: ['Verkauf', 'Bestellung'] },
 * });
 * prompt(say('items', ({ context }) => ({ n: context.n })), 'menu')
 * ```
 */
export const catalogue = <const L extends Languages, const F extends keyof L & string>(first: F, languages: L & Held<L, F>, { timeZone = 'UTC' }: CatalogueOptions = {}): Catalogue<L[F]> => {
  const { tongues, problems } = checked(first, languages, timeZone);
  const model = tongues.find(({ language }) => language === first);
  if (problems.length > 0 || model === undefined) throw invalid(problems);
  const known = new Map(tongues.map((tongue) => [tongue.language.toLowerCase(), tongue]));
  const tongueOf = (at: Occasion): Tongue => {
    asked.by?.(tongues.map(({ language: tag }) => tag));
    return lookup(known, tagIn(at)) ?? model;
  };
  const language = (at: Occasion): string => tongueOf(at).language;

  const say = (name: string, given: AnyArguments | ((at: Occasion) => AnyArguments) = {}): Localized<Occasion> => {
    const wants = model.texts.get(name)?.wants;
    if (wants === undefined) throw invalid([model.lists.has(name) ? `message \`${name}\` is a list; it is for \`phrases\`` : `there is no message \`${name}\``]);
    if (typeof given === 'function') return (at) => prompted(tongueOf(at), name, given(at));
    const misfits = [...wants].flatMap(([argument, want]) => misfitting(name, argument, misfit(given[argument], want)));
    if (misfits.length > 0) throw invalid(misfits);
    const said = new Map(tongues.map((tongue) => [tongue, Object.freeze(prompted(tongue, name, given))]));
    return Object.assign((at: Occasion) => said.get(tongueOf(at)) ?? prompted(model, name, given), { texts: [...said.values()] });
  };

  const phrases = (name: string): LocalizedPhrases => {
    if (!model.lists.has(name)) throw invalid([model.texts.has(name) ? `message \`${name}\` is no list` : `there is no list \`${name}\``]);
    const inLanguages = Object.fromEntries(tongues.map((tongue) => [tongue.language, tongue.lists.get(name) ?? []]));
    return Object.assign((at: Occasion) => tongueOf(at).lists.get(name) ?? [], { inLanguages, language });
  };

  return Object.assign(say, { phrases, language }) as unknown as Catalogue<L[F]>;
};

/** The message `name` in one language. The text carries its language, for services that have a voice for it. */
const prompted = ({ language, texts }: Tongue, name: string, given: AnyArguments): TextPrompt => {
  const found = texts.get(name) as Message; // the languages have the same messages
  for (const [argument, want] of found.wants) {
    const [what] = misfitting(name, argument, misfit(given?.[argument], want));
    if (what !== undefined) throw new CallError('ERR_CATALOGUE_ARGUMENT', what, { message: name, argument });
  }
  return { text: found.text(given), language };
};

const misfitting = (name: string, argument: string, what: string | undefined): readonly string[] => (what === undefined ? [] : [`message \`${name}\`: argument \`${argument}\` ${what}`]);

const invalid = (problems: readonly string[]): CallError<'ERR_CATALOGUE_INVALID'> => new CallError('ERR_CATALOGUE_INVALID', `catalogue: ${problems.join('; ')}`, { problems });
