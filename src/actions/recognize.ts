/**
 * Recognize — play prompts and collect one input from the caller, by key or by voice, and every way that ends.
 *
 * Terms are VoiceXML 2.0 (§4.1.5 barge-in, §6.3.3 DTMF properties):
 *
 * | here           | VoiceXML            | meaning                                            |
 * | -------------- | ------------------- | -------------------------------------------------- |
 * | `noinput`      | `noinput`           | silence for `timeoutMs` after the prompts ended    |
 * | `nomatch`      | `nomatch`           | input arrived and no choice accepts it             |
 * | `bargein`      | `bargein`           | input may cut the prompts short                    |
 * | `interdigitMs` | `interdigittimeout` | longest pause between two keys                     |
 * | `termchars`    | `termchar`          | the keys that end the input and are not part of it |
 *
 * @module
 */
import * as t from 'io-ts';
import { DtmfKey } from './dtmf.ts';
import { PromptItem } from './prompt.ts';

/**
 * One thing the caller may choose: its name, the key and the phrases that mean it. `command` marks one of the bot's own
 * commands, which stands beside the choices of every question: it leads elsewhere, or has the question repeated. `word` marks
 * a plain yes or no, which is said in the language of the bot.
 */
export const Choice = t.intersection(
  [t.type({ name: t.string, phrases: t.readonlyArray(t.string) }), t.partial({ key: DtmfKey, command: t.keyof({ leads: 0, repeats: 0 }), word: t.keyof({ yes: 0, no: 0 }) })],
  'Choice',
);
export type Choice = t.TypeOf<typeof Choice>;

/** Digits to collect: at most `max` of them, or until one of `termchars`. At least one of the two is there. */
export const Digits = t.partial({ max: t.number, termchars: t.readonlyArray(DtmfKey) }, 'Digits');
export type Digits = t.TypeOf<typeof Digits>;

/**
 * Plays `prompts`, then waits for one of `choices` or for `digits`: at most one of the two is there. With `speech` whatever
 * else the caller says is taken as well; a question without it has one of the two. `secret` digits are nobody's
 * to see. `culture` and
 * `language` are BCP 47 tags, as of a text: a service that does not understand `culture` refuses, and listens by `language`
 * where it can.
 */
export const Recognize = t.intersection(
  [
    t.type({ prompts: t.readonlyArray(PromptItem), bargein: t.boolean, timeoutMs: t.number, interdigitMs: t.number }),
    t.partial({ choices: t.readonlyArray(Choice), digits: Digits, speech: t.literal(true), culture: t.string, language: t.string, secret: t.boolean }),
  ],
  'Recognize',
);
export type Recognize = t.TypeOf<typeof Recognize>;

/** Defaults of a question: the caller may interrupt, 5 s to the first key or word, 3 s between keys. */
export const recognizeDefaults = { bargein: true, timeoutMs: 5_000, interdigitMs: 3_000 } as const;

/** Whether the caller keyed or spoke. */
export type Via = 'dtmf' | 'speech';

/**
 * Every way a {@link Recognize} can end. Exactly one arrives per request.
 *
 * `recognize.choice.<name>` stands for one event type per choice: an edge of its own in every chart.
 */
export interface RecognizeEvents {
  [choice: `recognize.choice.${string}`]: { readonly type: `recognize.choice.${string}`; readonly via: Via };
  /** A choice among choices that were known only at run time. */
  'recognize.choice': { readonly type: 'recognize.choice'; readonly choice: string; readonly via: Via };
  /** Digits, ended by a termchar (which is not among them). */
  'recognize.digits.termchar': { readonly type: 'recognize.digits.termchar'; readonly digits: string };
  /** Digits, ended by a pause or because `max` of them were keyed. */
  'recognize.digits.interdigit': { readonly type: 'recognize.digits.interdigit'; readonly digits: string };
  /** Whatever the caller said, as the service understood it, where a question takes `speech` and no choice is meant. `confidence` is 0 to 1, where the service tells it. */
  'recognize.speech': { readonly type: 'recognize.speech'; readonly phrase: string; readonly confidence?: number };
  /** The caller wants to hear the question again: one of the bot's commands, and no attempt. */
  'recognize.repeat': { readonly type: 'recognize.repeat'; readonly via: Via };
  /** Silence. */
  'recognize.noinput': { readonly type: 'recognize.noinput' };
  /** A key that is no choice. */
  'recognize.nomatch.key': { readonly type: 'recognize.nomatch.key' };
  /** A pause before a whole choice was keyed. */
  'recognize.nomatch.interdigit': { readonly type: 'recognize.nomatch.interdigit' };
  /** A phrase, or a name, that is no choice, and the question takes no `speech`; or what nobody understood. */
  'recognize.nomatch.speech': { readonly type: 'recognize.nomatch.speech' };
  /** The service could not listen, or ended in a way that it does not name. */
  'recognize.failed': { readonly type: 'recognize.failed'; readonly cause: 'system' | 'unknown'; readonly reason?: string };
}
