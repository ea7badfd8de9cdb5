/**
 * Load rules — the rules of `rules.ts` held against a bot when it is loaded, with the same sentences, and those rules
 * that types cannot see. For authors of JavaScript, and for whatever a cast has hidden from the compiler.
 *
 * @module
 */
import { callActions, type Choice, type Digits } from '../actions/index.ts';
import { isDescriptor } from './call-event.ts';
import { type StateFacts, targetsOf, transitions } from './state-config.ts';
import type { ReservedOutcome, ReservedState } from './rules.ts';

/** A state as it stands in a config, looked at without trust. */
export interface LooseState {
  readonly [property: string]: unknown;
  readonly states?: Readonly<Record<string, LooseState>>;
  readonly meta?: { readonly call?: StateFacts };
}

const reservedOutcomes: readonly string[] = ['exhausted', 'noinput', 'nomatch', 'failed', 'digits', 'choice'] satisfies readonly ReservedOutcome[];
const reservedStates: readonly string[] = ['idle', 'ended'] satisfies readonly ReservedState[];
const stateProperties = new Set([
  'type', 'initial', 'history', 'target', 'entry', 'exit', 'always', 'after', 'on', 'onDone', 'invoke', 'output', 'tags', 'description', 'id', 'meta', 'states',
]);

/** Every rule that the states of a machine break, as sentences; `tasks` are the names of the machine's tasks. */
export const brokenRules = (states: Readonly<Record<string, LooseState>>, initial: unknown, tasks: ReadonlySet<string>): readonly string[] => [
  ...Object.keys(states).filter((name) => reservedStates.includes(name)).map((name) => `state \`${name}\`: is a name of the framework`),
  ...(typeof initial === 'string' && Object.hasOwn(states, initial) ? [] : [initial === undefined ? 'the bot has no `initial`' : `initial state \`${String(initial)}\` does not exist`]),
  ...Object.entries(states).flatMap(([name, state]) => stateProblems(name, state, Object.keys(states), tasks)),
];

const stateProblems = (name: string, state: LooseState, siblings: readonly string[], tasks: ReadonlySet<string>): readonly string[] => {
  const children = state.states ?? {};
  const says = (what: string): string => `state \`${name}\`: ${what}`;
  const facts = state.meta?.call;
  return [
    ...(facts === undefined ? [] : factProblems(facts, tasks).map(says)),
    ...unknownTargets(state, siblings, Object.keys(children)).map((target) => says(`target \`${target}\` does not exist`)),
    ...actionProblems(state).map(says),
    ...Object.keys((state['on'] as object | undefined) ?? {}).filter((event) => !isDescriptor(event)).map((event) => says(`event \`${event}\` does not exist`)),
    ...Object.keys(state).filter((property) => !stateProperties.has(property)).map((property) => says(`property \`${property}\` does not exist`)),
    ...initialProblems(state, children).map(says),
    ...Object.entries(children).flatMap(([child, nested]) => stateProblems(`${name}.${child}`, nested, Object.keys(children), tasks)),
  ];
};

const factProblems = (facts: StateFacts, tasks: ReadonlySet<string>): readonly string[] => {
  const reserved = facts.choices.filter((choice) => reservedOutcomes.includes(choice));
  return [
    ...reserved.map((choice) => `choice \`${choice}\` is a reserved outcome name`),
    ...facts.choices.filter((choice) => /[.*]/.test(choice) || choice === '').map((choice) => `choice \`${choice}\` holds a \`.\` or \`*\``),
    ...(reserved.length > 0 ? [] : facts.required.filter((outcome) => !facts.handled.includes(outcome)).map((outcome) => `outcome \`${outcome}\` is not handled`)),
    ...facts.handled.filter((outcome) => !facts.required.includes(outcome) && !facts.optional.includes(outcome)).map((outcome) => `outcome \`${outcome}\` does not exist`),
    ...facts.task.filter((task) => !tasks.has(task)).map((task) => `task \`${task}\` does not exist`),
  ];
};

