/**
 * Tokens — an issuer on loopback: OpenID metadata, public keys that rotate, and tokens signed with them.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactSign, exportJWK, exportSPKI, generateKeyPair } from 'jose';

export const issuer = 'https://issuer.test';
export const audience = 'the-app-id';
/** Whom tokens are for where it has to be a GUID. */
export const resourceId = '00000000-0000-4000-8000-000000000001';

export type Json = Readonly<Record<string, unknown>>;

/** An issuer that listens. */
export interface KeyServer {
  readonly metadataUrl: string;
  readonly jwksUri: string;
  readonly issuer: string;
  /** How often each document was asked for. */
  readonly fetches: { metadata: number; jwks: number };
  /** A good token, unless `claims` or `header` say otherwise; `undefined` removes one. */
  sign(claims?: Json, header?: Json): Promise<string>;
  /** The public key in use, as PEM. */
  publicPem(): Promise<string>;
  /** Replaces the key: new tokens bear a new kid, and the old one leaves the set. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an issuer whose tokens are for `aud`, and an hour long, from a minute before `now()`. */
export async function keyServer(now: () => number = Date.now, aud = audience): Promise<KeyServer> {
  const fetches = { metadata: 0, jwks: 0 };
  let made = 1;
  let key = await makeKey(made);
  const server = createServer((request, response) => {
    const document = request.url === '/keys' ? 'jwks' : 'metadata';
    fetches[document] += 1;
    response.end(JSON.stringify(document === 'jwks' ? { keys: [key.jwk] } : { issuer, jwks_uri: `${origin()}/keys` }));
  });
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    metadataUrl: `${origin()}/.well-known/openidconfiguration`,
    jwksUri: `${origin()}/keys`,
    issuer,
    fetches,
    sign(claims = {}, header = {}) {
      const seconds = Math.floor(now() / 1000);
      const payload = { iss: issuer, aud, nbf: seconds - 60, exp: seconds + 3_600, ...claims };
      return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'RS256', kid: key.jwk.kid, ...header })
        .sign(key.privateKey);
    },
    publicPem: () => exportSPKI(key.publicKey),
    async rotate() {
      key = await makeKey((made += 1));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function makeKey(number: number) {
  const pair = await generateKeyPair('RS256');
  return { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), use: 'sig', kid: `key-${number}` } };
}

/** A compact token with whatever signature. */
export const compact = (header: Json, claims: Json, signature = ''): string =>
  [JSON.stringify(header), JSON.stringify(claims)].map((part) => Buffer.from(part).toString('base64url')).join('.') + `.${signature}`;
