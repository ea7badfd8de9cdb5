/**
 * Call machine — the typed maker: one machine a bot, an ordinary XState machine in the end.
 *
 * Around the author's states it puts two of its own: `idle`, which a call leaves on `call.incoming`, and `ended`, which
 * `call.ended` reaches from everywhere. Everything else in the result is what the author wrote.
 *
 * @module
 */
import { type AnyStateMachine, type EventObject, type MachineContext, type MetaObject, type ProvidedActor, sendTo, setup, type StateMachine, type StateSchema, type StateValue } from 'xstate';
import { type Prompt, promptItems } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import { beginCall, type ByCall, contextActions, contextGuards, unknownCall } from './call-context.ts';
import type { CallEvent, FixedEvents } from './call-event.ts';
import { type Command, commandHandlers, type Commands, offeredCommands } from './commands.ts';
import { isBotLanguage, type SpokenLanguage } from './default-texts.ts';
import { type BotFacts, cleanupTask } from './bot-facts.ts';
import { brokenRules, type LooseState } from './load-rules.ts';
import { build } from './build.ts';
import { firstContext } from './first-context.ts';
import { isName } from './naming.ts';
import { computed, type Kind, kinds, oddities, odditiesOfEach, odditiesWithin } from './options.ts';
import { type Exchange, remember, type Shelves } from './origin.ts';
import type { CheckedCommands, CheckedTop, Ending, Promised } from './rules.ts';
import type { CallInput, EndReason } from './service-event.ts';
import type { Dialog, DialogInput, WithStates } from './states/dialog.ts';
import { botReprompts, type BotReprompts, kept } from './states/question.ts';
import type { Handler, States, WithCallData } from './state-config.ts';
import { type TaskFunction, taskLogic } from './task-logic.ts';

/** What the author's cleanup is told when a call has ended. */
export interface CallEnd<Context = unknown> {
  readonly callId: string;
  readonly reason: EndReason;
  /** The author's context as it was at the end; without anything in it where the call failed before it had one. */
  readonly context: Context;
}

/** Tasks by name. */
export type Tasks = Readonly<Record<string, TaskFunction<never, unknown>>>;

/** What a bot is made of. */
export interface BotOptions<C extends MachineContext, T extends Tasks> {
  /** Handlers of the whole machine: taken when no state handles the event. A state `x` is `.x` from here; the end of the call is the framework's. */
  readonly on?: { readonly [K in Exclude<keyof FixedEvents, 'call.ended'>]?: Handler<C, FixedEvents[K]> };
  /** Work that states ask for by name. */
  readonly tasks?: T;
  /** Said, before a hangup, when the bot's own code fails. Default: an apology in the bot's language. */
  readonly apology?: ByCall<Prompt>;
  /** Said before a question is asked again that has no text of its own, by what went wrong. Default: a short apology in the bot's language. */
  readonly reprompts?: BotReprompts;
  /**
   * What the bot speaks where its author has said nothing; `'caller'` is the language of whoever calls, a function such as a
   * catalogue's `language` gives its tag. English where there are no words for it. Default `'en'`.
   */
  readonly language?: SpokenLanguage;
  /** What the caller hears while work outlasts the service's patience. Default: a silence of 2 s. */
  readonly filler?: ByCall<Prompt>;
  /** Run after the call has ended, at least once, always with the same `taskId`. */
  readonly cleanup?: TaskFunction<CallEnd<Partial<C>>, unknown>;
  /** The author's version of the bot; calls in flight remember it. Default `1`. */
  readonly version?: string;
  /** What `callchart check` finds and the author lets be: the id of the finding, or of its rule, with the reason, which is printed. */
  readonly waive?: Readonly<Record<string, string>>;
}

interface Commanded<S, Led extends string> {
  /** What the caller may say or key at every question: “operator”, “repeat”. A question's own choices come first. */
  readonly commands?: Commands<Led>;
  readonly states: CheckedCommands<S, Led>;
}

