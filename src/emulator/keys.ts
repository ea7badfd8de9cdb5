/**
 * Keys — who vouches for the emulator: an RS256 key of its own, published on loopback with OpenID metadata as a calling
 * service publishes its own, and tokens signed with it.
 *
 * A bot that is pointed at {@link KeyIssuer.metadataUrl} verifies these tokens as it verifies real ones; nothing in it has
 * to be switched off. The key lives in memory and dies with the process, unless one is given that was made before: a bot
 * that runs on meanwhile then knows it already.
 *
 * @module
 */
import { createServer } from 'node:http';
import { SignJWT, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { listenOn } from './loopback.ts';

/** An issuer of tokens that listens on loopback. */
export interface KeyIssuer {
  /** OpenID metadata: the issuer, and where its keys are. */
  readonly metadataUrl: string;
  readonly jwksUri: string;
  /** `iss` of every token. */
  readonly issuer: string;
  /** A token for `audience`; the same one again until five minutes before its end. */
  issueToken(options: { readonly audience: string }): Promise<string>;
  close(): Promise<void>;
}

/** What may be set. */
export interface KeyIssuerOptions {
  /** Default: the issuer that the Bot Framework calling service has. */
  readonly issuer?: string;
  /** Port of 127.0.0.1 to publish the keys on. Default: a free one. */
  readonly port?: number;
  /** A private RS256 key to sign with, as {@link makeKey} makes it. Default: one that is made for this process. */
  readonly key?: JWK;
  /** Where the metadata and the keys are published. Default: as the Bot Framework has it. */
  readonly paths?: { readonly metadata: string; readonly keys: string };
  /** How long a token is good. One that is good for no longer than five minutes is a new one each time. Default: an hour. */
  readonly lifetimeMs?: number;
  readonly now?: () => number;
}

/** A new private key, to be kept and given to {@link issueKeys} again. */
export const makeKey = async (): Promise<JWK> => exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey);

/** To make one takes longer than many a call. */
let ownKey: Promise<JWK> | undefined;

const renewSeconds = 300;
const botframeworkPaths = { metadata: '/v1/.well-known/openidconfiguration', keys: '/v1/keys' } as const;

/** Publishes a key on 127.0.0.1. @throws `ERR_OPTION_INVALID` when the port is taken. */
export async function issueKeys({ issuer = 'https://api.botframework.com', port = 0, key, paths = botframeworkPaths, lifetimeMs = 3_600_000, now = Date.now }: KeyIssuerOptions = {}): Promise<KeyIssuer> {
  const jwk = key ?? (await (ownKey ??= makeKey()));
  const privateKey = await importJWK(jwk, 'RS256');
  const publicJwk: JWK = { kty: 'RSA', n: jwk.n ?? '', e: jwk.e ?? '' };
  const kid = await calculateJwkThumbprint(publicJwk);
  const jwks = JSON.stringify({ keys: [{ ...publicJwk, use: 'sig', alg: 'RS256', kid }] });
  const tokens = new Map<string, { readonly token: string; readonly exp: number }>();

  const server = createServer((request, response) => {
    const body = documents.get(request.url ?? '');
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(body);
    request.resume();
  });
  const { url: origin, close } = await listenOn(server, port, { what: 'the keys cannot be published', option: 'port' });
  const jwksUri = origin + paths.keys;
  const metadata = { issuer, jwks_uri: jwksUri, id_token_signing_alg_values_supported: ['RS256'], token_endpoint_auth_methods_supported: ['private_key_jwt'] };
  const documents: ReadonlyMap<string, string> = new Map([[paths.metadata, JSON.stringify(metadata)], [paths.keys, jwks]]);

  return {
    metadataUrl: origin + paths.metadata,
    jwksUri,
    issuer,
    async issueToken({ audience }) {
      const seconds = Math.floor(now() / 1000);
      const made = tokens.get(audience);
      if (made !== undefined && made.exp - renewSeconds > seconds) return made.token;
      const exp = seconds + Math.floor(lifetimeMs / 1_000);
      const token = await new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(seconds)
        .setNotBefore(seconds)
        .setExpirationTime(exp)
        .sign(privateKey);
      tokens.set(audience, { token, exp });
      return token;
    },
    close,
  };
}
