/**
 * Authenticate — a request's bearer token verifies against its issuer's published keys, or the request stops.
 *
 * Knows no service: who issues, for whom and with which algorithms is a {@link BearerPolicy}, and none of the three has
 * a default. The order is cheap first: length, shape, algorithm, key, signature, claims. A token at fault is
 * `ERR_BEARER_REJECTED` (401); keys that cannot be had are `ERR_KEYS_UNAVAILABLE` (503), so that an outage of the key
 * server is never told to the service as its own mistake. Neither carries anything of the token, in its cause as little
 * as in its message: jose's errors hold the claims, so they end here.
 *
 * Imports `../errors.ts`, `./keys.ts` and jose. All state is the verifier's own.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTVerifyOptions } from 'jose';
import { CallError } from '../errors.ts';
import type { CallErrorDetails } from '../errors.ts';
import { isTrustedUrl, keyRing, type KeySet, unavailable, type VerifiedToken } from './keys.ts';

/** Whose tokens are good. */
export interface BearerPolicy {
  /** The issuer's OpenID metadata. `https`, or `http` on loopback; so must be the `jwks_uri` in it. */
  readonly metadataUrl: string;
  /** `iss` must be one of these; `'metadata'` stands for the issuer that the OpenID metadata names (OpenID Discovery §4.3). */
  readonly issuer: string | readonly string[];
  /** `aud` must be this, or hold it. */
  readonly audience: string;
  /** Asymmetric ones only. */
  readonly algorithms: readonly string[];
  /** How far the issuer's clock and ours may differ, for `exp` and `nbf`. */
  readonly clockToleranceMs: number;
  /** For metadata and keys together. Default 5 s. */
  readonly keysTimeoutMs?: number;
  /** Shortest time between two fetches, after a failed one too. Default 30 s. */
  readonly keysCooldownMs?: number;
  /** Older keys verify nothing. They are renewed from half this age on, while they serve. Default 24 h. */
  readonly keysMaxAgeMs?: number;
  /** How long a verified token is believed without verifying it again. Default 5 min; 0 verifies always. */
  readonly cacheMs?: number;
  /** How many verified tokens are remembered; the least recently used leaves first. Default 1000. */
  readonly cacheSize?: number;
  readonly now?: () => number;
  readonly fetch?: typeof fetch;
}

/** Resolves when the `authorization` header proves the sender. */
export type BearerVerifier = (authorization: string | readonly string[] | undefined) => Promise<void>;

type Rules = Required<BearerPolicy>;

/** Makes the verifier of `policy`. Throws `ERR_OPTION_INVALID`; fetches nothing before the first token. */
export function bearerVerifier(policy: BearerPolicy): BearerVerifier {
  const rules = checked(policy);
  const { now, cacheMs, clockToleranceMs } = rules;
  const keys = keyRing(rules);
  const expected: JWTVerifyOptions = {
    audience: rules.audience,
    algorithms: [...rules.algorithms],
    requiredClaims: ['exp'],
    clockTolerance: clockToleranceMs / 1000,
  };

  return async function verifyBearer(authorization) {
    const header = onlyOne(authorization);
    const digest = hash('sha256', header, 'base64');
    if (remembered(keys.held()?.verified, digest)) return;
    const token = tokenIn(header);
    const set = await keys.having(kidOf(token, rules.algorithms));
    if (set === undefined) throw rejected('key');
    const { exp = 0, nbf = -Infinity } = await claimsOf(token, set, { ...expected, issuer: issuersOf(rules, set), currentDate: new Date(now()) });
    const until = Math.min(exp * 1000 + clockToleranceMs, now() + cacheMs);
    remember(set.verified, digest, { from: nbf * 1000 - clockToleranceMs, until });
  };

  function remembered(verified: KeySet['verified'] | undefined, digest: string): boolean {
    const token = verified?.get(digest);
    if (verified === undefined || token === undefined) return false;
    const at = now();
    const isGood = at < token.until && at >= token.from;
    if (isGood && verified.size === 1) return true;
    verified.delete(digest);
    if (isGood) verified.set(digest, token); // to the young end of the map
    return isGood;
  }

  function remember(verified: KeySet['verified'], digest: string, token: VerifiedToken): void {
    verified.set(digest, token);
    const [oldest] = verified.keys();
    if (verified.size > rules.cacheSize && oldest !== undefined) verified.delete(oldest);
  }
}

