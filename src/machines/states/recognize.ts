/**
 * The state `recognize` — asks a question and waits for one of its choices, or for digits.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import { type Choice, type DtmfKey, DtmfKey as DtmfKeyCodec, type Digits, type Prompt, promptItems, recognizeDefaults } from '../../actions/index.ts';
import { computing, written } from '../authored.ts';
import { type AskLimits, type ByCall, unknownCall } from '../call-context.ts';
import type { ChoiceEvent, FixedEvents } from '../call-event.ts';
import { noting } from '../noted.ts';
import { computed, type Kind, kinds, noted, oddities, odditiesOfEach, odditiesWithin } from '../options.ts';
import { computedPhrases, type ComputedPhrases, isLocalized, languagesIn, phrasesIn } from '../phrases.ts';
import type { CallInput } from '../service-event.ts';
import { type Computed, type Facts, type Handler, type MadeState, targetsOf, type Transition, transitions, type WithCallData } from '../state-config.ts';
import { onlyIf } from './outcome.ts';
import { type AskAction, askAction, askAgain, askAsBefore, askLimits, askWith, isDynamic, questionOptions, type QuestionOptions, reprompts } from './question.ts';

/**
 * What means a choice. A string that is one key (`'1'`) is that key, and the choice's own name is its phrase; any other
 * string is a phrase; a list may hold both; an object says each by itself, and by `word` that a plain yes or no is meant, in the
 * words of the bot's language. Its phrases may be computed from the call, such as by a list of a catalogue.
 */
export type ChoiceMeaning = string | readonly string[] | { readonly key?: DtmfKey; readonly phrases?: ByCall<readonly string[]>; readonly word?: 'yes' | 'no' };

/** Choices by name. The name is the outcome: `sales` ends the question as `recognize.choice.sales`. */
export type ChoiceMeanings = Readonly<Record<string, ChoiceMeaning>>;

/** Options of a question by key or by voice. */
export interface RecognizeOptions<C extends MachineContext> extends QuestionOptions<C> {
  /** Whether input may cut the prompt short. Default true. */
  readonly bargein?: boolean;
  /** Silence allowed before the first key or word, ms. Default 5,000. */
  readonly timeoutMs?: number;
  /** Longest pause between two keys, ms. Default 3,000. */
  readonly interdigitMs?: number;
  /** Choices that are known only when the question is asked, instead of `choices`. */
  readonly choicesFrom?: (args: { context: WithCallData<C> }) => ChoiceMeanings;
  /** BCP 47 tag of the language listened for; a service that does not understand it refuses. Default: the service's. */
  readonly culture?: Computed<C, string>;
  /**
   * BCP 47 tag of the language that the phrases are in: a service that understands several listens by it, and one that does
   * not listens as it always does. Default: that of the catalogue which the phrases are from.
   */
  readonly language?: Computed<C, string>;
  /**
   * Looks at the digits before they count: what is wrong with them, as the caller is told before the question is asked
   * again; undefined or the empty text when nothing is. Wrong digits are an attempt and a `nomatch`. Pure, since it runs more than once.
   */
  readonly validate?: (args: { context: WithCallData<C>; digits: string }) => Prompt | undefined;
  /**
   * The digits are a PIN or a card: they are sealed before the chart, the record, the log or the inspector meets them, and
   * `event.digits` is the seal, which a task's `reveal` breaks. Of digits only, and not together with `validate`. Default false.
   */
  readonly secret?: boolean;
}

/** Outcomes that are not choices, with their events. Their names are reserved. */
export interface Endings {
  /** The question was asked as often as it may be. */
  readonly exhausted: FixedEvents['recognize.digits.termchar' | 'recognize.digits.interdigit' | 'recognize.noinput' | 'recognize.nomatch.key' | 'recognize.nomatch.interdigit' | 'recognize.nomatch.speech' | 'recognize.failed' | 'play.failed'];
  /** Takes each silence out of the counting: it leads here at once. */
  readonly noinput: FixedEvents['recognize.noinput'];
  /** Takes each input that matches nothing out of the counting. */
  readonly nomatch: FixedEvents['recognize.nomatch.key' | 'recognize.nomatch.interdigit' | 'recognize.nomatch.speech'];
  /** Takes each failure of the service out of the counting: of listening, or of playing the prompt. */
  readonly failed: FixedEvents['recognize.failed' | 'play.failed'];
  /** Of a question for digits. */
  readonly digits: FixedEvents['recognize.digits.termchar' | 'recognize.digits.interdigit'];
  /** Of a question whose choices are known only at run time. */
  readonly choice: FixedEvents['recognize.choice'];
  /** Of a question that takes whatever is said. */
  readonly speech: FixedEvents['recognize.speech'];
}

/** Outcomes that may be handled, and then are not counted. */
export type Own = 'noinput' | 'nomatch' | 'failed';

