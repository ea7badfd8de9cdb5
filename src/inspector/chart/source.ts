/**
 * Source — where each state of a bot is written, by reading the bot's file and the modules beside it that it imports.
 *
 * Nothing is run and nothing is guessed: what is computed, or stands in a package, has no place. It never fails; a file that
 * cannot be parsed says nothing.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { parse } from '@babel/parser';
import type { SourcePlace } from './drawing.ts';

/** Tells the place of the state `path` of the machine called `chart`. */
export type PlaceOf = (chart: string, path: string) => SourcePlace | undefined;

/** A state, by the machine that it belongs to and its path there. */
export interface WrittenState {
  readonly chart: string;
  readonly path: string;
}

/** What a bot is made of. */
export interface BotSource {
  readonly placeOf: PlaceOf;
  /** Tells the innermost state that a line is part of. */
  readonly stateAt: (place: SourcePlace) => WrittenState | undefined;
  /** The bot's file and all files beside it that it is made of, as far as they are imported by name: absolute paths. */
  readonly files: readonly string[];
}

/** Reads the bot in `file`. */
export const readSource = async (file: string): Promise<BotSource> => {
  const modules = await read(resolve(file));
  const imported = [...modules.values()].flatMap(({ imports, exports }) => [...imports.values(), ...exports.values()].flatMap((one) => one.file ?? []));
  const makings = [...modules.values()].flatMap((module) => makingsIn(module, modules));
  return { placeOf: placesIn(makings, modules), stateAt: statesAt(makings, modules), files: [...new Set([resolve(file), ...modules.keys(), ...imported])] };
};

const placesIn = (makings: readonly Making[], modules: Modules): PlaceOf => {
  const known = new Map<string, ReadonlyMap<string, SourcePlace>>();
  return (chart, path) => {
    // In a library a dialog goes by the library's name and its own.
    const named = [chart, chart.slice(chart.lastIndexOf(':') + 1)].map((id) => makings.filter((making) => making.id === id)).find((found) => found.length > 0) ?? [];
    const [making, ...others] = named;
    if (making === undefined || others.length > 0) return undefined;
    const places = known.get(chart) ?? new Map(writtenIn(making, modules).map(({ path: own, place }) => [own, place]));
    known.set(chart, places);
    return places.get(path) ?? making.otherwise;
  };
};

const statesAt = (makings: readonly Making[], modules: Modules): BotSource['stateAt'] => {
  const written = makings.flatMap((making) => writtenIn(making, modules).flatMap(({ path, spans }) => spans.map((span) => ({ state: { chart: making.id, path }, ...span }))));
  return ({ file, line }) => {
    const around = written.filter((one) => one.file === file && one.first <= line && line <= one.last);
    return around.sort((one, other) => one.last - one.first - (other.last - other.first) || other.state.path.length - one.state.path.length)[0]?.state;
  };
};

// ---- modules ----

type Statement = ReturnType<typeof parse>['program']['body'][number];
type Node = Extract<Statement, { readonly type: 'ExpressionStatement' }>['expression'];
type Call = Extract<Node, { readonly type: 'CallExpression' }>;
type ObjectLiteral = Extract<Node, { readonly type: 'ObjectExpression' }>;
type Property = ObjectLiteral['properties'][number];

interface Imported {
  /** File of the module; undefined for what is imported from a package. */
  readonly file: string | undefined;
  /** Its name there; `default`, or `*` for all. */
  readonly name: string;
}

interface Module {
  readonly file: string;
  readonly calls: readonly Call[];
  readonly values: ReadonlyMap<string, Node>;
  readonly imports: ReadonlyMap<string, Imported>;
  /** What it exports under another name, or from another module. */
  readonly exports: ReadonlyMap<string, Imported>;
}

type Modules = ReadonlyMap<string, Module>;

/** A value of the source, with the module that it stands in. */
interface Value {
  readonly node: Node;
  readonly module: Module;
}

/** A bot has few files; whatever imports more of them has led out of the bot. */
const mostModules = 200;

