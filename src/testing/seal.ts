/**
 * Seal — what stands for a server's seal of secrets in a test.
 *
 * @module
 */
import { CallError } from '../errors.ts';

export { usualSeal as sealed } from '../machines/paths/usual-call.ts';

/** @throws `ERR_SECRET_KEY` */
export const unsealed = (seal: string): string => {
  const [word, key, body] = seal.split('.');
  if (word !== 'sealed' || key !== 'test' || body === undefined) throw new CallError('ERR_SECRET_KEY', 'the secret was not sealed by a key that is known here', { reason: 'unknown' });
  return Buffer.from(body, 'base64url').toString('utf8');
};