/** The outcome names of a question: its choices, or `choice` when they are known only at run time, or `digits`. */
type OutcomeOf<Ch, D> = [D] extends [object] ? 'digits' : string extends keyof Ch ? 'choice' : keyof Ch & string;

/** The same of a question that may take `speech`: with no choices and no digits beside it, nobody knows at compile time whether there are choices at run time. */
type RequiredOf<Ch, D, S> = [S] extends [true] ? 'speech' | Exclude<OutcomeOf<Ch, D>, 'choice'> : OutcomeOf<Ch, D>;
type OptionalOf<Ch, D, S> = Own | Exclude<OutcomeOf<Ch, D>, RequiredOf<Ch, D, S>>;

type EndingOf<K> = K extends keyof Endings ? Endings[K] : ChoiceEvent<K & string>;

type Handlers<C extends MachineContext, Ch, D> = { readonly [K in OutcomeOf<Ch, D> | keyof Endings]?: Handler<C, EndingOf<K>> };

type NamesOf<Ch, D> = OutcomeOf<Ch, D> extends 'digits' | 'choice' ? never : OutcomeOf<Ch, D>;

/**
 * A state that asks and waits.
 *
 * With `choices`, each name is an outcome that `on` must handle. With `choicesFrom` the names are known only at run time and
 * arrive in the one outcome `choice`. With `digits`, the outcome is `digits`. With `speech: true`, alone or beside one of
 * these, what the caller says and no choice means is the outcome `speech`, `event.phrase` (for a task of the bot's own that
 * understands language). In all of them `exhausted` must be handled; `noinput`, `nomatch` and `failed` may be, and then are no longer counted.
 *
 * @example
 * ```ts
 * recognize({
 *   prompt: 'For sales press 1, for support press 2.',
 *   choices: { sales: '1', support: '2' },
 *   on: { sales: 'sales', support: 'support', exhausted: 'bye' },
 * })
 * ```
 */
export function recognize<
  C extends MachineContext,
  const On extends Handlers<C, Ch, D>,
  const Ch extends ChoiceMeanings,
  const D extends Digits | undefined,
  const S extends boolean | undefined,
>(
  options: RecognizeOptions<C> & { readonly choices?: Ch; readonly digits?: D; readonly speech?: S; readonly on: On },
): MadeState<C, Facts<'recognize', RequiredOf<Ch, D, S> | 'exhausted', OptionalOf<Ch, D, S>, On, NamesOf<Ch, D>, never, 'recognize' | ([S] extends [true] ? 'speech' : never)>>;
export function recognize(
  options: RecognizeOptions<never> & { readonly choices?: ChoiceMeanings; readonly digits?: Digits; readonly speech?: boolean; readonly on: Readonly<Record<string, unknown>> },
): unknown {
  const { choices, choicesFrom, digits, speech = false, on = {} } = options;
  const names = Object.keys(choices ?? {});
  const limits = askLimits(options);
  const meanings = Object.values(choices ?? {});
  const phrases = meanings.flatMap(computedPhrases);
  /** What of the choices is the same at every asking. */
  const constant = choices === undefined || phrases.length > 0 ? undefined : choiceList(choices);
  const language = options.language ?? phrases.find(isLocalized)?.language;
  const ask = askAction('recognize', isDynamic(options.prompt, options.noinput, options.nomatch, options.culture, language, choicesFrom, ...phrases), (evaluate) => ({
    prompts: promptItems(options.prompt === undefined ? undefined : evaluate(options.prompt)),
    bargein: options.bargein ?? recognizeDefaults.bargein,
    timeoutMs: options.timeoutMs ?? recognizeDefaults.timeoutMs,
    interdigitMs: options.interdigitMs ?? recognizeDefaults.interdigitMs,
    ...(options.culture !== undefined && { culture: evaluate(options.culture) }),
    ...(language !== undefined && { language: evaluate(language) }),
    ...(choices !== undefined && { choices: constant ?? evaluate(computing(({ context }: Asking) => choiceList(choices, context.call), ...phrases)) }),
    ...(choicesFrom !== undefined && { choices: evaluate(written((args: Asking) => choiceList(choicesFrom(args as never), args.context.call), choicesFrom)), atRunTime: true }),
    ...(digits !== undefined && { digits }),
    ...(options.secret === true && { secret: true }),
    ...(speech && { speech }),
    reprompts: reprompts(options, evaluate),
  }));
  const outcome = [...(digits !== undefined ? ['digits'] : choicesFrom !== undefined ? ['choice'] : names), ...(speech ? ['speech'] : [])];
  return noted([...oddities(options, recognizeOptions), ...secretOddities(options), ...odditiesOfEach('choice', choices, meaningOptions), ...odditiesWithin('digits', digits, digitsOptions)], {
    entry: [{ type: 'call.ask' }, ask],
    on: {
      ...Object.fromEntries(names.map((name) => [`recognize.choice.${name}`, transitions(on[name])])),
      ...(digits !== undefined && { 'recognize.digits.*': [...refused(options.validate, ask, limits, on), ...transitions(on['digits'])] }),
      ...(choicesFrom !== undefined && { 'recognize.choice': transitions(on['choice']) }),
      ...(speech && { 'recognize.speech': transitions(on['speech']) }),
      'recognize.noinput': askAgain('noinput', ask, limits, on),
      'recognize.nomatch.*': askAgain('nomatch', ask, limits, on),
      'recognize.failed': askAgain('failed', ask, limits, on),
      'play.failed': askAgain('failed', ask, limits, on),
      'recognize.repeat': [{ actions: [askAsBefore(ask)] }],
    },
    meta: {
      call: {
        kind: 'recognize', required: [...outcome, 'exhausted'], optional: ['noinput', 'nomatch', 'failed'],
        handled: Object.keys(on), targets: targetsOf(on), choices: names, actions: ['recognize'], task: [],
        ...(options.secret === true && { secret: true }),
        ...(choices !== undefined && typeof ask.params === 'function' && phrases.every(isLocalized) && {
          offers: languagesIn(meanings).map((tag) => ({ language: tag, choices: choiceList(choices, unknownCall, (computed) => phrasesIn(computed, tag)) })),
        }),
      },
    },
  });
}