interface Body<C extends MachineContext, S, I extends string, T extends Tasks> {
  /** The state that a call begins in. */
  readonly initial: I;
  /** `States<C>` stands here too so that inline functions in nested states are typed by it, whatever `S` turns out to be. */
  readonly states: States<C> & S & CheckedTop<S, I, keyof T & string>;
}

type ChoiceNames<S> = { [K in keyof S]: S[K] extends { readonly meta: { readonly call: { readonly choices: readonly (infer N)[] } } } ? N : S[K] extends { readonly states: infer Nested } ? ChoiceNames<Nested> : never }[keyof S];

type ValueOf<S> = { [K in keyof S & string]: S[K] extends { readonly states: infer N } ? K | { [P in K]: S[K] extends { readonly type: 'parallel' } ? { [R in keyof N]?: N[R] extends { readonly states: infer M } ? ValueOf<M> : Record<never, never> } : ValueOf<N> } : K }[keyof S & string];

/** An XState machine of calls. */
export type CallMachine<C extends MachineContext = MachineContext, S = States<C>> = StateMachine<
  WithCallData<C>, CallEvent<ChoiceNames<S> & string>, Record<string, never>, ProvidedActor, { type: string; params: undefined }, { type: string; params: undefined }, string,
  Extract<ValueOf<S> | 'idle' | 'ended', StateValue>, string, CallInput | undefined, unknown, EventObject, MetaObject, StateSchema & WithStates<S>
>;

/**
 * Makes a bot's machine. A bot with data of its own fixes their type first, `callMachine<Context>()('acme', …)`, so that
 * inline `assign`, guards and prompts are typed.
 *
 * @throws `ERR_BOT_INVALID` with one sentence a problem, when a rule is broken that the compiler was not there to see.
 * @example
 * ```ts
 * export default callMachine('acme', {
 *   initial: 'menu',
 *   states: {
 *     menu: recognize({
 *       prompt: 'For sales press 1, for support press 2.',
 *       choices: { sales: '1', support: '2' },
 *       on: { sales: 'sales', support: 'support', exhausted: 'bye' },
 *     }),
 *     sales: hangup('Sales will call you back.'),
 *     support: hangup('Support will call you back.'),
 *     bye: hangup('Goodbye.'),
 *   },
 * });
 * ```
 */
export function callMachine<C extends MachineContext>(): <const S extends States<C>, const I extends string, T extends Tasks = Record<never, never>, const Led extends string = never>(
  id: string,
  config: BotOptions<C, T> & Body<C, S, I, T> & Commanded<S, Led> & { readonly context: C | ((args: { readonly input: CallInput }) => C) },
) => CallMachine<C, S>;
export function callMachine<const S extends States<Record<never, never>>, const I extends string, T extends Tasks = Record<never, never>, const Led extends string = never>(
  id: string,
  config: BotOptions<Record<never, never>, T> & Body<Record<never, never>, S, I, T> & Commanded<S, Led>,
): CallMachine<Record<never, never>, S>;
export function callMachine(id?: string, config?: unknown): unknown {
  return id === undefined ? makeBot : makeBot(id, (config ?? {}) as LooseBot);
}

/** What a dialog is made of: as a bot, and the states that end it are XState's `final` states with an `output`. */
type DialogBody<C extends MachineContext, Input, S, I extends string, T extends Tasks> = Body<C, S, I, T> & {
  readonly tasks?: T;
  readonly context?: C | ((args: { readonly input: Input }) => C);
};

/**
 * Makes a dialog: a reusable machine with typed input and output, run by a state `dialog`. It ends in a final state,
 * whose `output` is its result: `{ type: 'final', output: ({ context }) => context.pin }`. The third type is what it promises to
 * end with; where that is not said, it is whatever the final states give. A dialog without data and input of its own is made by
 * `dialogMachine('id', { … })` alone.
 *
 * @throws `ERR_BOT_INVALID` as {@link callMachine}.
 */
