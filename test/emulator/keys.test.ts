import { expect } from 'chai';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { type KeyIssuer, issueKeys } from '../../src/emulator/keys.ts';
import { bearerVerifier } from '../../src/transport/authenticate.ts';

const json = async (url: string) => (await (await fetch(url)).json()) as Readonly<Record<string, unknown>>;

describe('the keys of the emulator', () => {
  let clock = 1_700_000_000_000;
  let keys: KeyIssuer;
  before(async () => {
    keys = await issueKeys({ now: () => clock });
  });
  after(() => keys.close());

  it('listen on loopback', () => {
    expect(new URL(keys.metadataUrl).hostname).equal('127.0.0.1');
  });

  it('are found by way of the metadata', async () => {
    const metadata = await json(keys.metadataUrl);
    expect(metadata).include({ issuer: 'https://api.botframework.com', jwks_uri: keys.jwksUri });
    const { keys: [key] } = (await json(keys.jwksUri)) as { keys: [Readonly<Record<string, unknown>>] };
    expect(key).include({ kty: 'RSA', use: 'sig', alg: 'RS256' });
    expect(key).not.have.property('d');
  });

  it('answer 404 elsewhere', async () => {
    expect((await fetch(new URL('/', keys.metadataUrl))).status).equal(404);
  });

  it('verify a token, for its audience and no other', async () => {
    const token = await keys.issueToken({ audience: 'app-1' });
    const set = createRemoteJWKSet(new URL(keys.jwksUri));
    const options = { issuer: keys.issuer, audience: 'app-1', algorithms: ['RS256'], currentDate: new Date(clock) };
    const { payload } = await jwtVerify(token, set, options);
    const seconds = clock / 1000;
    expect(payload).include({ iss: keys.issuer, aud: 'app-1', nbf: seconds, exp: seconds + 3_600 });
    expect(decodeProtectedHeader(token)).include({ alg: 'RS256' }).and.have.property('kid').that.is.a('string');
    const error = await jwtVerify(token, set, { ...options, audience: 'app-2' }).catch((thrown: unknown) => thrown);
    expect(error).property('claim', 'aud');
  });

  it('satisfy the verifier that bots use', async () => {
    const verify = bearerVerifier({
      metadataUrl: keys.metadataUrl, issuer: keys.issuer, audience: 'app-1', algorithms: ['RS256'], clockToleranceMs: 0, now: () => clock,
    });
    await verify(`Bearer ${await keys.issueToken({ audience: 'app-1' })}`);
  });

  it('sign a new token five minutes before the old one ends', async () => {
    const token = await keys.issueToken({ audience: 'app-1' });
    clock += 54 * 60_000;
    expect(await keys.issueToken({ audience: 'app-1' })).equal(token);
    clock += 2 * 60_000;
    expect(await keys.issueToken({ audience: 'app-1' })).not.equal(token);
  });
});
