/**
 * Waterfall — a dialog out of steps that follow one another: questions, recordings, sentences, work, other dialogs. Each step adds its result, by
 * name and with its type, to those before it; whoever runs the dialog gets them all.
 *
 * What comes out is one dialog with a state a step, and no machinery of its own: it is drawn, checked and kept like any
 * other. `back`, `skip` and `cancel` are choices of every question but those for digits and recordings, once they are said what means them.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Capability, Digits, Prompt, Recording } from '../../actions/index.ts';
import { CallError } from '../../errors.ts';
import { written } from '../authored.ts';
import type { TaskFailure } from '../call-event.ts';
import { dialogMachine } from '../call-machine.ts';
import { didYouMean } from '../nearest.ts';
import type { Dialog } from '../states/dialog.ts';
import type { ChoiceMeaning, ChoiceMeanings, RecognizeOptions } from '../states/recognize.ts';
import type { Tapering } from '../states/question.ts';
import type { RecordOptions } from '../states/record.ts';
import { argsOf, type Context, type LooseOptions, question, recording, sentence, type Step, type StepArgs, type WaterfallOptions, type Way, within, work, yesOrNo } from './steps.ts';

/** How a waterfall ended, with the results so far. */
export type WaterfallResult<R> =
  | { readonly status: 'completed'; readonly results: R }
  /** A question was asked as often as it may be, or a step's work failed, which `error` tells. */
  | { readonly status: 'notCompleted'; readonly results: Partial<R>; readonly error: TaskFailure | null }
  /** The caller cancelled. */
  | { readonly status: 'cancelled'; readonly results: Partial<R>; readonly error: null }
  /** The caller went back from the first question. */
  | { readonly status: 'back'; readonly results: Partial<R>; readonly error: null };

type Told<Input, R, T> = T | ((args: StepArgs<Input, R>) => T);
type Said<Input, R> = Told<Input, R, Prompt>;

interface StepOptions<Input, R> {
  /** Whether the step is taken; else it is passed over and has no result. */
  readonly when?: (args: StepArgs<Input, R>) => boolean;
}

interface QuestionStep<Input, R> extends StepOptions<Input, R>, Omit<RecognizeOptions<never>, 'prompt' | 'noinput' | 'nomatch' | 'culture' | 'language' | 'choicesFrom' | 'validate'> {
  readonly prompt: Said<Input, R>;
  readonly noinput?: Told<Input, R, Tapering>;
  readonly nomatch?: Told<Input, R, Tapering>;
  readonly culture?: Told<Input, R, string>;
  readonly language?: Told<Input, R, string>;
}

interface DigitsStep<Input, R> extends QuestionStep<Input, R> {
  readonly digits: Digits;
  readonly choices?: never;
  /** What is wrong with the digits, as the caller is told; undefined when nothing is. */
  readonly validate?: (args: StepArgs<Input, R> & { readonly digits: string }) => Prompt | undefined;
}

interface ChoicesStep<Input, R, Ch> extends QuestionStep<Input, R> {
  readonly choices: Ch;
  readonly digits?: never;
}

interface ChoicesFromStep<Input, R> extends QuestionStep<Input, R> {
  /** Choices that are known only when the question is asked. */
  readonly choicesFrom: (args: StepArgs<Input, R>) => ChoiceMeanings;
  readonly choices?: never;
  readonly digits?: never;
}

interface ConfirmStep<Input, R> extends QuestionStep<Input, R> {
  readonly yes?: ChoiceMeaning;
  readonly no?: ChoiceMeaning;
}

interface RecordStep<Input, R> extends StepOptions<Input, R>, Omit<RecordOptions<never>, 'prompt' | 'noinput'> {
  readonly prompt: Said<Input, R>;
  readonly noinput?: Told<Input, R, Tapering>;
}

interface RunStep<Input, R> extends StepOptions<Input, R> {
  readonly timeoutMs?: number;
  readonly filler?: Said<Input, R>;
}

interface DialogStep<Input, R, I> extends StepOptions<Input, R> {
  /** What the dialog is given. */
  readonly input: NoInfer<I> | ((args: StepArgs<Input, R>) => NoInfer<I>);
}

/** `S`, which is inferred whole so that its `when` is known, and is held to the properties of `Known` all the same. */
type Only<S, Known> = S & Known & { readonly [P in Exclude<keyof S, keyof Known> & string]: `option \`${P}\` does not exist` };

/** What the results of a step are when it may have none. */
type Maybe<T, S> = S extends { readonly when: unknown } ? T | undefined : T;
type Result<N extends string, T> = { readonly [K in N]: T };

