/**
 * Sources — what the author's functions are written in: the constants and the names that stand in them. A guard that nobody could guess says in its own
 * text what it compares with.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { authored } from '../authored.ts';
import { plain } from '../check/samples.ts';
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
  /** Ways into what `task` gives, by the properties that are read of it: `status`, `customer.tier`; all that are read anywhere, where its own state reads none. */
  readonly propertiesOf: (task: { readonly machine: string; readonly name: string }) => readonly string[];
  /** What the value of a property is compared with, and what lies next to it: what makes the comparison hold first; nothing where nobody compares. */
  readonly comparedWith: (property: string) => readonly unknown[];
}

/** What is written in `machine` and in the dialogs that it runs. */
export const sourcesOf = (machine: AnyStateMachine): Sources => {
  const found = gathered(machine);
  const deciding = found.filter(({ decides }) => decides).map(({ text }) => text);
  const all = [...deciding, ...found.filter(({ decides }) => !decides).map(({ text }) => text)];
  const names = followed(deciding, found);
  const said = new Set(all.flatMap(wordsOf));
  const isWhole = deciding.some(takesWholeContext);
  const propertiesBy = once((task) => propertiesOf(task, found));
  const comparisonsBy = once((name) => comparisonsIn(all, name));
  return {
    texts: distinct([...found.flatMap(({ constants }) => constants), ...all.flatMap(textsIn)]), numbers: distinct(all.flatMap(numbersIn)),
    decides: (name) => isWhole || names.has(name), mentions: (word) => said.has(word), isDecided: deciding.length > 0, tellsReasons: found.some(({ limited }) => limited === true),
    propertiesOf: ({ machine: id, name }) => propertiesBy(taskNamed(id, name)), comparedWith: (property) => comparisonsBy(property.slice(property.lastIndexOf('.') + 1)),
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
  /** The task of which it takes what is given: its machine and its name there. */
  readonly task?: string;
}

/** What XState's own functions of functions carry beside those of the author. */
const ofXState = new Set(['check', 'resolve', 'assignment']);

const gathered = (machine: AnyStateMachine): readonly Source[] => {
  let seen = new Set<unknown>();
  const found: Source[] = [];
  let within: string | undefined;

  const add = (given: object, decides: boolean, target?: string): void => {
    const own = behind(given) as object;
    for (const one of authored(own) ?? [own]) if (typeof one === 'function') found.push({ text: String(one), decides, constants: [], ...(target !== undefined && { target }), ...(within !== undefined && { task: within }) });
  };

  /** Once more by task: one function may take what several give. */
  const visitTaken = (machine: AnyStateMachine, { states = {}, invoke }: Node): void => {
    for (const { src, onDone } of [invoke ?? []].flat()) {
      if (typeof src !== 'string') continue;
      seen = new Set();
      within = taskNamed(machine.id, src);
      visit(onDone, false, '');
      within = undefined;
    }
    Object.values(states).forEach((node) => visitTaken(machine, node));
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
    visitTaken(one, one.config as Node);
    found.push({ text: '', decides: false, constants: codesIn(data), limited: /"max(?:Noinput|Nomatch)":/.test(data) });
  }
  return found;
};

/** A state of XState's config, as far as it is asked what it does about its tasks. */
interface Node {
  readonly states?: Readonly<Record<string, Node>>;
  readonly invoke?: Invoke | readonly Invoke[];
}
interface Invoke {
  readonly src?: unknown;
  readonly onDone?: unknown;
}

const taskNamed = (machine: string, name: string): string => `${machine}/${name}`;

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

/** What is read of what `task` gives: by the functions that take it, and by all that read the names in the context that they copy it to. */
const propertiesOf = (task: string, found: readonly Source[]): readonly string[] => {
  const taking = found.filter((source) => source.task === task);
  const copies = new Set(taking.flatMap(copiesIn));
  const own = distinct([...taking.flatMap(({ text }) => ofOutput(text)), ...[...copies].flatMap((copy) => found.flatMap(({ text }) => propertiesAfter(`\\bcontext\\??\\.${copy}\\b`, text)))]);
  return own.length > 0 ? own : distinct(found.flatMap(({ text }) => [...ofOutput(text), ...propertiesAfter(String.raw`\b(?:context|results)\??\.\w+`, text)]));
};

/** Names in the context that are given an output as it is. */
const copiesIn = ({ target, text }: Source): readonly string[] => {
  const named = [...text.matchAll(/(\w+):\s*(?:event\.)?output\b(?!\s*\)?\s*\??\.)/g)].flatMap(([, name]) => name ?? []);
  return target !== undefined && /\boutput\b(?!\s*\)?\s*\??\.)/.test(text) ? [target, ...named] : named;
};

