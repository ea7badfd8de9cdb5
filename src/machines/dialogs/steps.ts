/**
 * Steps — the states of a waterfall: a question, a recording, a sentence, work, another dialog. Each is an ordinary made state that keeps
 * its result under its name and leads on.
 *
 * @module
 */
import { type AnyStateMachine, assign } from 'xstate';
import { type Digits, isQuestion, type Prompt } from '../../actions/index.ts';
import { computing, written } from '../authored.ts';
import type { CallData } from '../call-context.ts';
import type { TaskFailure } from '../call-event.ts';
import { isMachine } from '../naming.ts';
import { notADialog } from '../no-dialog.ts';
import { computed, kinds, type Known, oddities, without } from '../options.ts';
import { transitions } from '../state-config.ts';
import { confirmDefaults, confirmOptions } from '../states/confirm.ts';
import { dialog } from '../states/dialog.ts';
import { onlyIf } from '../states/outcome.ts';
import { type ChoiceMeaning, type ChoiceMeanings, recognize, recognizeOptions } from '../states/recognize.ts';
import { record, recordOptions } from '../states/record.ts';
import { prompt } from '../states/speak.ts';
import { task } from '../states/task.ts';
import { actionsUsed } from '../uses.ts';

/** What a step may be computed from. */
export interface StepArgs<Input, R> {
  /** What the steps before it came to. */
  readonly results: R;
  /** What the dialog was given. */
  readonly input: Input;
  readonly call: CallData;
}

/** What leads from one question to another, beside its answers. */
export interface WaterfallOptions {
  /** Means: the question before this one. */
  readonly back?: ChoiceMeaning;
  /** Means: on without an answer. */
  readonly skip?: ChoiceMeaning;
  /** Means: enough of it. */
  readonly cancel?: ChoiceMeaning;
}

/** A step, looked at without its types. */
export interface Step {
  readonly name: string;
  /** Whether the caller is asked something there, so that it is a place to go back to. */
  readonly isQuestion: boolean;
  readonly when: When | undefined;
  /** Names of the choices, for a question that has some. */
  readonly choices: readonly string[];
  /** What is wrong with it, as sentences. */
  readonly oddities: readonly string[];
  /** The state, given the ways on from it. */
  readonly state: (ways: Ways) => unknown;
}

/** Whether a step is taken. */
export type When = (args: StepArgs<never, never>) => boolean;

/** Where a step leads: on, and back to the question before it. */
interface Ways {
  readonly next: string;
  readonly back: readonly Way[];
}

/** A transition. */
export interface Way {
  readonly target: string;
  readonly guard?: (args: { readonly context: Context }) => boolean;
}

/** What a waterfall holds. */
export interface Context {
  readonly results: Readonly<Record<string, unknown>>;
  readonly input: unknown;
  readonly error: TaskFailure | null;
  readonly call: CallData;
}

/** What an author gives for a step, looked at without its types. */
export interface LooseOptions {
  readonly when?: When;
  readonly prompt?: unknown;
  readonly noinput?: unknown;
  readonly nomatch?: unknown;
  readonly culture?: unknown;
  readonly language?: unknown;
  readonly choices?: ChoiceMeanings;
  readonly choicesFrom?: (args: object) => ChoiceMeanings;
  readonly digits?: Digits;
  readonly yes?: ChoiceMeaning;
  readonly no?: ChoiceMeaning;
  readonly validate?: (args: object) => Prompt | undefined;
  readonly timeoutMs?: number;
  readonly filler?: unknown;
  readonly input?: unknown;
}

/** A question by `choices`, which may be known only when it is asked, or for digits. */
export const question = (name: string, given: LooseOptions, ways: WaterfallOptions): Step => asking(name, given, oddities(given, questionSteps.choices), given.choices, (choice) => choice, ways);

/** A question of yes and no. */
export const yesOrNo = (name: string, given: LooseOptions, ways: WaterfallOptions): Step => {
  const { yes = confirmDefaults.yes, no = confirmDefaults.no, ...options } = given;
  return asking(name, options, oddities(given, questionSteps.confirm), { yes, no }, (choice) => choice === 'yes', ways);
};

/** Something that the caller says, kept as a recording. */
export const recording = (name: string, given: LooseOptions): Step => ({
  name, isQuestion: true, when: given.when, choices: [], oddities: oddities(given, recordingStep),
  state: ({ next }) => {
    const { when: _, prompt: words, noinput, ...options } = given;
    return record({
      ...options, prompt: worded(words), ...(noinput !== undefined && { noinput: worded(noinput) }),
      on: { done: keeping(next, name, (event) => event['recording']), exhausted: 'notCompleted' },
    } as never);
  },
});

/** Something said on the way. */
export const sentence = (name: string, what: unknown, given: LooseOptions): Step => ({ name, isQuestion: false, when: given.when, choices: [], oddities: oddities(given, stepOptions), state: ({ next }) => prompt(worded(what), next) });

const stepOptions = { when: kinds.work } satisfies Known;

/** What of a question by itself the waterfall leaves to its author; `on` it writes itself. */
const questionSteps = {
  choices: { ...without(recognizeOptions, 'on', 'speech'), ...stepOptions }, confirm: { ...without(confirmOptions, 'on', 'cancel'), ...stepOptions },
} satisfies Record<string, Known>;

const recordingStep = { ...without(recordOptions, 'on'), ...stepOptions } satisfies Known;

