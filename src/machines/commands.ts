/**
 * Commands — what a caller may say or key at any question: “operator”, “main menu”, “repeat”. Declared once, at the bot, and
 * offered beside the choices of every question of its own and of the dialogs that it runs.
 *
 * A question's own choices come first: a key or a phrase that one of them uses means that choice there. A question for
 * digits offers no commands, since any key may be part of the digits.
 *
 * @module
 */
import { type AskedAction, type Choice, DtmfKey, words } from '../actions/index.ts';
import type { ByCall } from './call-context.ts';
import { oncePer } from './constant.ts';
import { languagesIn, phrasesIn } from './phrases.ts';
import type { CallInput } from './service-event.ts';
import { spoken } from './states/recognize.ts';

/** How a command is given: by a key, by phrases, or both. */
interface Spoken {
  readonly key?: DtmfKey;
  /** Or a function of the call that gives them, such as a list of a catalogue. */
  readonly phrases?: ByCall<readonly string[]>;
}

/** A command: it leads to a state of the bot, or has the open question asked again without counting it as an attempt. */
export type Command<State extends string = string> = Spoken & ({ readonly target: State; readonly repeat?: never } | { readonly repeat: true; readonly target?: never });

/** Commands by name. */
export type Commands<State extends string = string> = Readonly<Record<string, Command<State>>>;

/** `commands` as choices, with the phrases that `computed` gives for those which are not known before the call. */
const commandChoices = (commands: Commands, computed: (phrases: (args: { readonly call: CallInput }) => readonly string[]) => readonly string[]): readonly Choice[] =>
  Object.entries(commands).map(([name, { key, phrases, repeat }]) => ({
    name, phrases: typeof phrases === 'function' ? computed(phrases) : (phrases ?? [spoken(name)]), command: repeat === true ? 'repeats' : 'leads', ...(key !== undefined && { key }),
  }));

/** `commands` as a bot keeps them. Choices that are the same in every call are frozen: what follows from them is made once. */
export const offeredCommands = (commands: Commands): { readonly commands: readonly Choice[]; readonly commandsIn?: (call: CallInput) => readonly Choice[] } => {
  const fixed = Object.freeze(commandChoices(commands, () => []));
  const isComputed = Object.values(commands).some(({ phrases }) => typeof phrases === 'function');
  return { commands: fixed, ...(isComputed && { commandsIn: (call) => commandChoices(commands, (phrases) => phrases({ call })) }) };
};

/** What the machine as a whole does about `commands`. A command that repeats is taken by the question itself. */
export const commandHandlers = (commands: Commands): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(commands).flatMap(([name, { target }]) => (target === undefined ? [] : [[`recognize.choice.${name}`, { target: `.${target}` }]])));

/** The rules that `commands` break, as sentences. */
export const commandProblems = (commands: Commands, exists: (target: string) => boolean, reserved: readonly string[]): readonly string[] => {
  const shapes = Object.entries(commands).flatMap(([name, { key, phrases }]) => [
    ...(key !== undefined && !DtmfKey.is(key) ? [`command \`${name}\`: \`key\` is no key`] : []),
    ...(phrases !== undefined && typeof phrases !== 'function' && !(Array.isArray(phrases) && phrases.every((phrase) => typeof phrase === 'string')) ? [`command \`${name}\`: \`phrases\` is no list of texts`] : []),
  ]);
  return shapes.length > 0 ? shapes : [...eachProblem(commands, exists, reserved), ...commandLists(commands).flatMap(doubled)];
};

/** The commands as they are offered in each language that is known before a call. */
const commandLists = (commands: Commands): readonly (readonly Choice[])[] =>
  languagesIn(Object.values(commands)).map((language) => commandChoices(commands, (phrases) => phrasesIn(phrases, language)));

/** A key or a phrase that stands for two commands: no service takes such a question. */
const doubled = (commands: readonly Choice[]): readonly string[] => {
  const meant = new Map<string, string>();
  return commands.flatMap(({ name, key, phrases }) =>
    [...(key === undefined ? [] : [`key \`${key}\``]), ...new Set(phrases.map((phrase) => `phrase “${words(phrase)}”`))].flatMap((sign) => {
      const other = meant.get(sign);
      meant.set(sign, name);
      return other === undefined ? [] : [`${sign} means both the commands \`${other}\` and \`${name}\``];
    }),
  );
};

const eachProblem = (commands: Commands, exists: (target: string) => boolean, reserved: readonly string[]): readonly string[] =>
  Object.entries(commands).flatMap(([name, { key, phrases, target, repeat }]) => [
    ...(reserved.includes(name) ? [`command \`${name}\` is a reserved outcome name`] : []),
    ...(/[.*]/.test(name) ? [`command \`${name}\` holds a \`.\` or \`*\``] : []),
    ...(key === undefined && typeof phrases !== 'function' && phrases?.length === 0 ? [`command \`${name}\` has neither a key nor a phrase`] : []),
    ...((target === undefined) === (repeat === undefined) ? [`command \`${name}\` leads to a state or repeats the question: one of the two`] : []),
    ...(target !== undefined && !exists(target) ? [`command \`${name}\`: target \`${target}\` does not exist`] : []),
  ]);

/** `action`, a question by choices, with `commands` among them; any other action as it is. */
export const offering = (action: AskedAction, commands: readonly Choice[], repeatable: boolean): AskedAction => {
  if (commands.length === 0 || action.type !== 'recognize' || action.params.digits !== undefined) return action;
  const { params } = action;
  if (!Object.isFrozen(commands)) return { ...action, params: extended(params, repeatable ? commands : commands.filter(isNoRepeat)) };
  return { ...action, params: (repeatable ? withAll : withoutRepeats)(params, commands) };
};

type Params = Extract<AskedAction, { readonly type: 'recognize' }>['params'];

const extended = (params: Params, commands: readonly Choice[]): Params => {
  const own = params.choices ?? [];
  return { ...params, choices: [...own, ...commands.flatMap((command) => left(command, own))] };
};
const isNoRepeat = ({ command }: Choice): boolean => command !== 'repeats';
const withAll = oncePer(extended);
const withoutRepeats = oncePer((params: Params, commands: readonly Choice[]) => extended(params, commands.filter(isNoRepeat)));

/** What is left of `command` beside the choices `own`. */
const left = ({ key, ...command }: Choice, own: readonly Choice[]): readonly Choice[] => {
  if (own.some(({ name }) => name === command.name)) return [];
  const taken = new Set(own.flatMap((choice) => choice.phrases.map(words)));
  const phrases = command.phrases.filter((phrase) => !taken.has(words(phrase)));
  const free = key !== undefined && !own.some((choice) => choice.key === key);
  return free ? [{ ...command, phrases, key }] : phrases.length > 0 ? [{ ...command, phrases }] : [];
};
