/**
 * Text — how what goes through Restate becomes bytes, where its SDK is not left to say so.
 *
 * @module
 */
import type { Serde } from '@restatedev/restate-sdk';

/** A text as it is: nothing is escaped twice. */
export const plainText: Serde<string> = {
  contentType: 'text/plain; charset=utf-8',
  serialize: (text) => Buffer.from(text, 'utf8'),
  deserialize: (bytes) => Buffer.from(bytes).toString('utf8'),
};

/** JSON, also of what is sent without a type. */
export const json: Serde<unknown> = {
  contentType: 'application/json',
  serialize: (value) => Buffer.from(JSON.stringify(value), 'utf8'),
  deserialize: (bytes) => JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown,
};