export function dialogMachine<C extends MachineContext = Record<never, never>, Input = undefined, Output = unknown>(): <const S extends States<C>, const I extends string, T extends Tasks = Record<never, never>>(
  id: string,
  config: DialogBody<C, Input, S, I, T> & { readonly states: Promised<S, Output> },
) => Dialog<Input, unknown extends Output ? Ending<S> : Output, S>;
export function dialogMachine<const S extends States<Record<never, never>>, const I extends string, T extends Tasks = Record<never, never>>(
  id: string,
  config: DialogBody<Record<never, never>, undefined, S, I, T>,
): Dialog<undefined, Ending<S>, S>;
export function dialogMachine(id?: string, config?: unknown): unknown {
  return id === undefined ? makeDialog : makeDialog(id, (config ?? {}) as LooseBot);
}

interface LooseBot extends BotOptions<never, Tasks> {
  readonly commands?: Commands;
  readonly initial?: unknown;
  readonly states?: Readonly<Record<string, LooseState>>;
  readonly context?: unknown;
}

/** The options of a bot, by kind. */
const botOptions = {
  on: kinds.object, tasks: kinds.object, apology: computed(kinds.prompt), reprompts: kinds.object, language: computed(kinds.text), filler: computed(kinds.prompt), cleanup: kinds.work, version: kinds.text, waive: kinds.object,
  initial: kinds.any, states: kinds.object, commands: kinds.object, context: kinds.any,
} satisfies Record<keyof LooseBot, Kind>;
const repromptOptions = { noinput: computed(kinds.prompts), nomatch: computed(kinds.prompts), failed: computed(kinds.prompts) } satisfies Record<keyof BotReprompts, Kind>;
const commandOptions = { key: kinds.any, phrases: kinds.any, target: kinds.any, repeat: kinds.any } satisfies Record<keyof Command, Kind>;

const dialogOptions = { initial: kinds.any, states: kinds.object, tasks: kinds.object, context: kinds.any } satisfies Record<keyof DialogBody<never, never, never, never, never>, Kind>;

/** @throws `ERR_BOT_INVALID` when the options of the machine, or its states, break a rule. */
const checked = (id: string, config: LooseBot, odd: readonly string[]): void => {
  const { initial, states = {}, on, tasks = {}, commands = {}, language, waive = {} } = config;
  const shapes = odd.filter((what) => what.endsWith(' not an object'));
  if (shapes.length > 0) throw invalid(id, shapes); // nothing else could be read
  const problems = [
    ...(isName(id) ? [] : ['the id of a bot is a letter, then letters, digits, `-` or `_`']),
    ...odd,
    ...Object.entries(tasks).filter(([, run]) => typeof run !== 'function').map(([name]) => `task \`${name}\` is not a function`),
    ...Object.entries(waive).filter(([, reason]) => typeof reason !== 'string' || reason.trim() === '').map(([id]) => `\`waive\` gives no reason for \`${id}\``),
    ...(language === undefined || typeof language !== 'string' || isBotLanguage(language) ? [] : [`there are no default texts in the language \`${String(language)}\``]),
    ...brokenRules({ id, initial, states, on, tasks: Object.keys(tasks), commands }),
  ];
  if (problems.length > 0) throw invalid(id, problems);
};