/** The result of a dialog as a step: what goes back leads back, what goes forward leads on, and neither is a result. */
type Kept<O> = O extends { readonly status: 'back' } ? never : O extends { readonly status: 'forward' } ? undefined : O;

/** The state of a step, as far as it matters what the service can do: what it asks for, or the states of the dialog that it runs. */
type Asks<N extends string, Needs extends Capability> = Result<N, { readonly meta: { readonly call: { readonly '~needs'?: Needs } } }>;
type Runs<N extends string, States> = Result<N, { readonly meta: { readonly call: { readonly '~runs'?: States } } }>;

/** A waterfall while it is written. Each method gives a longer one and leaves the one before as it was. `All` are the states so far. */
export interface Waterfall<Input, R, Skipped, All = unknown> {
  /** Asks for one of `choices`, or of `choicesFrom` what is known by then; the result is its name. Or asks for `digits`; the result is a text. */
  ask<const N extends string, S extends DigitsStep<Input, R>>(name: N, question: Only<S, DigitsStep<Input, R>>): Waterfall<Input, R & Result<N, Maybe<string, S>>, Skipped, All & Asks<N, 'recognize'>>;
  ask<const N extends string, S extends ChoicesFromStep<Input, R>>(name: N, question: Only<S, ChoicesFromStep<Input, R>>): Waterfall<Input, R & Result<N, Maybe<string, S> | Skipped>, Skipped, All & Asks<N, 'recognize'>>;
  ask<const N extends string, const Ch extends ChoiceMeanings, S extends ChoicesStep<Input, R, ChoiceMeanings>>(name: N, question: Only<S, ChoicesStep<Input, R, Ch>>): Waterfall<Input, R & Result<N, Maybe<keyof Ch & string, S> | Skipped>, Skipped, All & Asks<N, 'recognize'>>;
  /** Asks yes or no; the result is true or false. */
  confirm<const N extends string, S extends ConfirmStep<Input, R>>(name: N, question: Only<S, ConfirmStep<Input, R>>): Waterfall<Input, R & Result<N, Maybe<boolean, S> | Skipped>, Skipped, All & Asks<N, 'recognize'>>;
  /** Records what the caller says; the result is the recording. */
  record<const N extends string, S extends RecordStep<Input, R>>(name: N, recording: Only<S, RecordStep<Input, R>>): Waterfall<Input, R & Result<N, Maybe<Recording, S>>, Skipped, All & Asks<N, 'record'>>;
  /** Works; the result is what `run` gives, which is JSON. */
  run<const N extends string, O, S extends RunStep<Input, R>>(name: N, run: (args: { readonly results: R; readonly input: Input }) => O | Promise<O>, options?: Only<S, RunStep<Input, R>>): Waterfall<Input, R & Result<N, Maybe<O, S>>, Skipped, All>;
  /**
   * Runs a dialog; the result is its output as it is. One that ends with the status `back`, as a waterfall does whose caller goes
   * back from its first question, leads to the question before this step; one with the status `forward` leads on without a result.
   */
  dialog<const N extends string, O, S extends StepOptions<Input, R>, D = unknown>(name: N, dialog: Dialog<undefined, O, D>, options?: Only<S, StepOptions<Input, R>>): Waterfall<Input, R & Result<N, Maybe<Kept<O>, S>>, Skipped, All & Runs<N, D>>;
  dialog<const N extends string, I, O, S extends StepOptions<Input, R>, D = unknown>(name: N, dialog: Dialog<I, O, D>, options: Only<S, DialogStep<Input, R, I>>): Waterfall<Input, R & Result<N, Maybe<Kept<O>, S>>, Skipped, All & Runs<N, D>>;
  /** Says something on the way. */
  say(what: Said<Input, R>, options?: StepOptions<Input, R>): Waterfall<Input, R, Skipped, All>;
  /** The dialog. @throws `ERR_BOT_INVALID` when it has no steps, or two of one name. */
  end(): Dialog<Input, WaterfallResult<R>, All>;
}

/**
 * Begins a waterfall.
 *
 * @example
 * ```ts
 * const order = waterfall('order', { back: 'back' })
 *   .ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } })
 *   .ask('count', { prompt: ({ results }) => `How many ${results.size} ones?`, digits: { max: 2, termchars: ['#'] } })
 *   .end();
 * ```
 */
export const waterfall = <Input = undefined, const O extends WaterfallOptions = WaterfallOptions>(
  id: string,
  options?: O,
): Waterfall<Input, Record<never, never>, O extends { readonly skip: ChoiceMeaning } ? undefined : never> => writing(id, options ?? {}, [], { question: (given) => given, recording: (given) => given }) as never;