const asking = (name: string, { when, prompt: words, validate, choicesFrom, ...question }: LooseOptions, odd: readonly string[], choices: ChoiceMeanings | undefined, result: (choice: string) => unknown, { back, skip, cancel }: WaterfallOptions): Step => ({
  name, isQuestion: true, when, choices: Object.keys(choices ?? {}),
  oddities: [
    ...((choices ?? choicesFrom) !== undefined && validate !== undefined ? ['only digits are validated'] : []),
    ...((choices ?? choicesFrom) === undefined && question.digits === undefined ? ['asks for neither choices nor digits'] : []),
    ...odd,
  ],
  state: (ways) => {
    const { noinput, nomatch, culture, language } = question;
    const computed = { noinput, nomatch, culture, language };
    const shared = { ...question, ...Object.fromEntries(Object.entries(computed).flatMap(([option, given]) => (given === undefined ? [] : [[option, worded(given)]]))), prompt: worded(words) };
    const aside = { ...(back !== undefined && { back }), ...(skip !== undefined && { skip }), ...(cancel !== undefined && { cancel }) };
    const asideOn = {
      ...(back !== undefined && { back: ways.back }),
      ...(skip !== undefined && { skip: keeping(ways.next, name, () => undefined) }),
      ...(cancel !== undefined && { cancel: 'cancelled' }),
    };
    if (choicesFrom !== undefined) {
      return recognize({
        ...shared,
        choicesFrom: written(({ context }: { readonly context: Context }) => ({ ...choicesFrom(argsOf(context)), ...aside }), choicesFrom),
        on: { choice: [...Object.entries(asideOn).flatMap(([way, on]) => onlyIf(chosen(way), transitions(on))), keeping(ways.next, name, ({ choice }) => choice)], exhausted: 'notCompleted' },
      } as never);
    }
    if (choices === undefined) {
      const looks = validate && written(({ context, digits }: { readonly context: Context; readonly digits: string }) => validate({ ...argsOf(context), digits }), validate);
      return recognize({ ...shared, ...(looks && { validate: looks }), on: { digits: keeping(ways.next, name, ({ digits }) => digits), exhausted: 'notCompleted' } } as never);
    }
    return recognize({
      ...shared,
      choices: { ...choices, ...aside },
      on: { ...Object.fromEntries(Object.keys(choices).map((choice) => [choice, keeping(ways.next, name, () => result(choice))])), ...asideOn, exhausted: 'notCompleted' },
    } as never);
  },
});

/** Whether the caller has chosen `way`, at a question whose choices are known only at run time. */
const chosen = (way: string) => ({ event }: { readonly event: unknown }): boolean => (event as { readonly choice?: unknown }).choice === way;

/** Another dialog. What it ends with the status `back` is the caller who goes back from its first question. */
export const within = (name: string, machine: AnyStateMachine, given: LooseOptions): Step => ({
  name, isQuestion: isMachine(machine) && actionsUsed(machine).some(({ action }) => isQuestion(action)), when: given.when, choices: [],
  oddities: [...[notADialog(machine)].filter((what) => what !== undefined), ...oddities(given, { ...stepOptions, input: kinds.any })],
  state: ({ next, back }) =>
    dialog(machine, {
      input: computing(({ context }: { readonly context: Context }) => (typeof given.input === 'function' ? (given.input as (args: object) => unknown)(argsOf(context)) : given.input), given.input),
      on: { done: [...onlyIf(wentBack, back), keeping(next, name, ({ output }) => (statusOf(output) === 'forward' ? undefined : output))] },
    } as never),
});

const wentBack = ({ event }: { readonly event: unknown }): boolean => statusOf((event as { readonly output?: unknown }).output) === 'back';

const statusOf = (output: unknown): unknown => (output as { readonly status?: unknown } | null | undefined)?.status;

const workOptions = { ...stepOptions, timeoutMs: kinds.time, filler: computed(kinds.prompt) } satisfies Known;

/** Work. */
export const work = (name: string, run: (args: object) => unknown, given: LooseOptions): Step => ({
  name, isQuestion: false, when: given.when, choices: [], oddities: oddities(given, workOptions),
  state: ({ next }) =>
    task({
      run: (args: object) => run(args),
      input: ({ context: { results, input } }: { readonly context: Context }) => ({ results, input }),
      ...(given.timeoutMs !== undefined && { timeoutMs: given.timeoutMs }), ...(given.filler !== undefined && { filler: worded(given.filler) }),
      on: {
        done: keeping(next, name, ({ output }) => output),
        failed: { target: 'notCompleted', actions: assign(({ event }) => ({ error: (event as unknown as { readonly error: TaskFailure }).error })) },
      },
    } as never),
});

/** What an author's function is given. */
export const argsOf = ({ results, input, call }: Context): StepArgs<unknown, unknown> => ({ results, input, call });

const worded = (words: unknown): never => (typeof words === 'function' ? computing(({ context }: { readonly context: Context }) => (words as (args: object) => Prompt)(argsOf(context)), words) : words) as never;

/** On to `target`, with what the event comes to as the result of the step `name`. */
const keeping = (target: string, name: string, result: (event: Readonly<Record<string, unknown>>) => unknown): object => ({
  target,
  actions: assign(({ context, event }: { readonly context: Context; readonly event: unknown }) => {
    const { [name]: _, ...others } = context.results;
    const value = result(event as Readonly<Record<string, unknown>>);
    return { results: value === undefined ? others : { ...others, [name]: value } } as never; // what is undefined does not come back from a store
  }),
});
