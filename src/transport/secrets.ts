/**
 * Secrets — the seal of what a caller keyed in confidence: AES-256-GCM under a key of the operator's.
 *
 * The nonce is derived from the text and its place (HMAC-SHA-256 under a key of its own), so that a step that is made again
 * makes the same seal: the core stays pure, and two texts never share a nonce. Texts are padded, so that the length of a
 * PIN is not to be seen.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import type { Seal } from '../machines/index.ts';
import type { CallStore } from './engines/store.ts';

/** Seals secrets, and opens them. */
export interface Secrets {
  readonly seal: Seal;
  /** @throws `ERR_SECRET_KEY` for what none of the keys has sealed. */
  readonly reveal: (sealed: string) => string;
}

interface Key {
  readonly id: string;
  readonly ofTexts: Buffer;
  readonly ofNonces: Buffer;
}

const keyBytes = 32;
const padTo = 32;

/**
 * Secrets under `keys`: 32 bytes each in base64 or hex, with commas between. The first one seals; all of them open, so that
 * a key can be replaced while calls are under way.
 *
 * @throws `ERR_SECRET_KEY`
 */
export const secretsUnder = (keys: string): Secrets => {
  const known = keys.split(',').map((text) => keyOf(bytesOf(text.trim())));
  const [first] = known;
  if (first === undefined) throw malformed();
  return {
    seal: (text, place) => `sealed.${first.id}.${sealed(first, text, place).toString('base64url')}`,
    reveal: (token) => {
      const [word, id, body] = token.split('.');
      const key = word === 'sealed' && body !== undefined ? known.find((one) => one.id === id) : undefined;
      const text = key === undefined || body === undefined ? undefined : opened(key, Buffer.from(body, 'base64url'));
      if (text === undefined) throw new CallError('ERR_SECRET_KEY', 'the secret was not sealed by a key that is known here', { reason: 'unknown' });
      return text;
    },
  };
};

/**
 * The secrets of a server that keeps its calls in `store`. Without a key, a store that forgets with the process gets one that
 * does so too; a store that outlives it is refused where a bot asks for a secret.
 *
 * @throws `ERR_SECRET_KEY`
 */
export const secretsFor = (key: string | undefined, store: Pick<CallStore, 'durable'>, confidential: ReadonlySet<AnyStateMachine>): Secrets | undefined => {
  if (key !== undefined && key !== '') return secretsUnder(key);
  if (store.durable === false) return secretsUnder(randomBytes(keyBytes).toString('base64'));
  const [asking] = confidential;
  if (asking === undefined) return undefined;
  throw new CallError('ERR_SECRET_KEY', `bot \`${asking.id}\` asks for a secret, and its calls outlive the process: give \`secretKey\` (CALLCHART_SECRET_KEY), 32 bytes in base64 or hex`, { reason: 'missing' });
};

/** Opens secrets where there is no key. */
export const noSecrets = (): never => {
  throw new CallError('ERR_SECRET_KEY', 'there is no key to open a secret with', { reason: 'missing' });
};

const bytesOf = (text: string): Buffer => {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  if (bytes?.length !== keyBytes) throw malformed();
  return bytes;
};

const malformed = (): CallError => new CallError('ERR_SECRET_KEY', 'the secret key (CALLCHART_SECRET_KEY) is 32 bytes in base64 or hex; several with commas between', { reason: 'malformed' });

const keyOf = (bytes: Buffer): Key => ({
  id: createHash('sha256').update(bytes).digest('base64url').slice(0, 6),
  ofTexts: derived(bytes, 'callchart secret text'),
  ofNonces: derived(bytes, 'callchart secret nonce'),
});

const derived = (bytes: Buffer, use: string): Buffer => Buffer.from(hkdfSync('sha256', bytes, '', use, keyBytes));

const sealed = ({ ofTexts, ofNonces }: Key, text: string, place: string): Buffer => {
  const nonce = createHmac('sha256', ofNonces).update(`${place.length}:${place}${text}`).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', ofTexts, nonce);
  const plain = Buffer.from(text, 'utf8');
  const padded = Buffer.alloc(Math.ceil((plain.length + 1) / padTo) * padTo);
  plain.copy(padded);
  padded[plain.length] = 0x80; // ISO/IEC 7816-4: what follows the mark is padding
  return Buffer.concat([nonce, cipher.update(padded), cipher.final(), cipher.getAuthTag()]);
};

const opened = ({ ofTexts }: Key, bytes: Buffer): string | undefined => {
  if (bytes.length < 12 + padTo + 16) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', ofTexts, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(-16));
    const padded = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    return padded.subarray(0, padded.lastIndexOf(0x80)).toString('utf8');
  } catch {
    return undefined; // altered, or of another key: the caller of this says so
  }
};