/** `waterfall` whose questions' and recordings' options are completed by `complete`. */
export const waterfallWith = (complete: Complete): typeof waterfall => ((id: string, options?: WaterfallOptions) => writing(id, options ?? {}, [], complete)) as never;

/** What completes the options of a question, and of a recording. */
type Complete = { readonly [K in 'question' | 'recording']: (given: LooseOptions) => LooseOptions };

const writing = (id: string, options: WaterfallOptions, steps: readonly Step[], complete: Complete): object => {
  const more = (step: Step): object => writing(id, options, [...steps, step], complete);
  return {
    ask: (name: string, given: LooseOptions) => more(question(name, complete.question(given), options)),
    confirm: (name: string, given: LooseOptions) => more(yesOrNo(name, complete.question(given), options)),
    record: (name: string, given: LooseOptions) => more(recording(name, complete.recording(given))),
    run: (name: string, run: (args: object) => unknown, given: LooseOptions = {}) => more(work(name, run, given)),
    dialog: (name: string, machine: AnyStateMachine, given: LooseOptions = {}) => more(within(name, machine, given)),
    say: (what: unknown, given: LooseOptions = {}) => more(sentence(`say${steps.length + 1}`, what, given)),
    end: () => built(id, Object.keys(options), steps),
  };
};

const built = (id: string, own: readonly string[], steps: readonly Step[]): Dialog<never, never> => {
  const problems = problemsOf(own, steps);
  if (problems.length > 0) throw new CallError('ERR_BOT_INVALID', `waterfall \`${id}\`: ${problems.join('; ')}`, { problems });
  /** The ways from before the step `index`; a step that is not taken is passed over. */
  const onward = (index: number): readonly Way[] => {
    const step = steps[index];
    return step === undefined ? [{ target: 'completed' }] : step.when === undefined ? [wayTo(step)] : [wayTo(step), ...onward(index + 1)];
  };
  const backward = (index: number): readonly Way[] => {
    const step = steps[index];
    if (step === undefined) return [{ target: 'back' }];
    return !step.isQuestion ? backward(index - 1) : step.when === undefined ? [wayTo(step)] : [wayTo(step), ...backward(index - 1)];
  };
  const junctions: Record<string, unknown> = {};
  /** Where to go to get to the step `index`. What decides it is known only when the result before it is: at a state between. */
  const entry = (index: number): string => {
    const [first, ...others] = onward(index);
    if (first === undefined || others.length === 0) return first?.target ?? 'completed';
    junctions[`before_${index + 1}`] = { always: [first, ...others] };
    return `before_${index + 1}`;
  };
  const initial = entry(0);
  const states = Object.fromEntries(steps.map(({ name, state }, index) => [name, state({ next: entry(index + 1), back: backward(index - 1) })]));
  const ends = (status: WaterfallResult<unknown>['status']) => ({
    type: 'final', meta: { status }, output: ({ context: { results, error } }: { readonly context: Context }) => (status === 'completed' ? { status, results } : { status, results, error }),
  });
  return dialogMachine()(id, {
    context: ({ input }: { readonly input: unknown }) => ({ results: {}, input: input ?? null, error: null }),
    initial,
    states: { ...states, ...junctions, completed: ends('completed'), notCompleted: ends('notCompleted'), cancelled: ends('cancelled'), back: ends('back') },
  } as never) as unknown as Dialog<never, never>;
};

const wayTo = ({ name, when }: Step): Way => ({ target: name, ...(when !== undefined && { guard: written(({ context }: { readonly context: Context }) => when(argsOf(context) as never), when) }) });

const taken: readonly string[] = ['completed', 'notCompleted', 'cancelled', 'back', 'idle', 'ended'];

const ways: readonly string[] = ['back', 'skip', 'cancel'];

const problemsOf = (own: readonly string[], steps: readonly Step[]): readonly string[] => [
  ...(steps.length === 0 ? ['has no steps'] : []),
  ...own.filter((option) => !ways.includes(option)).map((option) => `option \`${option}\` does not exist${didYouMean(option, ways)}`),
  ...steps.flatMap(({ name, oddities }) => oddities.map((what) => `step \`${name}\`: ${what}`)),
  ...steps.filter(({ name }, index) => steps.findIndex((other) => other.name === name) < index).map(({ name }) => `two steps are called \`${name}\``),
  ...steps.filter(({ name }) => taken.includes(name) || /[.#*]/.test(name)).map(({ name }) => `no step can be called \`${name}\``),
  ...steps.flatMap(({ name, choices }) => choices.filter((choice) => own.includes(choice)).map((choice) => `step \`${name}\`: choice \`${choice}\` is a way of the waterfall`)),
];