/** What a secret cannot be together with. */
const secretOddities = ({ secret, validate, speech }: RecognizeOptions<never> & { readonly speech?: boolean }): readonly string[] =>
  secret !== true ? [] : [...(validate === undefined ? [] : ['secret digits cannot be validated; look at them in a task']), ...(speech === true ? ['a secret is keyed, and not spoken: no `speech` beside it'] : [])];

const meaningOptions = { key: kinds.key, phrases: computed(kinds.phrases), word: kinds.any } satisfies Record<keyof Exclude<ChoiceMeaning, string | readonly string[]>, Kind>;
const digitsOptions = { max: kinds.number, termchars: kinds.keys } satisfies Record<keyof Digits, Kind>;

/** The options of a question, by kind. */
export const recognizeOptions = {
  ...questionOptions, bargein: kinds.flag, timeoutMs: kinds.time, interdigitMs: kinds.time, choicesFrom: kinds.work, culture: computed(kinds.text), language: computed(kinds.text), validate: kinds.work, secret: kinds.flag, speech: kinds.flag,
  choices: kinds.object, digits: kinds.object, on: kinds.object,
} satisfies Record<keyof RecognizeOptions<never> | 'choices' | 'digits' | 'speech' | 'on', Kind>;

/** What a question does about digits that `validate` finds fault with. */
const refused = (validate: RecognizeOptions<never>['validate'], ask: AskAction, limits: AskLimits, on: Readonly<Record<string, unknown>>): readonly Transition[] => {
  if (validate === undefined) return [];
  /** In JavaScript “nothing” comes in several forms. */
  const reason = noting(({ context, event }: { context: never; event: never }): Prompt | undefined => validate({ context, digits: (event as { readonly digits: string }).digits }) || undefined);
  const isWrong = written((args: { context: never; event: never }): boolean => reason(args) !== undefined, validate);
  const asked = askWith(ask, (args) => ({ nomatch: [promptItems(reason(args))] }));
  return [
    ...onlyIf(isWrong, [{ guard: { type: 'call.mayAskAgain', params: { cause: 'nomatch', limits } }, actions: [{ type: 'call.askAgain', params: { cause: 'nomatch' } }, asked] }]),
    ...onlyIf(isWrong, transitions(on['exhausted'])),
  ];
};

interface Asking {
  readonly context: { readonly call: CallInput };
}

/**
 * `choices` as data, in their order, with the phrases of `call` where they are computed. A name in camel or snake case is
 * spoken as words: `mainMenu` is “main menu”.
 */
export const choiceList = (choices: ChoiceMeanings, call: CallInput = unknownCall, compute: (phrases: ComputedPhrases) => readonly string[] = (phrases) => phrases({ call })): readonly Choice[] =>
  Object.entries(choices).map(([name, meaning]) => {
    if (typeof meaning === 'object' && !isList(meaning)) {
      return { name, phrases: typeof meaning.phrases === 'function' ? compute(meaning.phrases) : (meaning.phrases ?? []), ...(meaning.key !== undefined && { key: meaning.key }), ...(meaning.word !== undefined && { word: meaning.word }) };
    }
    const words = [meaning].flat().map(String); // from JavaScript a key may come as a number
    const key = words.find((word): word is DtmfKey => DtmfKeyCodec.is(word));
    const phrases = words.filter((word) => word !== key);
    return { name, phrases: phrases.length > 0 ? phrases : [spoken(name)], ...(key !== undefined && { key }) };
  });

const isList = (meaning: object): meaning is readonly string[] => Array.isArray(meaning);

/** `name` as it is said: a name in camel or snake case is several words. */
export const spoken = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ').trim().toLowerCase();
