/**
 * Codec — what comes from outside the bot (a task's result, a stored document) is held against an io-ts codec before the
 * chart sees it.
 *
 * @module
 */
import type * as t from 'io-ts';
import { notJson } from './json.ts';

/** A codec whose values are JSON on both sides. */
export type JsonCodec<A> = t.Type<A>;

/** What `value` is to the codec, or the path of the first place in it that does not fit. */
export type Decoded<A> = { readonly value: A } | { readonly path: string };

/** Holds `value` against `codec`. What the codec makes of it has to be JSON itself. */
export const decoded = <A>(codec: JsonCodec<A>, value: unknown, name: string): Decoded<A> => {
  const result = codec.decode(value);
  if (result._tag === 'Left') {
    const keys = result.left[0]?.context.flatMap(({ key }, index, context) => (key === '' || isOfParts(context[index - 1]?.type) ? [] : [key])) ?? [];
    return { path: [name, ...keys].join('.') };
  }
  const path = result.right === undefined ? undefined : notJson(result.right, name);
  return path === undefined ? { value: result.right } : { path };
};

/** Whether io-ts counts the parts of the codec `type` where a path would have names. */
const isOfParts = (type: unknown): boolean => {
  const { _tag: tag, type: inner } = (type ?? {}) as { readonly _tag?: string; readonly type?: unknown };
  return tag === 'IntersectionType' || tag === 'UnionType' || (tag === 'ExactType' && isOfParts(inner));
};