/** The issuers that `set` may speak for. */
const issuersOf = ({ issuer }: Rules, set: KeySet): string[] =>
  [issuer].flat().flatMap((name) => (name !== 'metadata' ? [name] : set.issuer === undefined ? [] : [set.issuer]));

type BearerReason = CallErrorDetails['ERR_BEARER_REJECTED']['reason'];
const rejected = (reason: BearerReason) => new CallError('ERR_BEARER_REJECTED', `bearer token rejected: ${reason}`, { reason });

/** What node takes for all headers together by default. */
const longestHeader = 16_384;

/** The one header. Two are refused: whoever is in front of us may have checked the other one. */
function onlyOne(authorization: string | readonly string[] | undefined): string {
  const [header = '', ...more] = typeof authorization === 'string' ? [authorization] : (authorization ?? []);
  if (more.length > 0 || header.length > longestHeader) throw rejected('malformed');
  if (header === '') throw rejected('missing');
  return header;
}

/** The bearer token of a header. */
function tokenIn(header: string): string {
  const token = /^Bearer +([\w.-]+)$/i.exec(header)?.[1];
  if (token === undefined) throw rejected('malformed');
  return token;
}

function kidOf(token: string, algorithms: readonly string[]): string {
  const { alg, kid } = headerOf(token);
  if (alg === undefined || !algorithms.includes(alg)) throw rejected('algorithm');
  if (typeof kid !== 'string' || kid === '') throw rejected('key');
  return kid;
}

function headerOf(token: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw rejected('malformed');
  }
}

async function claimsOf(token: string, set: KeySet, options: JWTVerifyOptions): Promise<{ exp?: number; nbf?: number }> {
  try {
    return (await jwtVerify(token, set.resolve, options)).payload;
  } catch (error) {
    const reason = reasonOf(error);
    throw reason === undefined ? unavailable('malformed', error) : rejected(reason);
  }
}

/** What is wrong with the token; nothing when it is the key that cannot be used (a weak, doubled or private one). */
function reasonOf(error: unknown): BearerReason | undefined {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf' && error.reason === 'check_failed' ? 'early' : 'claim';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JWKSNoMatchingKey) return 'key';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  const malformed = [errors.JWSInvalid, errors.JWTInvalid, errors.JOSENotSupported].some((kind) => error instanceof kind);
  return malformed ? 'malformed' : undefined;
}

/** An allow-list: what jose may learn to verify tomorrow is not thereby trusted. */
const asymmetric = /^((RS|PS|ES)(256|384|512)|EdDSA|Ed25519)$/;

function checked(policy: BearerPolicy): Rules {
  const rules: Rules = {
    keysTimeoutMs: 5_000,
    keysCooldownMs: 30_000,
    keysMaxAgeMs: 24 * 3_600_000,
    cacheMs: 300_000,
    cacheSize: 1_000,
    now: Date.now,
    fetch,
    ...policy,
    issuer: [policy.issuer].flat(),
    algorithms: [...(policy.algorithms ?? [])],
  };
  const named = (value: unknown) => typeof value === 'string' && value.trim() !== '';
  const all = (values: Iterable<unknown>, good: (value: string) => boolean) =>
    [...values].length > 0 && [...values].every((value) => typeof value === 'string' && good(value));
  need('metadataUrl', isTrustedUrl(rules.metadataUrl), 'be an https URL, or http on loopback');
  need('issuer', all(rules.issuer, named), 'name who issues the tokens');
  need('audience', named(rules.audience), 'name whom the tokens are for');
  need('algorithms', all(rules.algorithms, (name) => asymmetric.test(name)), 'list asymmetric algorithms');
  for (const option of ['clockToleranceMs', 'keysCooldownMs', 'cacheMs', 'cacheSize'] as const) {
    need(option, isWhole(rules[option], 0), 'be a whole number from 0');
  }
  for (const option of ['keysTimeoutMs', 'keysMaxAgeMs'] as const) {
    need(option, isWhole(rules[option], 1), 'be a whole number from 1');
  }
  return rules;
}

/** Within what a timer can hold. */
const isWhole = (value: number, least: number) => Number.isInteger(value) && value >= least && value < 2 ** 31;

function need(option: keyof BearerPolicy, holds: boolean, rule: string): void {
  if (!holds) throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` must ${rule}`, { option });
}
