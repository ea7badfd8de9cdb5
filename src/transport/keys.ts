/**
 * Keys — an issuer's public keys by its OpenID metadata: fetched once for all who wait, renewed, kept through an outage.
 *
 * @module
 */
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { urlOf } from '../actions/url.ts';
import { CallError, type CallErrorDetails } from '../errors.ts';

/** Where keys come from and how often; see `BearerPolicy`. */
export interface KeyRules {
  readonly metadataUrl: string;
  readonly keysTimeoutMs: number;
  readonly keysCooldownMs: number;
  readonly keysMaxAgeMs: number;
  readonly now: () => number;
  readonly fetch: typeof fetch;
}

/** When a token that verified is good, ms: `nbf` and `exp` with the tolerance, and no longer than `cacheMs`. */
export interface VerifiedToken {
  readonly from: number;
  readonly until: number;
}

/** One fetched set. The tokens it verified are remembered with it, so that they cannot outlive it, even in a race. */
export interface KeySet {
  readonly kids: ReadonlySet<string>;
  readonly resolve: ReturnType<typeof createLocalJWKSet>;
  readonly fetchedAt: number;
  /** Who the metadata says issues tokens. */
  readonly issuer: string | undefined;
  readonly verified: Map<string, VerifiedToken>;
}

type KeysReason = CallErrorDetails['ERR_KEYS_UNAVAILABLE']['reason'];

/** Keys that cannot be had. */
export const unavailable = (reason: KeysReason, cause?: unknown) =>
  new CallError('ERR_KEYS_UNAVAILABLE', `keys of the token's issuer: ${reason}`, { reason }, { cause });

/** The issuer's keys: fetched once for all who wait, renewed when they age or miss a kid, and kept through an outage. */
export function keyRing(rules: KeyRules) {
  const { now, keysCooldownMs, keysMaxAgeMs } = rules;
  let newest: KeySet | undefined;
  let failure: CallError<'ERR_KEYS_UNAVAILABLE'> | undefined; // of the last fetch
  let triedAt = -Infinity;
  let pending: Promise<void> | undefined;

  const held = () => (newest !== undefined && now() - newest.fetchedAt < keysMaxAgeMs ? newest : undefined);

  /** Never rejects. Joins a fetch under way; does nothing while one cools down. */
  function renew(): Promise<void> {
    if (pending !== undefined) return pending;
    const elapsed = now() - triedAt; // negative when the clock was set back: no reason to wait for it
    const waiting = failure !== undefined || held() !== undefined;
    if (waiting && elapsed >= 0 && elapsed < keysCooldownMs) return Promise.resolve();
    triedAt = now();
    pending = fetchKeys(rules, triedAt)
      .then(
        (set) => ([newest, failure] = [set, undefined]),
        (error: CallError<'ERR_KEYS_UNAVAILABLE'>) => (failure = error),
      )
      .then(() => (pending = undefined));
    return pending;
  }

  /** The keys with `kid` among them; undefined when the issuer has no such key. */
  async function having(kid: string): Promise<KeySet | undefined> {
    let set = held();
    if (set?.kids.has(kid) !== true) {
      await renew();
      set = held();
    } else if (now() - set.fetchedAt >= keysMaxAgeMs / 2) void renew();
    if (set?.kids.has(kid) === true) return set;
    if (failure !== undefined) throw unavailable(failure.details.reason, failure.cause);
    if (set === undefined) throw unavailable('timeout'); // they were too old when they came
    return undefined;
  }

  return { held, having };
}

async function fetchKeys(rules: KeyRules, fetchedAt: number): Promise<KeySet> {
  const signal = AbortSignal.timeout(rules.keysTimeoutMs);
  const { jwks_uri: jwksUri, issuer } = await fetchJson(rules, rules.metadataUrl, signal);
  if (!isTrustedUrl(jwksUri)) throw unavailable('malformed');
  const jwks = await fetchJson(rules, jwksUri, signal);
  try {
    const resolve = createLocalJWKSet(jwks as unknown as JSONWebKeySet); // which checks the shape
    const kids = new Set(resolve.jwks().keys.flatMap(({ kid }) => (typeof kid === 'string' ? [kid] : [])));
    if (kids.size > 0) return { kids, resolve, fetchedAt, issuer: typeof issuer === 'string' && issuer !== '' ? issuer : undefined, verified: new Map() };
  } catch (cause) {
    throw unavailable('malformed', cause);
  }
  throw unavailable('malformed');
}

async function fetchJson({ fetch }: KeyRules, url: string, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const text = await fetchText(fetch, url, signal).catch((cause: unknown) => {
    throw unavailable(signal.aborted ? 'timeout' : 'unreachable', cause);
  });
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw unavailable('malformed', cause);
  }
  throw unavailable('malformed');
}

async function fetchText(get: typeof fetch, url: string, signal: AbortSignal): Promise<string> {
  // A redirect could lead from https to http, past isTrustedUrl.
  const response = await get(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
}

/** Keys that travel in the clear may be anybody's. */
export function isTrustedUrl(url: unknown): url is string {
  const parsed = typeof url === 'string' ? urlOf(url) : undefined;
  if (parsed === undefined) return false;
  const { protocol, hostname } = parsed;
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}