const ofOutput = (text: string): readonly string[] => [...propertiesAfter(String.raw`\boutput`, text), ...takenApart(text)];

/** Names in `const { known } = event.output` and in `({ event: { output: { known } } })`. */
const takenApart = (text: string): readonly string[] =>
  [...text.matchAll(/\{([^{}]*)\}\s*=\s*\(?(?:event\.)?output\b|\boutput:\s*\{([^{}]*)\}/g)].flatMap(([, before, within]) => (before ?? within ?? '').match(/(?<=^\s*|,\s*)\w+/g) ?? []);

/** The ways that go on after `start`, which may stand in parentheses where a type was taken away. */
const propertiesAfter = (start: string, text: string): readonly string[] =>
  [...text.matchAll(new RegExp(`(?:(?<![\\w$])\\(\\s*(?:\\w+\\.)?(?:${start})\\s*\\)|${start})((?:\\??\\.\\w+)+)`, 'g'))].flatMap(([, path = '']) => {
    const names = path.replaceAll('?', '').split('.').filter((name) => name !== '');
    const own = names.slice(0, names.findIndex((name) => methods.has(name)) < 0 ? names.length : names.findIndex((name) => methods.has(name)));
    return own.length === 0 ? [] : [own.join('.')];
  });

/** A value stands before what it is compared with, perhaps with what stands in where there is none: `(output.balance ?? 0) > 10`. */
const comparisonsIn = (texts: readonly string[], name: string): readonly unknown[] => {
  const comparison = new RegExp(`\\b${name.replaceAll('$', '\\$')}\\b[\\s)]*(?:\\?\\?\\s*[\\w.'"-]+[\\s)]*)?([=!]==?|[<>]=?)\\s*(-?\\d[\\d_.]*|true|false|null|(["'\`])(?:\\\\.|(?!\\3)[^\\\\\\n])*\\3)`, 'g');
  return distinct(texts.flatMap((text) => [...text.matchAll(comparison)].flatMap(([, sign = '', value = '']) => besides(sign, value))));
};

/** The values on both sides of a comparison with `value`, as it is written. */
const besides = (sign: string, value: string): readonly unknown[] => {
  if (/^-?\d/.test(value)) {
    const number = Number(value.replaceAll('_', ''));
    return sign.startsWith('<') ? [number - 1, number, number + 1] : sign.startsWith('>') ? [number + 1, number, number - 1] : [number, number + 1, number - 1];
  }
  return value === 'true' || value === 'false' ? [value === 'true', value !== 'true'] : value === 'null' ? [null, true] : [value.slice(1, -1), plain.text];
};

// ---- constants ----

/** Longer texts are no constants that anybody compares with. */
const longest = 40;

const textsIn = (text: string): readonly string[] => [...text.matchAll(/(["'`])((?:\\.|(?!\1)[^\\\n])*)\1/g)].flatMap(([, , inner = '']) => (inner.length > longest || inner.includes('${') ? [] : [inner]));

const numbersIn = (text: string): readonly number[] => [...text.matchAll(/(?<![\w.$])(\d[\d_]*(?:\.\d+)?)(?![\w.])/g)].map(([, digits = '']) => Number(digits.replaceAll('_', ''))).filter(Number.isFinite);

const once = <T>(compute: (name: string) => T): ((name: string) => T) => {
  const known = new Map<string, T>();
  return (name) => {
    const value = known.get(name) ?? compute(name);
    known.set(name, value);
    return value;
  };
};

const distinct = <T>(some: readonly T[]): readonly T[] => [...new Set(some)];
