/**
 * Samples — some of the values that a codec lets through: what a task may give, tried out.
 *
 * @module
 */
import type { JsonCodec } from '../codec.ts';

/** More values than this are not tried. */
const most = 16;

/** Values that `codec` takes, one of each kind that it tells apart as far as that can be read from it; none where it cannot. */
export const samplesOf = <A>(codec: JsonCodec<A>, { text, number }: Plain = plain): readonly unknown[] => valuesOf(codec as unknown as Loose, { text, number }).slice(0, most).filter((value) => codec.decode(value)._tag === 'Right');

/** What stands for any text, and for any number. */
export interface Plain {
  readonly text: string;
  readonly number: number;
}

/** What does where nobody says what. */
export const plain: Plain = { text: 'sample', number: 1 };

/** A codec of io-ts, as far as its kind tells what is in it. */
interface Loose {
  readonly _tag?: string;
  readonly value?: unknown;
  readonly keys?: object;
  readonly type?: Loose;
  readonly types?: readonly Loose[];
  readonly props?: Readonly<Record<string, Loose>>;
}

const valuesOf = ({ _tag: tag, value, keys = {}, type, types = [], props = {} }: Loose, by: Plain): readonly unknown[] => {
  const of = (codec: Loose): readonly unknown[] => valuesOf(codec, by);
  switch (tag) {
    case 'NullType':
      return [null];
    case 'BooleanType':
      return [true, false];
    case 'StringType':
      return [by.text];
    case 'NumberType':
      return [by.number];
    case 'LiteralType':
      return [value];
    case 'KeyofType':
      return Object.keys(keys);
    case 'UnionType':
      return types.flatMap(of);
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return [[], ...(type === undefined ? [] : of(type)).map((item) => [item])];
    case 'ReadonlyType':
    case 'ExactType':
    case 'RefinementType':
      return type === undefined ? [] : of(type);
    case 'InterfaceType':
    case 'StrictType':
      return together(Object.entries(props).map(([name, codec]) => of(codec).map((one) => ({ [name]: one }))));
    case 'PartialType':
      return together(Object.entries(props).map(([name, codec]) => [{}, ...of(codec).map((one) => ({ [name]: one }))]));
    case 'IntersectionType':
      return together(types.map((one) => of(one) as readonly object[]));
    default:
      return [];
  }
};

/** Every way to take one of each of `parts`, as one object. */
const together = (parts: readonly (readonly object[])[]): readonly object[] =>
  parts.reduce<readonly object[]>((wholes, part) => wholes.flatMap((whole) => part.map((one) => ({ ...whole, ...one }))).slice(0, most), [{}]);
