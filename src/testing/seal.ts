/**
 * Seal — what stands for a server's seal of secrets in a test.
 *
 * @module
 */
import { CallError } from '../errors.ts';
import type { Seal } from '../machines/index.ts';

/** A test has no key: its seals hide a secret from a reader's eye and from a search, as a server's do, and from nobody who wants to know. */
export const sealed: Seal = (text) => `sealed.test.${Buffer.from(text).toString('base64url')}`;

/** @throws `ERR_SECRET_KEY` */
export const unsealed = (seal: string): string => {
  const [word, key, body] = seal.split('.');
  if (word !== 'sealed' || key !== 'test' || body === undefined) throw new CallError('ERR_SECRET_KEY', 'the secret was not sealed by a key that is known here', { reason: 'unknown' });
  return Buffer.from(body, 'base64url').toString('utf8');
};
