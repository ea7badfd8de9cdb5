/**
 * The state `confirm` — asks a question that is answered with yes or no.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import type { ChoiceEvent } from '../call-event.ts';
import { defaultTexts } from '../default-texts.ts';
import { type Kind, kinds, noted, oddities, without } from '../options.ts';
import type { Facts, Handler, MadeState } from '../state-config.ts';
import { type ChoiceMeaning, type Endings, type Own, recognize, type RecognizeOptions, recognizeOptions } from './recognize.ts';

/** What means yes and what means no where the author says nothing else: the words in {@link defaultTexts} of the bot's language. */
export const confirmDefaults = { yes: { ...defaultTexts.en.yes, word: 'yes' }, no: { ...defaultTexts.en.no, word: 'no' } } as const;

type Outcomes<Cancel> = 'yes' | 'no' | ([Cancel] extends [undefined] ? never : 'cancel');

type Handlers<C extends MachineContext> = { readonly [K in 'yes' | 'no' | 'cancel']?: Handler<C, ChoiceEvent<K>> } & { readonly [K in 'exhausted' | Own]?: Handler<C, Endings[K]> };

/**
 * A state that asks whether something is so. `yes`, `no` and `exhausted` must be handled; `cancel` as well once it is said
 * what means it.
 *
 * @example
 * ```ts
 * confirm({ prompt: 'Is that right?', on: { yes: 'order', no: 'size', exhausted: 'bye' } })
 * confirm({ prompt: 'Shall I book it?', cancel: ['9', 'cancel'], on: { yes: 'book', no: 'size', cancel: 'bye', exhausted: 'bye' } })
 * ```
 */
export function confirm<C extends MachineContext, const On extends Handlers<C>, const Cancel extends ChoiceMeaning | undefined = undefined>(
  options: Omit<RecognizeOptions<C>, 'choicesFrom' | 'validate' | 'secret'> & {
    /** What means yes. Default: the key 1, and the words for it in the bot's language: “yes”, “yep”, “sure”, “ok”, “true”. */
    readonly yes?: ChoiceMeaning;
    /** What means no. Default: the key 2, and the words for it in the bot's language: “no”, “nope”, “not”, “false”. */
    readonly no?: ChoiceMeaning;
    /** What means neither. Default: nothing does. */
    readonly cancel?: Cancel;
    readonly on: On;
  },
): MadeState<C, Facts<'recognize', Outcomes<Cancel> | 'exhausted', Own, On, Outcomes<Cancel>>>;
export function confirm(given: ConfirmOptions): unknown {
  const { yes = confirmDefaults.yes, no = confirmDefaults.no, cancel, ...options } = Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(confirmOptions, name))) as unknown as ConfirmOptions;
  return noted(oddities(given, confirmOptions), recognize({ ...options, choices: { yes, no, ...(cancel !== undefined && { cancel }) } } as never));
}

interface ConfirmOptions extends Omit<RecognizeOptions<never>, 'choicesFrom' | 'validate'> {
  readonly yes?: ChoiceMeaning;
  readonly no?: ChoiceMeaning;
  readonly cancel?: ChoiceMeaning;
  readonly on: Readonly<Record<string, unknown>>;
}

/** The options of a question of yes and no, by kind. */
export const confirmOptions = { ...without(recognizeOptions, 'choicesFrom', 'validate', 'choices', 'digits'), yes: kinds.any, no: kinds.any, cancel: kinds.any } satisfies Record<keyof ConfirmOptions, Kind>;