const read = async (file: string): Promise<Modules> => {
  const modules = new Map<string, Module>();
  const open = [file];
  for (let next = open.shift(); next !== undefined && modules.size < mostModules; next = open.shift()) {
    if (modules.has(next)) continue;
    const module = await readModule(next);
    if (module === undefined) continue;
    modules.set(next, module);
    open.push(...[...module.imports.values(), ...module.exports.values()].flatMap((one) => (one.file === undefined || one.file === next ? [] : [one.file])));
  }
  return modules;
};

const readModule = async (file: string): Promise<Module | undefined> => {
  try {
    const { program: { body } } = parse(await readFile(file, 'utf8'), { sourceType: 'unambiguous', plugins: file.endsWith('x') ? ['typescript', 'jsx'] : ['typescript'], errorRecovery: true });
    const beside = new Map<string, string | undefined>();
    for (const from of body.flatMap((statement) => ('source' in statement && statement.source ? [statement.source.value] : []))) beside.set(from, await located(file, from));
    return { file, calls: callsIn(body), values: new Map(body.flatMap(valuesIn)), imports: new Map(body.flatMap((statement) => importsIn(statement, beside))), exports: new Map(body.flatMap((statement) => exportsIn(statement, file, beside))) };
  } catch {
    return undefined;
  }
};

/** The file that `from` stands for in `file`: TypeScript is imported by its own name, by that of what is made of it, or without an ending. */
const located = async (file: string, from: string): Promise<string | undefined> => {
  if (!from.startsWith('.')) return undefined;
  const at = join(dirname(file), from);
  for (const name of [at, at.replace(/\.([cm]?)js(x?)$/, '.$1ts$2'), ...['.ts', '.tsx', '.js', '.mjs', '/index.ts', '/index.js'].map((ending) => `${at}${ending}`)]) {
    const isThere = await readFile(name).then(() => true, () => false);
    if (isThere) return name;
  }
  return undefined;
};

const valuesIn = (statement: Statement): readonly (readonly [string, Node])[] => {
  const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  if (declared?.type === 'VariableDeclaration') return declared.declarations.flatMap(({ id, init }) => (id.type === 'Identifier' && init ? [[id.name, init] as const] : []));
  if (statement.type !== 'ExportDefaultDeclaration') return [];
  const { declaration } = statement;
  return declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration' || declaration.type === 'TSDeclareFunction' ? [] : [['default', declaration]];
};

const importsIn = (statement: Statement, beside: ReadonlyMap<string, string | undefined>): readonly (readonly [string, Imported])[] => {
  if (statement.type !== 'ImportDeclaration') return [];
  const file = beside.get(statement.source.value);
  return statement.specifiers.map((one) => {
    const name = one.type === 'ImportDefaultSpecifier' ? 'default' : one.type === 'ImportNamespaceSpecifier' ? '*' : nameOf(one.imported);
    return [one.local.name, { file, name }] as const;
  });
};

const exportsIn = (statement: Statement, file: string, beside: ReadonlyMap<string, string | undefined>): readonly (readonly [string, Imported])[] => {
  if (statement.type === 'ExportAllDeclaration') return [[`*${statement.source.value}`, { file: beside.get(statement.source.value), name: '*' }]];
  if (statement.type !== 'ExportNamedDeclaration') return [];
  const from = statement.source ? beside.get(statement.source.value) : file;
  return statement.specifiers.flatMap((one) => (one.type === 'ExportSpecifier' ? [[nameOf(one.exported), { file: from, name: one.local.name }] as const] : []));
};

const nameOf = (named: { readonly type: string; readonly name?: string; readonly value?: string }): string => named.name ?? named.value ?? '';

// ---- values ----

/** How often a name may lead to another one. */
const mostSteps = 10;

/** `value` without what is only for the compiler, and behind the names that stand for it. */
const resolved = ({ node, module }: Value, modules: Modules, steps = 0): Value => {
  const follow = (next: Value | undefined): Value => (next === undefined || steps >= mostSteps ? { node, module } : resolved(next, modules, steps + 1));
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ParenthesizedExpression':
      return follow({ node: node.expression, module });
    case 'Identifier':
      return follow(named(node.name, module, modules));
    case 'MemberExpression': {
      if (steps >= mostSteps) return { node, module };
      const key = !node.computed && node.property.type === 'Identifier' ? node.property.name : node.property.type === 'StringLiteral' ? node.property.value : undefined;
      if (key === undefined) return { node, module };
      const all = node.object.type === 'Identifier' ? module.imports.get(node.object.name) : undefined;
      if (all?.name === '*') return follow(all.file === undefined ? undefined : exported(key, modules.get(all.file), modules));
      return follow(entriesOf({ node: node.object as Node, module }, modules, steps + 1).find((entry) => entry.key === key)?.value);
    }
    default:
      return { node, module };
  }
};

