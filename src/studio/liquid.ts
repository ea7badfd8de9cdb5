/**
 * Liquid — as much of what is written in a flow's templates as decides where a call goes: whose input a split looks at, whether
 * a condition holds for it, and which variables count.
 *
 * Nothing is evaluated. What cannot be read for certain is said to be unknown.
 *
 * @module
 */
import type { Condition, Flow, Widget } from './flow.ts';

/** What a template stands for. */
export type Reading =
  /** What the caller keyed or said at the question `widget`. */
  | { readonly of: 'input'; readonly widget: string; readonly field: Field }
  | { readonly of: 'variable'; readonly name: string }
  | { readonly of: 'unknown' };

/** What a question leaves behind. */
export type Field = 'Digits' | 'SpeechResult';

const inputPattern = /^\s*\{\{-?\s*widgets\.([\w-]+)\.(Digits|SpeechResult)\s*((?:\|\s*\w+\s*)*)-?\}\}\s*$/;
const variablePattern = /^\s*\{\{-?\s*flow\.variables\.([\w-]+)\s*((?:\|\s*\w+\s*)*)-?\}\}\s*$/;
/** Filters that change nothing that a condition sees: letters are compared whatever their case, spaces around are left out. */
const harmless: ReadonlySet<string> = new Set(['downcase', 'upcase', 'capitalize', 'strip', 'lstrip', 'rstrip', 'strip_newlines']);

const isHarmless = (filters: string | undefined): boolean => (filters ?? '').split('|').map((filter) => filter.trim()).every((filter) => filter === '' || harmless.has(filter));

/** How the splits of `flow` are read: a variable that is set in one place, to what a caller gave, stands for that. */
export const readerOf = ({ widgets }: Flow): ((template: string | undefined) => Reading) => {
  const set = new Map<string, readonly string[]>();
  for (const { name, value } of widgets.flatMap(assignments)) set.set(name, [...(set.get(name) ?? []), value]);
  return (template) => {
    const reading = read(template);
    const values = reading.of === 'variable' ? (set.get(reading.name) ?? []) : [];
    const given = values.length === 1 ? read(values[0]) : undefined;
    return given?.of === 'input' ? given : reading;
  };
};

const read = (template: string | undefined): Reading => {
  const [, widget, field, filters] = inputPattern.exec(template ?? '') ?? [];
  if (widget !== undefined && isHarmless(filters)) return { of: 'input', widget, field: field as Field };
  const [, name, changed] = variablePattern.exec(template ?? '') ?? [];
  return name !== undefined && isHarmless(changed) ? { of: 'variable', name } : { of: 'unknown' };
};

/** What a split looks at for `condition`. */
export const argumentOf = (split: Widget, { argument }: Condition): string | undefined => {
  const { input } = split.properties;
  return argument ?? (typeof input === 'string' ? input : undefined);
};

interface Assignment {
  readonly name: string;
  readonly value: string;
}

/** The variables that a widget sets. */
export const assignments = ({ type, properties }: Widget): readonly Assignment[] => {
  const { variables } = properties;
  if (type !== 'set-variables' || !Array.isArray(variables)) return [];
  return (variables as readonly unknown[]).flatMap((variable) => {
    const { key, value } = (typeof variable === 'object' && variable !== null ? variable : {}) as { readonly key?: unknown; readonly value?: unknown };
    return typeof key === 'string' ? [{ name: key, value: typeof value === 'string' || typeof value === 'number' ? String(value) : '' }] : [];
  });
};

/** By how much `assignment` counts its own variable up; 0 where it does anything else. */
export const countsUp = ({ name, value }: Assignment): number => {
  const variable = `flow\\.variables\\.${name.replace(/[^\w]/g, '\\$&')}`;
  const plus = `\\{\\{-?\\s*${variable}\\s*(?:\\|\\s*default:\\s*['"]?\\d+['"]?\\s*)?\\|\\s*plus:\\s*['"]?(\\d{1,6})['"]?\\s*-?\\}\\}`;
  const whether = `\\{%-?\\s*if\\s+${variable}\\s*(?:!=\\s*(?:nil|null|blank|empty|''|"")\\s*)?-?%\\}`;
  const [, alone, guarded] = new RegExp(`^\\s*(?:${plus}|${whether}\\s*${plus}\\s*\\{%-?\\s*else\\s*-?%\\}\\s*\\d{1,6}\\s*\\{%-?\\s*endif\\s*-?%\\})\\s*$`).exec(value) ?? [];
  return Number(alone ?? guarded ?? 0);
};

/** The longest value that a regular expression of a flow is tried on. */
const longestTried = 16;

/** Whether `condition` holds for `value`; undefined where that cannot be said. */
export const holds = ({ type, value: written }: Condition, value: string): boolean | undefined => {
  if (/\{\{|\{%/.test(written)) return undefined;
  const [one, other] = [value.trim().toLowerCase(), written.trim().toLowerCase()];
  switch (type) {
    case 'equal_to':
      return one === other;
    case 'not_equal_to':
      return one !== other;
    case 'matches_any_of':
      return anyOf(other).includes(one);
    case 'does_not_match_any_of':
      return !anyOf(other).includes(one);
    case 'is_blank':
      return one === '';
    case 'is_not_blank':
      return one !== '';
    case 'contains':
      return one.includes(other);
    case 'does_not_contain':
      return !one.includes(other);
    case 'starts_with':
      return one.startsWith(other);
    case 'does_not_start_with':
      return !one.startsWith(other);
    case 'less_than':
    case 'greater_than':
      return one === '' ? false : compared(type, Number(one), other === '' ? Number.NaN : Number(other));
    case 'regex':
      return matched(written, value);
    default:
      return undefined;
  }
};

const compared = (type: 'less_than' | 'greater_than', one: number, other: number): boolean | undefined =>
  Number.isNaN(one) || Number.isNaN(other) ? undefined : type === 'less_than' ? one < other : one > other;

const anyOf = (list: string): readonly string[] => list.split(',').map((item) => item.trim());

const matched = (pattern: string, value: string): boolean | undefined => {
  if (value.length > longestTried || /[a-z]/i.test(value)) return undefined;
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return undefined;
  }
};

/** Values that `condition` might hold for, and their neighbours. */
export const samplesOf = ({ type, value }: Condition): readonly string[] => {
  if (/\{\{|\{%/.test(value)) return [];
  if (type === 'matches_any_of' || type === 'does_not_match_any_of') return anyOf(value);
  if (type === 'less_than' || type === 'greater_than') return [-1, 0, 1].map((step) => Number(value) + step).filter((number) => number >= 0).map(String);
  return type === 'regex' || type.startsWith('is_') ? [] : [value.trim()];
};
