/**
 * Load rules — the rules of `rules.ts` held against a bot when it is loaded, with the same sentences, and those rules
 * that types cannot see. For authors of JavaScript, and for whatever a cast has hidden from the compiler.
 *
 * @module
 */
import { callActions, type Raw } from '../actions/index.ts';
import type { AskLimits } from './call-context.ts';
import { isDescriptor } from './call-event.ts';
import { commandProblems, type Commands } from './commands.ts';
import { didYouMean } from './nearest.ts';
import { isObject } from './options.ts';
import { isCount, isTime, type Parameters, parameterProblems, questionProblems } from './parameter-rules.ts';
import type { ReservedOutcome, ReservedState, Telltale } from './rules.ts';
import { type StateFacts, targetsOf, type Transition, transitions } from './state-config.ts';
import { isTaskLogic } from './task-logic.ts';
import { endingOddities, verbOddities } from './verbs.ts';

/** A state as it stands in a config, looked at without trust. */
export interface LooseState {
  readonly [property: string]: unknown;
  readonly states?: LooseStates;
  readonly meta?: { readonly call?: StateFacts };
}

/** States by name, looked at without trust. */
export type LooseStates = Readonly<Record<string, LooseState>>;

/** What of a bot the rules are held against. */
export interface RuledBot {
  readonly id: string;
  readonly initial: unknown;
  readonly states: LooseStates;
  /** Handlers of the whole machine. */
  readonly on: unknown;
  /** Names of the machine's tasks. */
  readonly tasks: readonly string[];
  /** What may be said or keyed at every question. */
  readonly commands: Commands;
}

const reservedOutcomes: readonly string[] = ['exhausted', 'noinput', 'nomatch', 'failed', 'digits', 'choice', 'speech'] satisfies readonly ReservedOutcome[];
const reservedStates: readonly string[] = ['idle', 'ended'] satisfies readonly ReservedState[];
const stateProperties = new Set([
  'type', 'initial', 'history', 'target', 'entry', 'exit', 'always', 'after', 'on', 'onDone', 'invoke', 'output', 'tags', 'description', 'id', 'meta', 'states',
]);

const telltale: Readonly<Record<string, string>> = {
  recognize: 'recognize.nomatch.*', record: 'record.done.*', transfer: 'transfer.failed', hold: 'hold.done', unhold: 'unhold.done', createcall: 'createcall.failed', raw: 'raw.failed', prompt: 'play.done', answer: 'answer.done',
} satisfies Telltale;

/** Every rule that a machine's states break, as sentences. */
export const brokenRules = (bot: RuledBot): readonly string[] => {
  const odd = oddStates(bot.states, '');
  if (odd.length > 0) return odd;
  const { initial, states } = bot;
  return [
    ...Object.keys(states).filter((name) => reservedStates.includes(name)).map((name) => `state \`${name}\`: is a name of the framework`),
    ...(initial === undefined ? ['the bot has no `initial`'] : typeof initial === 'string' && Object.hasOwn(states, initial) ? [] : [`initial state \`${String(initial)}\` does not exist`]),
    ...commandProblems(bot.commands, (target) => isPath(target, states), reservedOutcomes),
    ...topProblems(bot).map((what) => `the bot's own \`on\`: ${what}`),
    ...Object.entries(states).flatMap(([name, state]) => stateProblems({ bot, path: name, name, state, siblings: states })),
  ];
};

/** Problems of the handlers of the whole machine, from where a state `x` is `.x`. */
const topProblems = (bot: RuledBot): readonly string[] => {
  const top: LooseState = { on: bot.on };
  const exists = (target: string): boolean => (target.startsWith('.') ? isPath(target.slice(1), bot.states) : isKnownId(target, bot));
  return [
    ...targetsOf(record(bot.on)).filter((target) => !exists(target)).map((target) => (isPath(target, bot.states) ? `target \`${target}\` is written \`.${target}\` there` : `target \`${target}\` does not exist`)),
    ...eventProblems(top),
    ...actionProblems(top),
  ];
};

interface Place {
  readonly bot: RuledBot;
  readonly path: string;
  readonly name: string;
  readonly state: LooseState;
  readonly siblings: LooseStates;
}

