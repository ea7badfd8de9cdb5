/**
 * Codecs — the few kinds of io-ts codecs that this service is read with: each refuses by a {@link RuleId}, which travels as the
 * message of the io-ts error.
 *
 * @module
 */
import * as t from 'io-ts';
import { type Codec, type Must, must as mustBe } from '../codecs.ts';
import type { RuleId } from './rules.ts';

export { type Codec, maybe } from '../codecs.ts';

export const must: Must<RuleId> = mustBe;

/** `codec`, where nothing but an object may stand; its absence breaks `rule`. */
export const object = <A>(rule: RuleId, codec: Codec<A>): Codec<A> =>
  new t.Type<A, unknown, unknown>(codec.name, codec.is, (value, context) => (isFields(value) ? codec.validate(value, context) : t.failure(value, context, rule)), t.identity);

/** A list of `element`; what is no list breaks `rule`. */
export const list = <A>(rule: RuleId, element: Codec<A>): Codec<readonly A[]> => {
  const elements = t.array(element);
  return new t.Type<readonly A[], unknown, unknown>(rule, elements.is, (value, context) => (Array.isArray(value) ? elements.validate(value, context) : t.failure(value, context, rule)), t.identity);
};

/** What an object has of its own, whatever it is called. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether `value` is an object with names. */
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
