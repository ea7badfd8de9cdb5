/**
 * Defaults — the makers of questions with options that hold for all questions of a bot.
 *
 * @module
 */
import type { Prompt } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import { type Kind, kinds, type Known, oddities, odditiesWithin, without } from './options.ts';
import { waterfall, waterfallWith } from './dialogs/waterfall.ts';
import { confirm } from './states/confirm.ts';
import { recognize, type RecognizeOptions, recognizeOptions } from './states/recognize.ts';
import { record, type RecordOptions, recordOptions } from './states/record.ts';

/** Options of all questions. They are known when the bot is made: nothing here is computed from a call. */
interface Shared {
  /** One text, or a list that tapers by count. */
  readonly noinput?: string | readonly Prompt[];
}

/** Defaults of recordings. */
export interface RecordDefaults extends Shared, Pick<RecordOptions<never>, 'attempts' | 'maxNoinput' | 'reprompt' | 'beep' | 'format' | 'timeoutMs' | 'finalSilenceMs' | 'maxMs' | 'termchars'> {}

/** Defaults of all questions of a bot. */
export interface QuestionDefaults extends Shared, Pick<RecognizeOptions<never>, 'attempts' | 'maxNoinput' | 'maxNomatch' | 'reprompt' | 'bargein' | 'timeoutMs' | 'interdigitMs'> {
  /** One text, or a list that tapers by count. */
  readonly nomatch?: string | readonly Prompt[];
  /** BCP 47 tag of the language listened for. */
  readonly culture?: string;
  /** Of recordings alone; what stands here comes before what stands beside it. */
  readonly record?: RecordDefaults;
}

/** The makers of questions, and of waterfalls of them, typed as they are by themselves. */
export interface Questions {
  readonly recognize: typeof recognize;
  readonly confirm: typeof confirm;
  readonly record: typeof record;
  readonly waterfall: typeof waterfall;
}

/**
 * The makers `recognize`, `confirm` and `record`, and `waterfall` for its questions and recordings, with `defaults` for whatever a question
 * does not say itself. What recordings share with other questions (`attempts`, `maxNoinput`, `noinput`, `reprompt`, `timeoutMs`) holds for them too.
 *
 * @throws `ERR_BOT_INVALID` with one sentence for each default that does not exist or is not of its kind.
 * @example
 * ```ts
 * const { recognize, confirm, record, waterfall } = questions({ timeoutMs: 8_000, attempts: 2, record: { maxMs: 60_000 } });
 * ```
 */
export const questions = (defaults: QuestionDefaults): Questions => {
  const { record: ofRecordings, ...ofAll } = defaults;
  const problems = [...oddities(defaults, known), ...odditiesWithin('record', ofRecordings, knownOfRecordings)];
  if (problems.length > 0) throw new CallError('ERR_BOT_INVALID', `defaults of questions: ${problems.join('; ')}`, { problems });
  const shared = Object.fromEntries(Object.entries(ofAll).filter(([name]) => Object.hasOwn(knownOfRecordings, name)));
  const ofEachRecording = over(shared, ofRecordings ?? {});
  return {
    recognize: withDefaults(recognize, ofAll),
    confirm: withDefaults(confirm, ofAll),
    record: withDefaults(record, ofEachRecording),
    waterfall: waterfallWith({ question: (given) => over(ofAll, given), recording: (given) => over(ofEachRecording, given) }),
  };
};

/** `first`, and over it what `second` says. What is undefined says nothing. */
const over = (first: object, second: object): object => Object.assign({}, first, Object.fromEntries(Object.entries(second).filter(([, value]) => value !== undefined)));

const withDefaults = <Maker extends (options: never) => unknown>(maker: Maker, defaults: object): Maker => ((options: object) => maker(over(defaults, options) as never)) as unknown as Maker;

const knownOfRecordings: Known = { ...without(recordOptions, 'prompt', 'on'), noinput: kinds.prompts } satisfies Record<keyof RecordDefaults, Kind>;
const known: Known = {
  ...without(recognizeOptions, 'prompt', 'choices', 'choicesFrom', 'digits', 'validate', 'on'), noinput: kinds.prompts, nomatch: kinds.prompts, culture: kinds.text, record: kinds.object,
} satisfies Record<keyof QuestionDefaults, Kind>;
