/**
 * Test file — generated calls as tests of our own, in TypeScript: one `it` a call, in the words that a person would use for it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { usualNow } from '../../machines/paths/usual-call.ts';
import { utcArguments } from './calendar.ts';
import { type Deed, isUnheard, type Rehearsal, type TaskEnd, type Turn } from './rehearsal.ts';

/** From where a test file has what it needs. */
export interface TestImports {
  /** The bot's module, from the place of the test: `./bot.ts`. */
  readonly bot: string;
  /** Where `describe` and `it` come from: `node:test`, `vitest`. Default: they are there, as mocha has them. */
  readonly runner?: string;
}

/** The test file of `calls`, which were rehearsed with `bot`. */
export const testFile = (bot: AnyStateMachine, calls: readonly Rehearsal[], { imports }: { readonly imports: TestImports }): string => {
  const name = nameOf(bot.id);
  const tests = calls.map((call) => testOf(name, call));
  const needed = ['dial', ...['failing', 'inTurn', 'never'].filter((helper) => calls.some(({ stubs }) => Object.values(stubs).some((ends) => taskText(ends).some((part) => part.uses.includes(helper)))))].sort();
  return [
    `/** Calls that cover the bot \`${plain(bot.id)}\`. Written by \`callchart paths\`, and better written anew than changed by hand. */`,
    ...(imports.runner === undefined ? [] : [`import { describe, it } from ${quoted(imports.runner)};`]),
    `import { ${needed.join(', ')} } from 'callchart/testing';`,
    `import ${name} from ${quoted(imports.bot)};`,
    '',
    `describe(${quoted(bot.id)}, () => {`,
    tests.join('\n\n'),
    '});',
    '',
  ].join('\n');
};

const testOf = (bot: string, rehearsal: Rehearsal): string => {
  const [answered = [], ...turns] = rehearsal.turns.map((turn, index) => verbsOf(turn, rehearsal.turns[index - 1]));
  const rows = [[`dial(${[bot, ...sceneOf(rehearsal)].join(', ')})`, ...answered], ...turns];
  const end = endOf(rehearsal);
  const lines = rows.map((verbs, index) => [...verbs, ...(index === rows.length - 1 && end !== '' ? [end] : [])]).flatMap((verbs) => broken(verbs));
  return [`  it(${quoted(rehearsal.call.title)}, () => {`, ...lines.map((line, index) => `    ${index === 0 ? '' : '  '}${line}${index === lines.length - 1 ? ';' : ''}`), '  });'].join('\n');
};

/** A line a turn, and more where it would be too long. */
const broken = (verbs: readonly string[]): readonly string[] => {
  const lines: string[] = [];
  for (const verb of verbs) {
    const line = lines.at(-1);
    if (line === undefined || line.length + verb.length > longestLine) lines.push(verb);
    else lines[lines.length - 1] = line + verb;
  }
  return lines;
};

const longestLine = 150;

// ---- the scene ----

const sceneOf = ({ call: { call, now }, stubs, failsNext }: Rehearsal): readonly string[] => {
  const parts = [
    ...(Object.keys(call).length === 0 ? [] : [`call: ${literal(call)}`]),
    ...(now === usualNow ? [] : [`now: Date.UTC(${utcArguments(now).join(', ')})`]),
    ...(Object.keys(stubs).length === 0 ? [] : [`tasks: { ${Object.entries(stubs).map(([name, ends]) => `${key(name)}: ${taskText(ends).map(({ text }) => text).join('')}`).join(', ')} }`]),
    ...(failsNext.length === 0 ? [] : [`failsNext: ${literal(failsNext)}`]),
  ];
  return parts.length === 0 ? [] : [`{ ${parts.join(', ')} }`];
};

/** A stub as it is written, with the helpers that it needs. */
interface StubText {
  readonly text: string;
  readonly uses: readonly string[];
}

const taskText = (ends: readonly TaskEnd[]): readonly StubText[] => {
  const [only] = ends;
  if (only !== undefined && ends.every((end) => literal(end) === literal(only))) return [stubText(only)];
  return [{ text: 'inTurn(', uses: ['inTurn'] }, ...ends.flatMap((end, index) => [...(index === 0 ? [] : [{ text: ', ', uses: [] }]), stubText(end)]), { text: ')', uses: [] }];
};

const stubText = (end: TaskEnd): StubText => {
  if (end === 'never') return { text: 'never', uses: ['never'] };
  return 'failed' in end ? { text: `failing(${end.failed === '' ? '' : quoted(end.failed)})`, uses: ['failing'] } : { text: end.done === undefined ? 'null' : literal(end.done), uses: [] };
};

// ---- the call ----

/** What is done, heard and reached in `turn`, and whom the bot rings then. */
const verbsOf = (turn: Turn, before: Turn | undefined): readonly string[] => [
  ...turn.deeds.map(deedText),
  ...turn.heard.filter((heard) => !isUnheard(heard)).map(({ text }) => `.hears(${quoted(text)})`),
  ...turn.states.filter((state) => !(before?.states ?? []).includes(state)).map((state) => `.isIn(${quoted(state)})`),
  ...(turn.rings === null ? [] : [`.${turn.rings.verb}(${quoted(turn.rings.to)})`]),
];

const deedText = ({ verb, with: given }: Deed): string => `.${verb}(${given.map(literal).join(', ')})`;

const endOf = ({ ended }: Rehearsal): string => {
  switch (ended) {
    case null:
      return '';
    case 'bot':
      return '.isHungUp()';
    case 'rejected':
      return '.isRejected()';
    default:
      return `.endedWith(${quoted(ended)})`;
  }
};

// ---- words of the language ----

/** A name for the bot that is none of the language's, and none of the file's own. */
const nameOf = (id: string): string => {
  const name = id.replace(/[^A-Za-z0-9]+(.)?/g, (_, letter: string | undefined) => (letter ?? '').toUpperCase()).replace(/^[^A-Za-z]+/, '');
  const camel = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;
  return camel === '' || taken.has(camel) ? 'bot' : camel;
};

const taken: ReadonlySet<string> = new Set([
  'dial', 'failing', 'inTurn', 'never', 'describe', 'it', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete', 'do', 'else', 'enum', 'export', 'extends', 'false', 'finally', 'for', 'function',
  'if', 'implements', 'import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'package', 'private', 'protected', 'public', 'return', 'static', 'super', 'switch', 'this', 'throw', 'true', 'try', 'typeof', 'undefined', 'var', 'void',
  'while', 'with', 'yield', 'arguments', 'eval',
]);

/** `value` as it is written in TypeScript: JSON, with the quotes and keys of the house. */
export const literal = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return number(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined).map(([name, one]) => `${key(name)}: ${literal(one)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
};

const number = (value: number): string => (Number.isInteger(value) && Math.abs(value) >= 1_000 && Math.abs(value) < 1e15 ? String(value).replace(/\B(?=(\d{3})+$)/g, '_') : String(value));

const key = (name: string): string => (name === '__proto__' ? "['__proto__']" : /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));

const quoted = (text: string): string => {
  const escaped = JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029');
  return text.includes("'") && !/["\\]/.test(text) ? `"${escaped}"` : `'${escaped.replace(/'/g, "\\'")}'`;
};

/** `text` in a comment. */
const plain = (text: string): string => text.replaceAll('*/', '* /');
