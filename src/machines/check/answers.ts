/**
 * Answers — what a task may give by its codec: every answer, where there are few; else the parts of it that are few, with the rest
 * unknown.
 *
 * @module
 */
import { partly, unknown } from './partial.ts';

/** More answers than these are not told apart. */
const most = 24;

/** An io-ts codec, as far as it says of itself what it takes. */
interface Described {
  readonly _tag?: string;
  readonly value?: unknown;
  readonly keys?: Readonly<Record<string, unknown>>;
  readonly types?: readonly unknown[];
  readonly type?: unknown;
  readonly props?: Readonly<Record<string, unknown>>;
}

/** Every answer that `codec` takes, as values of which parts may be {@link unknown}. */
export const answers = (codec: unknown): readonly unknown[] => {
  const found = given(codec);
  return found.length > most ? [unknown] : found;
};

const given = (codec: unknown): readonly unknown[] => {
  if (typeof codec !== 'object' && typeof codec !== 'function') return [unknown];
  const { _tag, value, keys = {}, types = [], type, props = {} } = (codec ?? {}) as Described;
  switch (_tag) {
    case 'LiteralType':
      return [value];
    case 'KeyofType':
      return Object.keys(keys);
    case 'BooleanType':
      return [true, false];
    case 'NullType':
      return [null];
    case 'UndefinedType':
    case 'VoidType':
      return []; // nothing is told as null, which these do not take
    case 'UnionType':
      return distinct(types.flatMap(given));
    case 'ReadonlyType':
    case 'ExactType':
      return given(type);
    case 'InterfaceType':
    case 'StrictType':
      return Object.entries(props).reduce<readonly object[]>((some, [name, one]) => few(some.flatMap((known) => given(one).map((each) => ({ ...known, [name]: each })))), [partly({})]);
    case 'PartialType':
      return [partly({})];
    case 'IntersectionType':
      return types.reduce<readonly unknown[]>((some, one) => few(some.flatMap((known) => given(one).map((each) => both(known, each)))), [partly({})]);
    default:
      return [unknown];
  }
};

const few = <T extends unknown>(some: readonly T[]): readonly T[] | readonly [never] => (some.length > most ? [partly({}) as never] : some);

const both = (one: unknown, other: unknown): unknown => (typeof one === 'object' && one !== null && typeof other === 'object' && other !== null ? partly({ ...one, ...other }) : unknown);

const distinct = (some: readonly unknown[]): readonly unknown[] => (some.includes(unknown) ? [unknown] : [...new Set(some)]);

/** One answer that `codec` takes; null where it does not say what it takes. */
export const example = (codec: unknown): unknown => {
  if (typeof codec !== 'object' && typeof codec !== 'function') return null;
  const { _tag, value, keys = {}, types = [], type, props = {} } = (codec ?? {}) as Described;
  switch (_tag) {
    case 'LiteralType':
      return value;
    case 'KeyofType':
      return Object.keys(keys)[0];
    case 'BooleanType':
      return true;
    case 'StringType':
      return 'text';
    case 'NumberType':
      return 1;
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return [];
    case 'UnionType':
      return example(types[0]);
    case 'ReadonlyType':
    case 'ExactType':
    case 'RefinementType':
      return example(type);
    case 'InterfaceType':
    case 'StrictType':
      return Object.fromEntries(Object.entries(props).map(([name, one]) => [name, example(one)]));
    case 'PartialType':
    case 'DictionaryType':
      return {};
    case 'IntersectionType':
      return Object.assign({}, ...types.map(example)) as unknown;
    default:
      return null;
  }
};

/** `value` with what is not known of it taken from `sample`. */
export const concrete = (value: unknown, sample: unknown): unknown => {
  if (value === unknown) return sample;
  if (typeof value !== 'object' || value === null) return value;
  const other = (typeof sample === 'object' && sample !== null ? sample : {}) as Readonly<Record<string, unknown>>;
  return { ...other, ...Object.fromEntries(Object.entries(value).map(([name, one]) => [name, concrete(one, other[name] ?? null)])) };
};
