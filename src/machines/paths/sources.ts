/**
 * Sources — what the author's functions are written in: the constants and the names that stand in them. A guard that nobody could guess says in its own
 * text what it compares with.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { authored } from '../authored.ts';
import { isMachine, machinesOf } from '../naming.ts';
import { behind } from '../noted.ts';
import { paramsBy } from '../states/question.ts';

/** What is written in a bot. */
export interface Sources {
  /** Texts and numbers, those that guards are written with first. */
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
  /** Whether a word stands in what decides, or in what is kept for that. */
  readonly decides: (name: string) => boolean;
  /** Whether a word stands anywhere. */
  readonly mentions: (word: string) => boolean;
  /** Whether there is any function that decides. */
  readonly isDecided: boolean;
  /** Whether some question may be asked only so often for one of the reasons to ask it again. */
  readonly tellsReasons: boolean;
  /** Ways into a value that is looked into by its properties: `status`, `customer.tier`. */
  readonly properties: readonly string[];
}

/** What is written in `machine` and in the dialogs that it runs. */
export const sourcesOf = (machine: AnyStateMachine): Sources => {
  const found = gathered(machine);
  const deciding = found.filter(({ decides }) => decides).map(({ text }) => text);
  const all = [...deciding, ...found.filter(({ decides }) => !decides).map(({ text }) => text)];
  const names = followed(deciding, found);
  const said = new Set(all.flatMap(wordsOf));
  const isWhole = deciding.some(takesWholeContext);
  return {
    texts: distinct([...found.flatMap(({ constants }) => constants), ...all.flatMap(textsIn)]), numbers: distinct(all.flatMap(numbersIn)),
    decides: (name) => isWhole || names.has(name), mentions: (word) => said.has(word), isDecided: deciding.length > 0, tellsReasons: found.some(({ limited }) => limited === true), properties: distinct(all.flatMap(propertiesIn)),
  };
};

/** A function of the author's. */
interface Source {
  readonly text: string;
  readonly decides: boolean;
  /** The name in the context that it gives the value of. */
  readonly target?: string;
  /** Texts that a guard of the framework's was given. */
  readonly constants: readonly string[];
  readonly limited?: boolean;
}

/** What XState's own functions of functions carry beside those of the author. */
const ofXState = new Set(['check', 'resolve', 'assignment']);

const gathered = (machine: AnyStateMachine): readonly Source[] => {
  const seen = new Set<unknown>();
  const found: Source[] = [];

  const add = (given: object, decides: boolean, target?: string): void => {
    const own = behind(given) as object;
    for (const one of authored(own) ?? [own]) if (typeof one === 'function') found.push({ text: String(one), decides, constants: [], ...(target !== undefined && { target }) });
  };

  const visit = (value: unknown, decides: boolean, key: string): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || isMachine(value)) return;
    if (seen.has(value)) return;
    seen.add(value);
    if (typeof value === 'function') visitFunction(value, decides, key);
    for (const [name, inner] of Object.entries(value)) if (!ofXState.has(name)) visit(inner, decides || name === 'guard' || name === 'guards' || name === 'delay', name);
  };

  const visitFunction = (value: object, decides: boolean, key: string): void => {
    const { assignment, check, resolve } = value as { readonly assignment?: unknown; readonly check?: unknown; readonly resolve?: unknown };
    if (assignment !== undefined) return typeof assignment === 'object' ? Object.entries(assignment as object).forEach(([name, one]) => { if (typeof one === 'function') add(one, false, name); }) : undefined;
    if (check !== undefined || resolve !== undefined) return;
    if (key === 'params') {
      try {
        paramsBy(value, (given) => {
          if (typeof given === 'function' && authored(given) !== undefined) add(given, true);
          return given as never;
        });
      } catch {
        // what it computes is of no interest
      }
      return;
    }
    add(value, decides);
  };

  for (const one of machinesOf(machine)) {
    const data = dataOf(one.config);
    visit({ ...one.config, meta: undefined }, false, '');
    found.push({ text: '', decides: false, constants: codesIn(data), limited: /"max(?:Noinput|Nomatch)":/.test(data) });
  }
  return found;
};

/** The codes that failures are told apart by. */
const codesIn = (data: string): readonly string[] => [...data.matchAll(/"type":"call\.failedWith","params":\{[^}]*"code":"([^"]+)"/g)].flatMap(([, code]) => code ?? []);

const dataOf = (config: unknown): string => JSON.stringify(config, (name, value: unknown) => (name === 'meta' || isMachine(value) ? undefined : value));

// ---- names ----

const idle = new Set(['context', 'event', 'output', 'args', 'call', 'const', 'return', 'undefined', 'null', 'true', 'false', 'assign', 'digits', 'results', 'input', 'type']);

/** Names that what decides looks at, and those out of which these are computed. */
const followed = (deciding: readonly string[], found: readonly Source[]): ReadonlySet<string> => {
  const names = new Set(deciding.flatMap(wordsOf));
  const isFed = ({ target, text }: Source): boolean => (target === undefined ? wordsOf(text).some((word) => names.has(word) && !idle.has(word)) : names.has(target));
  for (let before = -1; before < names.size;) {
    before = names.size;
    for (const source of found) if (!source.decides && isFed(source)) wordsOf(source.text).forEach((word) => names.add(word));
  }
  return names;
};

const wordsOf = (text: string): readonly string[] => text.match(/[A-Za-z_$][\w$]*/g) ?? [];

/** Whether the function hands the context, or all that it is given, to somebody whose text is not seen. */
const takesWholeContext = (text: string): boolean => {
  const [, given = '', body = ''] = /^(?:async\s*)?\(?([^=]*?)\)?\s*=>(.*)$/s.exec(text) ?? [];
  const names = /^\w+$/.test(given.trim()) ? ['context', given.trim()] : ['context'];
  return names.some((name) => new RegExp(`\\b${name}\\b(?!\\s*(\\?\\.|\\.))`).test(body.replace(/\bcontext\s*:/g, '')));
};

const methods = new Set(['length', 'includes', 'map', 'some', 'every', 'find', 'filter', 'startsWith', 'endsWith', 'toFixed', 'toString', 'trim', 'slice', 'at', 'join', 'toUpperCase', 'toLowerCase', 'test', 'match', 'reduce', 'indexOf']);

const propertiesIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?:\boutput|\bcontext\??\.\w+|\bresults\??\.\w+)((?:\??\.\w+)+)/g)].flatMap(([, path = '']) => {
    const names = path.replaceAll('?', '').split('.').filter((name) => name !== '');
    const own = names.slice(0, names.findIndex((name) => methods.has(name)) < 0 ? names.length : names.findIndex((name) => methods.has(name)));
    return own.length === 0 ? [] : [own.join('.')];
  });

// ---- constants ----

/** Longer texts are no constants that anybody compares with. */
const longest = 40;

const textsIn = (text: string): readonly string[] => [...text.matchAll(/(["'`])((?:\\.|(?!\1)[^\\\n])*)\1/g)].flatMap(([, , inner = '']) => (inner.length > longest || inner.includes('${') ? [] : [inner]));

const numbersIn = (text: string): readonly number[] => [...text.matchAll(/(?<![\w.$])(\d[\d_]*(?:\.\d+)?)(?![\w.])/g)].map(([, digits = '']) => Number(digits.replaceAll('_', ''))).filter(Number.isFinite);

const distinct = <T>(some: readonly T[]): readonly T[] => [...new Set(some)];
