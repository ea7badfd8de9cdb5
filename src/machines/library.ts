/**
 * Library — named dialogs under one name of their own, to be published as an npm module. Libraries may hold libraries.
 *
 * In a bot the dialog `pay` of the library `billing` is the machine `billing:pay`, and whatever that one runs is under
 * `billing:` as well: two libraries may each have a dialog `pay`, and tasks, timers, snapshots, charts and logs tell them
 * apart. Nothing is registered: a bot names the dialogs that it runs, and gets no others.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { isMachine, isName, register } from './naming.ts';
import { didYouMean } from './nearest.ts';
import { kinds, oddities } from './options.ts';
import { originOf, type Shelves } from './origin.ts';
import type { Dialog } from './states/dialog.ts';

/** Dialogs by name. */
export type Dialogs = Readonly<Record<string, Dialog<never, unknown>>>;

/** A library of whatever name and dialogs. */
export interface AnyLibrary {
  readonly name: string;
  /** Names of its dialogs, those of its libraries as `cards:check`. */
  readonly names: readonly string[];
  dialog(id: never): unknown;
}

/** A library called `Name`; `All` are its dialogs and, as `cards:check`, those of its libraries. */
export interface Library<Name extends string, All> extends AnyLibrary {
  readonly name: Name;
  /**
   * The dialog `id`, or that of a library in it as `cards:check`: the same machine each time, with the input and output that it
   * was written with. `tsc` refuses an id that does not exist.
   *
   * @throws `ERR_BOT_INVALID` for an id that does not exist.
   */
  dialog<Id extends keyof All & string>(id: Id): All[Id];
  /** A type only, never a value. */
  readonly '~dialogs'?: All;
}

/** The dialogs of the libraries `L`, by their ids in the library around them. */
type Nested<L> = Together<L extends Library<infer Name, infer All> ? { readonly [Id in keyof All & string as `${Name}:${Id}`]: All[Id] } : never>;
type Together<U> = [U] extends [never] ? Record<never, never> : (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void ? All : never;

/**
 * Makes a library of `dialogs` by name, which are made by `dialogMachine` or `waterfall`, and of other libraries.
 *
 * @throws `ERR_BOT_INVALID` with one sentence a problem: a name that is none, an empty library, what is no dialog, one
 *   library twice or two of one name.
 * @example
 * ```ts
 * export const billing = library('billing', { dialogs: { pay, refund }, libraries: [cards] });
 *
 * dialog(billing.dialog('pay'), { input: { euros: 12 }, on: { done: 'thanks' } })
 * dialog(billing.dialog('cards:check'), { on: { done: 'pay' } })
 * ```
 */
export const library = <const Name extends string, const D extends Dialogs = Record<never, never>, const L extends readonly AnyLibrary[] = readonly []>(
  name: Name,
  contents: { readonly dialogs?: D; readonly libraries?: L },
): Library<Name, D & Nested<L[number]>> => shelve(name, contents) as never;

const shelve = (name: string, contents: { readonly dialogs?: Dialogs; readonly libraries?: readonly AnyLibrary[] } | undefined): AnyLibrary => {
  const { dialogs = {}, libraries = [] } = contents ?? {};
  refuse(name, [...oddities(contents, { dialogs: kinds.object, libraries: kinds.any }), ...problemsOf(name, dialogs, libraries)]);

  const made = new Map<AnyStateMachine, AnyStateMachine>();
  /** `dialog` as it is called in this library; a machine that XState itself made keeps its name. */
  const here = (dialog: AnyStateMachine): AnyStateMachine => {
    const known = made.get(dialog);
    const origin = originOf(dialog);
    if (known !== undefined || origin === undefined) return known ?? dialog;
    const own = Object.entries(dialogs).find(([, one]) => one === dialog)?.[0];
    const shelves: Shelves = [[name, self], ...origin.shelves.map(([inner, one]) => [`${name}:${inner}`, one] as const)];
    const machine = origin.remake(`${name}:${own ?? dialog.id}`, (inner) => here(origin.exchange(inner)), shelves);
    made.set(dialog, machine);
    return machine;
  };
  const sources = new Map<string, AnyStateMachine>([
    ...Object.entries(dialogs),
    ...libraries.flatMap((one) => one.names.map((id) => [`${one.name}:${id}`, one.dialog(id as never) as AnyStateMachine] as const)),
  ]);
  const self: AnyLibrary = {
    name, names: [...sources.keys()],
    dialog: (id: string) => {
      const source = sources.get(id);
      if (source === undefined) throw unknown(name, id, [...sources.keys()]);
      return here(source);
    },
  };
  const enter = register('');
  refuse(name, [...sources.values()].flatMap((source) => enter(here(source)))); // all are made now, so that what cannot be is told now
  return self;
};

const problemsOf = (name: string, dialogs: Dialogs, libraries: readonly AnyLibrary[]): readonly string[] => {
  const listed = Array.isArray(libraries) ? libraries : [];
  const named = Object.entries(dialogs);
  return [
    ...(isName(name) ? [] : ['the name of a library is a letter, then letters, digits, `-` or `_`']),
    ...(Array.isArray(libraries) ? [] : ['`libraries` is not a list']),
    ...(named.length === 0 && listed.length === 0 ? ['it has no dialogs'] : []),
    ...named.filter(([id]) => !isName(id)).map(([id]) => `dialog \`${id}\`: its name is not a letter, then letters, digits, \`-\` or \`_\``),
    ...named.flatMap(([id, dialog]) => (isDialog(dialog) ? [] : [`dialog \`${id}\`: is not made by \`dialogMachine\` or \`waterfall\`${isOpen(dialog) ? '; call its `.end()`' : ''}`])),
    ...named.flatMap(([id, dialog], index) => named.slice(0, index).filter(([, other]) => other === dialog).map(([other]) => `dialog \`${id}\`: is \`${other}\` once more`)),
    ...listed.flatMap((one: unknown, index) => {
      if (!isLibrary(one)) return ['`libraries` holds what is no library'];
      const other = listed.slice(0, index).find((before) => before.name === one.name);
      return other === undefined ? [] : [other === one ? `library \`${one.name}\` is listed twice` : `two libraries are both called \`${one.name}\``];
    }),
  ];
};

const isDialog = (value: unknown): boolean => isMachine(value) && originOf(value) !== undefined;

/** Whether `value` is a waterfall that was not ended. */
const isOpen = (value: unknown): boolean => typeof (value as { readonly end?: unknown } | null | undefined)?.end === 'function';

const isLibrary = (value: unknown): value is AnyLibrary => {
  const { name, names, dialog } = (value ?? {}) as Partial<AnyLibrary>;
  return typeof name === 'string' && Array.isArray(names) && typeof dialog === 'function';
};

const unknown = (name: string, id: string, known: readonly string[]): CallError<'ERR_BOT_INVALID'> => {
  const what = `dialog \`${id}\` does not exist${didYouMean(String(id), known)}`;
  return new CallError('ERR_BOT_INVALID', `library \`${name}\`: ${what}`, { problems: [what] });
};

const refuse = (name: string, problems: readonly string[]): void => {
  if (problems.length > 0) throw new CallError('ERR_BOT_INVALID', `library \`${name}\`: ${problems.join('; ')}`, { problems });
};
