/**
 * The state `record` — beeps, records what the caller says, and hands the recording on.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import { type DtmfKey, promptItems, recordDefaults, type RecordEvents, type RecordingFormat } from '../../actions/index.ts';
import type { FixedEvents } from '../call-event.ts';
import { type Kind, kinds, noted, oddities, without } from '../options.ts';
import { type Facts, type Handler, type MadeState, targetsOf, transitions } from '../state-config.ts';
import { askAction, askAgain, askLimits, isDynamic, questionOptions, type QuestionOptions, reprompts } from './question.ts';

/** Options of a recording. */
export interface RecordOptions<C extends MachineContext> extends Omit<QuestionOptions<C>, 'nomatch' | 'maxNomatch'> {
  /** Whether a beep tells the caller to speak. Default true. */
  readonly beep?: boolean;
  /** Container of the recording. Default wav. */
  readonly format?: RecordingFormat;
  /** Silence allowed before the first word, ms. Default 5,000. */
  readonly timeoutMs?: number;
  /** Silence that ends the recording, ms. Default 3,000. */
  readonly finalSilenceMs?: number;
  /** Longest recording, ms. Default 180,000. */
  readonly maxMs?: number;
  /** Keys that end the recording. */
  readonly termchars?: readonly DtmfKey[];
}

interface Endings {
  /** There is a recording, however it ended. */
  readonly done: RecordEvents['record.done.finalsilence' | 'record.done.termchar' | 'record.done.maxspeech' | 'record.done.hangup'];
  /** The longest length was reached: where it should lead elsewhere than `done`. */
  readonly maxspeech: RecordEvents['record.done.maxspeech'];
  readonly exhausted: RecordEvents['record.noinput' | 'record.failed'] | FixedEvents['play.failed'];
  readonly noinput: RecordEvents['record.noinput'];
  readonly failed: RecordEvents['record.failed'] | FixedEvents['play.failed'];
}

type Handlers<C extends MachineContext> = { readonly [K in keyof Endings]?: Handler<C, Endings[K]> };

/**
 * A state that records. `done` and `exhausted` must be handled; `maxspeech` may be told from `done`; `noinput` and
 * `failed` may be handled, and then are no longer counted.
 *
 * @example
 * ```ts
 * record({ prompt: 'Leave a message after the tone.', maxMs: 60_000, on: { done: 'thanks', exhausted: 'bye' } })
 * ```
 */
export function record<C extends MachineContext, const On extends Handlers<C>>(
  options: RecordOptions<C> & { readonly on: On },
): MadeState<C, Facts<'record', 'done' | 'exhausted', 'maxspeech' | 'noinput' | 'failed', On>>;
export function record(options: RecordOptions<never> & { readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { on = {} } = options;
  const limits = askLimits(options);
  const ask = askAction('record', isDynamic(options.prompt, options.noinput), (evaluate) => ({
    prompts: promptItems(options.prompt === undefined ? undefined : evaluate(options.prompt)),
    beep: options.beep ?? recordDefaults.beep,
    format: options.format ?? recordDefaults.format,
    timeoutMs: options.timeoutMs ?? recordDefaults.timeoutMs,
    finalSilenceMs: options.finalSilenceMs ?? recordDefaults.finalSilenceMs,
    maxMs: options.maxMs ?? recordDefaults.maxMs,
    ...(options.termchars !== undefined && { termchars: options.termchars }),
    reprompts: reprompts(options, evaluate),
  }));
  return noted(oddities(options, recordOptions), {
    entry: [{ type: 'call.ask' }, ask],
    on: {
      ...(on['maxspeech'] !== undefined && { 'record.done.maxspeech': transitions(on['maxspeech']) }),
      'record.done.*': transitions(on['done']),
      'record.noinput': askAgain('noinput', ask, limits, on),
      'record.failed': askAgain('failed', ask, limits, on),
      'play.failed': askAgain('failed', ask, limits, on),
    },
    meta: {
      call: {
        kind: 'record', required: ['done', 'exhausted'], optional: ['maxspeech', 'noinput', 'failed'],
        handled: Object.keys(on), targets: targetsOf(on), choices: [], actions: ['record'], task: [],
      },
    },
  });
}

/** The options of a recording, by kind. */
export const recordOptions = {
  ...without(questionOptions, 'nomatch', 'maxNomatch'), beep: kinds.flag, format: kinds.text, timeoutMs: kinds.time, finalSilenceMs: kinds.time, maxMs: kinds.time, termchars: kinds.keys, on: kinds.object,
} satisfies Record<keyof RecordOptions<never> | 'on', Kind>;