const unknownTargets = (state: LooseState, siblings: readonly string[], children: readonly string[]): readonly string[] => {
  const invoke = (state['invoke'] ?? {}) as { readonly onDone?: unknown; readonly onError?: unknown };
  const targets = [
    ...(state.meta?.call?.targets ?? []),
    ...targetsOf((state['on'] as Record<string, unknown> | undefined) ?? {}),
    ...targetsOf((state['after'] as Record<string, unknown> | undefined) ?? {}),
    ...targetsOf({ always: state['always'], onDone: state['onDone'], invoked: invoke.onDone, failed: invoke.onError, history: state['type'] === 'history' ? state['target'] : undefined }),
  ];
  const exists = (target: string): boolean => {
    if (target.startsWith('#')) return true; // XState resolves ids itself, and says so when there is none
    const own = target.startsWith('.');
    const first = (own ? target.slice(1) : target).split('.', 1)[0] ?? '';
    return (own ? children : siblings).includes(first);
  };
  return [...new Set(targets)].filter((target) => !exists(target));
};

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** Types that are the framework's own, beside the call actions. */
const isFrameworkAction = (type: string): boolean => type.startsWith('call.');

const actionProblems = (state: LooseState): readonly string[] => {
  const onTheWay = Object.values((state['on'] as Record<string, unknown> | undefined) ?? {}).flatMap((handler) => transitions(handler).flatMap(({ actions }) => list(actions)));
  return [...list(state['entry']), ...list(state['exit']), ...onTheWay].flatMap((action) => {
    if (typeof action === 'function') return [];
    const { type, params } = (typeof action === 'string' ? { type: action } : (action as object)) as { readonly type?: unknown; readonly params?: unknown };
    if (typeof type !== 'string') return ['an action without a type'];
    if (isFrameworkAction(type)) return [];
    if (!Object.hasOwn(callActions, type)) return [`action \`${type}\` does not exist`];
    if (typeof params === 'function') return [];
    if (!callActions[type as keyof typeof callActions].is(params)) return [`action \`${type}\` has wrong parameters`];
    return type === 'recognize' ? questionProblems(params as { readonly choices?: readonly Choice[]; readonly digits?: Digits }) : [];
  });
};

const questionProblems = ({ choices, digits }: { readonly choices?: readonly Choice[]; readonly digits?: Digits }): readonly string[] => {
  if ((choices === undefined) === (digits === undefined)) return ['a question has either `choices` or `digits`'];
  if (digits !== undefined) return digits.max === undefined && (digits.termchars ?? []).length === 0 ? ['`digits` needs `max` or `termchars`'] : [];
  if (choices === undefined || choices.length === 0) return ['a question has at least one choice'];
  const doubled = (words: readonly { readonly word: string; readonly name: string }[], what: string): readonly string[] =>
    words.flatMap(({ word, name }, index) => {
      const first = words.findIndex((other) => other.word === word);
      return first < index ? [`${what} \`${word}\` means both \`${words[first]?.name ?? ''}\` and \`${name}\``] : [];
    });
  return [
    ...doubled(choices.flatMap(({ name, key }) => (key === undefined ? [] : [{ word: key, name }])), 'key'),
    ...doubled(choices.flatMap(({ name, phrases }) => phrases.map((word) => ({ word, name }))), 'phrase'),
    ...choices.filter(({ key, phrases }) => key === undefined && phrases.length === 0).map(({ name }) => `choice \`${name}\` has neither a key nor a phrase`),
  ];
};

const initialProblems = (state: LooseState, children: Readonly<Record<string, LooseState>>): readonly string[] => {
  const initial = state['initial'];
  if (typeof initial === 'string') return Object.hasOwn(children, initial) ? [] : [`initial state \`${initial}\` does not exist`];
  return Object.keys(children).length > 0 && state['type'] !== 'parallel' ? ['has states but no `initial`'] : [];
};