const makeBot = (id: string, config: LooseBot): AnyStateMachine => {
  checked(id, config, [...oddities(config, botOptions), ...odditiesWithin('reprompts', config.reprompts, repromptOptions), ...odditiesOfEach('command', config.commands, commandOptions)]);
  const facts: BotFacts = {
    kind: 'bot', version: config.version ?? '1',
    apology: config.apology === undefined ? null : kept(config.apology, promptItems), language: config.language ?? 'en',
    filler: config.filler === undefined ? [{ silenceMs: 2_000 }] : kept(config.filler, promptItems),
    ...offeredCommands(config.commands ?? {}), reprompts: botReprompts(config.reprompts), waive: config.waive ?? {},
  };
  return make({ id, local: id, config, facts, exchange: (dialog) => dialog }, {
    context: firstContext<CallInput>(config.context, (input = unknownCall) => ({ input, call: beginCall(input) })),
    on: { ...commandHandlers(config.commands ?? {}), ...config.on, 'call.ended': { target: '.ended', actions: { type: 'call.end' } } },
    idle: { on: { 'call.incoming': { target: config.initial, actions: { type: 'call.begin' } } } },
    ended: { type: 'final', output: ({ context }: { context: { call: { ended: EndReason } } }) => ({ reason: context.call.ended }) },
    output: ({ event }: { event: { output?: unknown } }) => event.output,
  });
};

const makeDialog = (id: string, config: LooseBot): AnyStateMachine => {
  checked(id, config, oddities(config, dialogOptions));
  return dialogCalled(id, id, config, (dialog) => dialog, []);
};

/** The dialog of `config`, which its author calls `local`, under the name `id`. */
const dialogCalled = (id: string, local: string, config: LooseBot, exchange: Exchange, shelves: Shelves): AnyStateMachine => {
  const made = make({ id, local, config, exchange, facts: { kind: 'dialog', version: '1', apology: [], filler: [], commands: [], reprompts: {}, language: 'en', waive: {} } }, {
    context: firstContext<DialogInput>(config.context, (input) => ({ input: (input as DialogInput).input, call: beginCall((input as DialogInput).call) })),
    on: {},
    // XState starts the actors of a first state before that state's own entry runs; a first state that is left by an
    // event from its own mailbox keeps the order of a dialog's prompts the same as everywhere else.
    idle: { entry: sendTo(({ self }) => self, { type: 'call.begin' }), on: { 'call.begin': { target: config.initial } } },
    ended: undefined,
    output: ({ event }: { event: { output?: unknown } }) => event.output,
  });
  return remember(made, { exchange, shelves, remake: (other, ...how) => dialogCalled(other, local, config, ...how) });
};

interface Frame {
  readonly context: unknown;
  readonly on: unknown;
  readonly idle: unknown;
  readonly ended: unknown;
  readonly output: unknown;
}

/** What a machine is made from. */
interface Draft {
  readonly id: string;
  /** What its author calls it. */
  readonly local: string;
  readonly config: LooseBot;
  readonly facts: BotFacts;
  readonly exchange: Exchange;
}

const make = ({ id, local, config, facts, exchange }: Draft, frame: Frame): AnyStateMachine => {
  const { states = {}, tasks = {} } = config;
  const built = build({ id, local, kind: facts.kind, states, tasks, exchange });
  if (built.problems.length > 0) throw invalid(id, built.problems);
  const actors = {
    ...Object.fromEntries(Object.entries(tasks).map(([name, run]) => [name, taskLogic(run)])),
    ...(config.cleanup !== undefined && { [cleanupTask]: taskLogic(config.cleanup) }),
    ...built.actors,
  };
  try {
    return setup({ actions: contextActions, guards: contextGuards, actors } as never).createMachine({
      id, initial: 'idle', context: frame.context, on: frame.on, output: frame.output, meta: { call: facts }, version: facts.version,
      states: { idle: frame.idle, ...built.states, ...(frame.ended !== undefined && { ended: frame.ended }) },
      options: { maxIterations: 1_000 },
    } as never) as unknown as AnyStateMachine;
  } catch (cause) {
    throw invalid(id, [cause instanceof Error ? cause.message : 'XState refuses the machine'], cause);
  }
};

const invalid = (id: string, problems: readonly string[], cause?: unknown): CallError<'ERR_BOT_INVALID'> =>
  new CallError('ERR_BOT_INVALID', `bot \`${id}\`: ${problems.join('; ')}`, { problems }, { cause });