const stateProblems = (place: Place): readonly string[] => {
  const { bot, path, name, state } = place;
  const children = state.states ?? {};
  const facts = state.meta?.call;
  const own = [
    ...(/[.#]/.test(name) ? ['its name holds a `.` or `#`'] : []),
    ...(facts?.oddities ?? []),
    ...(facts === undefined ? [] : factProblems(facts, state)),
    ...transitionsOf(state).flatMap(transitionProblems),
    ...unknownTargets(place).map((target) => `target \`${target}\` does not exist`),
    ...actionProblems(state),
    ...eventProblems(state),
    ...delays(state).filter((delay) => !isTime(delay)).map((delay) => `delay \`${delay}\` is not a time in milliseconds`),
    ...tasksOf(state).filter((task) => !bot.tasks.includes(task)).map((task) => `task \`${task}\` does not exist`),
    ...invokes(state).flatMap(({ src }) => chatProblems(src)),
    ...Object.keys(state).filter((property) => !stateProperties.has(property)).map((property) => `property \`${property}\` does not exist`),
    ...initialProblems(state, children),
  ];
  return [
    ...new Set(own.map((what) => `state \`${path}\`: ${what}`)),
    ...Object.entries(children).flatMap(([child, nested]) => stateProblems({ bot, path: `${path}.${child}`, name: child, state: nested, siblings: children })),
  ];
};

// ---- shapes ----

const record = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? (value as Readonly<Record<string, unknown>>) : {});

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** What stands where a state should: `undefined` of a forgotten import, a maker that was not called. */
const oddStates = (states: LooseStates, prefix: string): readonly string[] =>
  Object.entries(states).flatMap(([name, state]) => (isObject(state) ? oddStates(record(state.states) as LooseStates, `${prefix}${name}.`) : [`state \`${prefix}${name}\`: is no state`]));

const invokes = (state: LooseState): readonly Readonly<Record<string, unknown>>[] => list(state['invoke']).map(record);

/** Every transition of a state. */
const transitionsOf = (state: LooseState): readonly Transition[] =>
  [
    ...Object.values(record(state['on'])), ...Object.values(record(state['after'])), state['always'], state['onDone'],
    ...invokes(state).flatMap(({ onDone, onError }) => [onDone, onError]),
  ].flatMap(transitions);

/** The delays of a state, a task's time among them. */
const delays = (state: LooseState): readonly string[] => Object.keys(record(state['after']));

const transitionProperties = ['target', 'guard', 'actions', 'reenter', 'description', 'meta'];

const transitionProblems = (transition: Transition): readonly string[] =>
  Object.keys(transition).filter((property) => !transitionProperties.includes(property)).map((property) => `a transition has no \`${property}\`${didYouMean(property, transitionProperties)}`);

const tasksOf = (state: LooseState): readonly string[] => [...(state.meta?.call?.task ?? []), ...invokes(state).flatMap(({ src }) => (typeof src === 'string' ? [src] : []))];

/** What is wrong with the message that `src` sends in every call. */
const chatProblems = (src: unknown): readonly string[] =>
  isTaskLogic(src) && typeof src.work === 'object' && src.work.kind === 'chat' && src.work.problem !== undefined ? [src.work.problem] : [];

// ---- outcomes ----

const factProblems = (facts: StateFacts, state: LooseState): readonly string[] => {
  const { required, optional, handled, choices, kind, secret } = facts;
  const reserved = choices.filter((choice) => reservedOutcomes.includes(choice));
  return [
    ...reserved.map((choice) => `choice \`${choice}\` is a reserved outcome name`),
    ...choices.filter((choice) => /[.*]/.test(choice)).map((choice) => `choice \`${choice}\` holds a \`.\` or \`*\``),
    ...choices.filter((choice) => choice.trim() === '').map(() => 'a choice has no name'),
    ...(reserved.length > 0 ? [] : required.filter((outcome) => !handled.includes(outcome)).map((outcome) => `outcome \`${outcome}\` is not handled`)),
    ...handled.filter((outcome) => !required.includes(outcome) && !optional.includes(outcome)).map((outcome) => `outcome \`${outcome}\` does not exist`),
    ...(facts.offers ?? []).flatMap(({ language, choices: offered }) => questionProblems({ choices: offered }).map((what) => (language === '' ? what : `${what} in the language \`${language}\``))),
    ...replaced(facts, state).map((property) => `property \`${property}\` replaces what the maker wrote there`),
    ...(secret === true && !required.includes('digits') ? ['only digits can be secret'] : []),
    ...(kind === 'recognize' && !required.some((outcome) => outcome !== 'exhausted') ? ['a question has at least one choice'] : []),
  ];
};

/** What a maker has written and a spread has replaced. */
const replaced = ({ kind, required, actions }: StateFacts, state: LooseState): readonly string[] => {
  const asks = list(state['entry']).map((action) => record(action)['type']);
  const sign = telltale[kind];
  return [
    ...(actions.every((action) => asks.includes(action)) ? [] : ['entry']),
    ...(sign === undefined || required.length === 0 || sign in record(state['on']) ? [] : ['on']),
    ...(kind === 'task' || kind === 'dialog' ? (record(list(state['invoke'])[0])['id'] === kind ? [] : ['invoke']) : []),
  ];
};

// ---- targets ----

const isPath = (path: string, states: LooseStates): boolean => {
  const [head = '', ...tail] = path.split('.');
  const state = Object.hasOwn(states, head) ? states[head] : undefined;
  return state !== undefined && (tail.length === 0 || isPath(tail.join('.'), state.states ?? {}));
};

/** Whether `target` is `#` and the id of a state, or of the machine, and maybe a path from there. */
const isKnownId = (target: string, { id, states }: RuledBot): boolean => {
  if (!target.startsWith('#')) return false;
  return withIds({ id, states: { ...states, ended: {} } }, id).some(([known, nested]) => target === `#${known}` || (target.startsWith(`#${known}.`) && isPath(target.slice(known.length + 2), nested)));
};

/** The ids in `state` with the states below each; a state without an id of its own is known by its path. */
const withIds = (state: LooseState, path: string): readonly (readonly [id: string, states: LooseStates])[] => [
  [typeof state['id'] === 'string' ? state['id'] : path, state.states ?? {}],
  ...Object.entries(state.states ?? {}).flatMap(([name, child]) => withIds(child, `${path}.${name}`)),
];

const unknownTargets = ({ bot, state, siblings }: Place): readonly string[] => {
  const targets = [
    ...(state.meta?.call?.targets ?? []),
    ...transitionsOf(state).flatMap(({ target }) => (typeof target === 'string' ? [target] : [])),
    ...(state['type'] === 'history' && typeof state['target'] === 'string' ? [state['target']] : []),
  ];
  return targets.filter((target) => !(target.startsWith('#') ? isKnownId(target, bot) : target.startsWith('.') ? isPath(target.slice(1), state.states ?? {}) : isPath(target, siblings)));
};

// ---- events ----

const eventProblems = (state: LooseState): readonly string[] =>
  Object.keys(record(state['on'])).flatMap((event) => (event === 'call.ended' ? ['event `call.ended` is handled by the framework'] : isDescriptor(event) ? [] : [`event \`${event}\` does not exist`]));

// ---- actions ----

const actionProblems = (state: LooseState): readonly string[] => {
  const made = state.meta?.call !== undefined;
  const odd = state.meta?.call?.oddities !== undefined; // and that says it better
  const actions = [...list(state['entry']), ...list(state['exit']), ...transitionsOf(state).flatMap(({ actions: some }) => list(some))];
  return [
    ...actions.flatMap((action) => {
      if (typeof action === 'function') return [];
      const { type, params } = typeof action === 'string' ? { type: action, params: undefined } : record(action);
      if (typeof type !== 'string') return ['an action without a type'];
      if (made && type.startsWith('call.')) return []; // what makers write beside the action itself
      if (!Object.hasOwn(callActions, type)) return [`action \`${type}\` does not exist`];
      if (typeof params === 'function') return [];
      if (!callActions[type as keyof typeof callActions].is(params)) return odd ? [] : [`action \`${type}\` has wrong parameters`];
      return [...parameterProblems(type, params as Parameters), ...(!made && type === 'raw' ? verbProblems(params as Raw) : [])];
    }),
    ...transitionsOf(state).flatMap(limitProblems),
  ];
};

const verbProblems = ({ service, verb, attributes, endings }: Raw): readonly string[] => [...verbOddities(service, verb, attributes), ...endingOddities(service, verb, endings)];

/** The limits of a question stand with the guard that keeps them. */
const limitProblems = ({ guard }: Transition): readonly string[] => {
  const { limits } = record(record(guard)['params']) as { readonly limits?: AskLimits };
  return Object.entries(limits ?? {}).filter(([, count]) => !isCount(count)).map(([name]) => `\`${name}\` is not a positive integer`);
};

// ---- initial ----

const initialProblems = (state: LooseState, children: LooseStates): readonly string[] => {
  const initial = state['initial'];
  if (typeof initial === 'string') return Object.hasOwn(children, initial) ? [] : [`initial state \`${initial}\` does not exist`];
  return Object.keys(children).length > 0 && state['type'] !== 'parallel' ? ['has states but no `initial`'] : [];
};