const named = (name: string, module: Module, modules: Modules): Value | undefined => {
  const own = module.values.get(name);
  if (own !== undefined) return { node: own, module };
  const imported = module.imports.get(name);
  return imported?.file === undefined ? undefined : exported(imported.name, modules.get(imported.file), modules);
};

const exported = (name: string, module: Module | undefined, modules: Modules, seen: readonly Module[] = []): Value | undefined => {
  if (module === undefined || seen.includes(module)) return undefined;
  const through = [...seen, module];
  const other = module.exports.get(name);
  if (other?.file === module.file) return named(other.name, module, modules);
  if (other?.file !== undefined) return exported(other.name, modules.get(other.file), modules, through);
  const own = module.values.get(name);
  if (own !== undefined) return { node: own, module };
  for (const all of module.exports.values()) {
    const found = all.name === '*' && all.file !== undefined ? exported(name, modules.get(all.file), modules, through) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Lines of a file, from the first to the last. */
interface Span {
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

interface Entry {
  readonly key: string;
  /** Where it is written: at its name, or where what the name stands for is. */
  readonly place: SourcePlace;
  /** All lines of it: those of its name with what stands there, and those of what the name stands for. */
  readonly spans: readonly Span[];
  readonly value: Value;
}

/** The entries of an object, spread ones included; of two of one name the later one counts. */
const entriesOf = (value: Value, modules: Modules, steps = 0): readonly Entry[] => {
  const { node, module } = resolved(value, modules, steps);
  if (node.type !== 'ObjectExpression' || steps > mostSteps) return [];
  const found = node.properties.flatMap((property) => entriesIn(property, module, modules, steps));
  return [...new Map(found.map((entry) => [entry.key, entry])).values()];
};

const entriesIn = (property: Property, module: Module, modules: Modules, steps: number): readonly Entry[] => {
  if (property.type === 'SpreadElement') return entriesOf({ node: property.argument, module }, modules, steps + 1);
  const key = property.computed ? undefined : keyOf(property.key);
  if (property.type !== 'ObjectProperty' || key === undefined) return [];
  const given: Value = { node: property.value as Node, module };
  const value = resolved(given, modules, steps + 1);
  const isElsewhere = isName(given.node) && value.node !== given.node;
  const spans = [spanOf(property, module), ...(isElsewhere ? [spanOf(value.node, value.module)] : [])];
  return [{ key, place: placeAt(isElsewhere ? value : { node: property.key as Node, module }), spans, value }];
};

const isName = ({ type }: Node): boolean => type === 'Identifier' || type === 'MemberExpression';

const keyOf = (key: { readonly type: string }): string | undefined => {
  const { type, name, value } = key as { readonly type: string; readonly name?: string; readonly value?: unknown };
  return type === 'Identifier' ? name : type === 'StringLiteral' || type === 'NumericLiteral' ? String(value) : undefined;
};

const textOf = (value: Value | undefined, modules: Modules): string | undefined => {
  if (value === undefined) return undefined;
  const { node } = resolved(value, modules);
  if (node.type === 'StringLiteral') return node.value;
  return node.type === 'TemplateLiteral' && node.quasis.length === 1 ? (node.quasis[0]?.value.cooked ?? undefined) : undefined;
};

const placeAt = ({ node, module }: Value): SourcePlace => ({ file: shown(module.file), line: node.loc?.start.line ?? 1 });

const spanOf = ({ loc }: Pick<Node, 'loc'>, { file }: Module): Span => ({ file: shown(file), first: loc?.start.line ?? 1, last: loc?.end.line ?? 1 });

const shown = (file: string): string => {
  const below = relative(process.cwd(), file);
  return below.startsWith('..') || isAbsolute(below) ? file : below;
};

// ---- machines ----

/** A state as it is written. */
interface Written {
  readonly path: string;
  readonly place: SourcePlace;
  readonly spans: readonly Span[];
}

/** A machine that is made in a module. */
interface Making {
  readonly id: string;
  /** What it is made of. */
  readonly config?: Value;
  /** Steps of a waterfall, which are states by their names. */
  readonly steps: readonly Written[];
  /** The place of states that its maker adds. */
  readonly otherwise?: SourcePlace;
}

const makers: ReadonlySet<string> = new Set(['callMachine', 'dialogMachine', 'createMachine', 'waterfall']);

const makingsIn = (module: Module, modules: Modules): readonly Making[] =>
  module.calls.flatMap((call): readonly Making[] => {
    const maker = makerOf(call, module);
    if (maker === undefined || !makers.has(maker)) return [];
    const [first, second] = call.arguments.map((argument): Value => ({ node: argument as Node, module }));
    if (maker === 'createMachine') {
      const id = first && textOf(entriesOf(first, modules).find(({ key }) => key === 'id')?.value, modules);
      return first === undefined || id === undefined ? [] : [{ id, config: first, steps: [] }];
    }
    const id = textOf(first, modules);
    if (id === undefined) return [];
    if (maker === 'waterfall') return [{ id, steps: stepsAfter(call, module, modules), otherwise: placeAt({ node: call, module }) }];
    return [{ id, steps: [], ...(second !== undefined && { config: second }) }];
  });

/** Who is called: `callMachine('acme', …)`, `callMachine<Context>()('acme', …)`, also under another name and as a part of something. */
const makerOf = ({ callee }: Call, module: Module): string | undefined => {
  if (callee.type === 'CallExpression') return callee.arguments.length === 0 ? makerOf(callee, module) : undefined;
  if (callee.type === 'MemberExpression') return callee.property.type === 'Identifier' ? callee.property.name : undefined;
  if (callee.type !== 'Identifier') return undefined;
  return module.imports.get(callee.name)?.name ?? callee.name;
};

/** The steps of the waterfall `start`: `.ask('day', …).confirm('sure', …)`. */
const stepsAfter = (start: Call, module: Module, modules: Modules): Making['steps'] => {
  const next = module.calls.find(({ callee }) => callee.type === 'MemberExpression' && callee.object === start);
  if (next === undefined) return [];
  const [first] = next.arguments;
  const isSentence = next.callee.type === 'MemberExpression' && next.callee.property.type === 'Identifier' && next.callee.property.name === 'say';
  const name = isSentence ? undefined : textOf(first && { node: first as Node, module }, modules);
  const rest = stepsAfter(next, module, modules);
  const from = next.callee.type === 'MemberExpression' ? spanOf(next.callee.property, module) : undefined; // the whole chain before it is part of the call
  return name === undefined ? rest : [{ path: name, place: placeAt({ node: first as Node, module }), spans: from === undefined ? [] : [{ ...from, last: spanOf(next, module).last }] }, ...rest];
};

/** Every call below `node`. */
const callsIn = (node: unknown): readonly Call[] => {
  if (Array.isArray(node)) return node.flatMap(callsIn);
  if (typeof node !== 'object' || node === null || !('type' in node)) return [];
  const inside = Object.entries(node).flatMap(([key, part]) => (key === 'loc' || key.endsWith('Comments') ? [] : callsIn(part)));
  return node.type === 'CallExpression' ? [node as Call, ...inside] : inside;
};

const writtenIn = ({ config, steps }: Making, modules: Modules): readonly Written[] => (config === undefined ? steps : [...steps, ...statesIn(config, '', modules, [])]);

/** A state that is its own part ends where it comes back to itself. */
const statesIn = (state: Value, path: string, modules: Modules, around: readonly Node[]): readonly Written[] => {
  const states = around.includes(state.node) ? undefined : entriesOf(state, modules).find(({ key }) => key === 'states');
  if (states === undefined) return [];
  return entriesOf(states.value, modules).flatMap(({ key, place, spans, value }) => {
    const own = path === '' ? key : `${path}.${key}`;
    return [{ path: own, place, spans }, ...statesIn(value, own, modules, [...around, state.node])];
  });
};
