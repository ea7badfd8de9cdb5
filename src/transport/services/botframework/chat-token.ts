/**
 * Chat token — the bearer token with which a bot sends chat messages: OAuth 2.0 client credentials (RFC 6749 §4.4), kept
 * until shortly before it expires, and fetched once however many messages wait for it.
 *
 * Not by the Microsoft client: decision 0010 says why.
 *
 * @module
 */
import * as t from 'io-ts';
import { CallError } from '../../../errors.ts';
import { refusalIn, Refused } from '../../patience.ts';

/** Gives tokens. */
export interface TokenSource {
  /** A token that holds. Rejects with a {@link Refused}, a network failure, or `ERR_CHAT_UNDELIVERED`. */
  get(): Promise<string>;
  /** The service does not take `token`: it is not given again. */
  forget(token: string): void;
}

/** Who asks for a token, where and what for. */
export interface Credentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  readonly now: () => number;
}

/** A token is renewed this long before it expires, ms, or after half its life where that is shorter. */
const renewBeforeMs = 300_000;
/** A token endpoint that takes longer is down. */
const patienceMs = 10_000;

const Granted = t.type({ access_token: t.string, expires_in: t.union([t.number, t.string]) });

/** Tokens for `credentials`. */
export const tokenSource = ({ tokenUrl, clientId, clientSecret, scope, now }: Credentials): TokenSource => {
  let kept: { readonly token: string; readonly renewAt: number } | undefined;
  let coming: Promise<string> | undefined;

  const grant = async (): Promise<string> => {
    const askedAt = now();
    const response = await fetch(tokenUrl, {
      method: 'POST',
      redirect: 'error', // the secret goes nowhere else
      signal: AbortSignal.timeout(patienceMs),
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope }),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Refused(response);
    }
    const granted = Granted.decode(await response.json().catch(() => undefined));
    const lifeMs = granted._tag === 'Right' ? Number(granted.right.expires_in) * 1_000 : NaN;
    if (granted._tag === 'Left' || granted.right.access_token === '' || !(lifeMs > 0)) throw noToken('answered what is no token');
    kept = { token: granted.right.access_token, renewAt: askedAt + lifeMs - Math.min(renewBeforeMs, lifeMs / 2) };
    return kept.token;
  };

  return {
    get: async () => {
      if (kept !== undefined && now() < kept.renewAt) return kept.token;
      coming ??= grant().finally(() => (coming = undefined));
      return coming;
    },
    forget: (token) => {
      if (kept?.token === token) kept = undefined;
    },
  };
};

/** Tokens from `give`, which is told when the last one was not taken. */
export const givenTokens = (give: (fresh: boolean) => Promise<string>): TokenSource => {
  let refused: string | undefined;
  return {
    get: async () => {
      const token = await give(refused !== undefined);
      refused = undefined;
      if (typeof token === 'string' && token !== '') return token;
      throw noToken('gave none');
    },
    forget: (token) => void (refused = token),
  };
};

/** A token was not to be had. */
export const noToken = (why: string, status?: number): CallError<'ERR_CHAT_UNDELIVERED'> =>
  new CallError('ERR_CHAT_UNDELIVERED', `a chat message was not sent: the token endpoint ${why}`, { reason: 'token', ...(status !== undefined && { status }) });

/** `error` of a token source, as a failure of the message. */
export const tokenFailure = (error: unknown): unknown => {
  if (error instanceof CallError) return error;
  const status = refusalIn(error)?.status;
  return status === undefined ? noToken('could not be reached') : noToken(`answered ${status}`, status);
};
