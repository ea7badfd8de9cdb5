import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { isCallError } from '../../src/errors.ts';
import type { AnyCallError } from '../../src/errors.ts';
import { bearerVerifier } from '../../src/transport/authenticate.ts';
import type { BearerPolicy, BearerVerifier } from '../../src/transport/authenticate.ts';
import { audience, compact, issuer, keyServer } from '../helpers/tokens.ts';
import type { Json, KeyServer } from '../helpers/tokens.ts';

const start = 1_604_416_038_000;
const minute = 60_000;
const seconds = (ms: number) => Math.floor(ms / 1000);

let clock = start;
let server: KeyServer;
let verify: BearerVerifier;
/** What the key server does instead of answering. */
let outage: (() => Promise<Response>) | undefined;

const get: typeof fetch = (url, init) => (outage === undefined ? fetch(url, init) : outage());
const policy = (more: Partial<BearerPolicy> = {}): BearerPolicy => ({
  metadataUrl: server.metadataUrl,
  issuer,
  audience,
  algorithms: ['RS256'],
  clockToleranceMs: 300_000,
  now: () => clock,
  fetch: get,
  ...more,
});

/** A fetch that serves these documents: a text as it is, the rest as JSON. */
const serving = (...documents: readonly unknown[]): typeof fetch => {
  const left = [...documents];
  return () => {
    const document = left.length > 1 ? left.shift() : left[0];
    return Promise.resolve(new Response(typeof document === 'string' ? document : JSON.stringify(document)));
  };
};

const failureOf = (attempt: Promise<void>): Promise<AnyCallError> =>
  attempt.then(
    () => expect.fail('the request got in'),
    (error: unknown) => (isCallError(error) ? error : expect.fail(`not one of ours: ${inspect(error)}`)),
  );

async function refused(authorization: string | readonly string[] | undefined, reason: string, by = verify): Promise<void> {
  const error = await failureOf(by(authorization));
  expect(error).to.deep.include({ code: 'ERR_BEARER_REJECTED', details: { reason } });
}

async function unavailable(authorization: string, reason: string, by = verify): Promise<void> {
  const error = await failureOf(by(authorization));
  expect(error).to.deep.include({ code: 'ERR_KEYS_UNAVAILABLE', details: { reason } });
}

const bearer = async (claims?: Json, header?: Json) => `Bearer ${await server.sign(claims, header)}`;
/** Alter one character in the middle of one part of a token. */
const altered = (token: string, part: 0 | 1 | 2): string => {
  const parts = token.split('.');
  const text = parts[part] ?? '';
  const at = text.length >> 1;
  parts[part] = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  return parts.join('.');
};

describe('authenticate', () => {
  before(async () => {
    server = await keyServer(() => clock);
  });
  after(() => server.close());
  beforeEach(() => {
    clock = start;
    outage = undefined;
    Object.assign(server.fetches, { metadata: 0, jwks: 0 });
    verify = bearerVerifier(policy());
  });

  describe('lets in', () => {
    it('a token of the issuer, with the keys fetched over the wire', async () => {
      await bearerVerifier({ ...policy(), fetch })(await bearer());
      expect(server.fetches).to.deep.equal({ metadata: 1, jwks: 1 });
    });
    it('a scheme in any case, and a header that came as a list of one', async () => {
      const token = await server.sign();
      await verify(`bEARER ${token}`);
      await verify([`Bearer ${token}`]);
    });
    it('any of several issuers, and an audience among others', async () => {
      const either = bearerVerifier(policy({ issuer: ['https://other.test', issuer] }));
      await either(await bearer({ aud: ['another', audience] }));
    });
    it('a token that expired within the tolerance', async () => {
      await verify(await bearer({ exp: seconds(clock) - 299 }));
    });
    it('a token that becomes valid within the tolerance', async () => {
      await verify(await bearer({ nbf: seconds(clock) + 299 }));
    });
    it('a token without nbf', async () => verify(await bearer({ nbf: undefined })));
  });

  describe('keeps out', () => {
    it('no header', async () => refused(undefined, 'missing'));
    it('an empty header', async () => refused('', 'missing'));
    it('an empty list of headers', async () => refused([], 'missing'));
    for (const garbage of ['Bearer', 'Bearer ', 'Bearer garbage', 'Bearer a.b.c', 'Bearer ..', 'Basic dXNlcjpwYXNz', 'Bearer é.é.é', 'null']) {
      it(`garbage: ${garbage}`, async () => refused(garbage, 'malformed'));
    }
    it('a token longer than any issuer makes, before looking at it', async () => {
      await refused(await bearer({ filler: 'x'.repeat(16_384) }), 'malformed');
      expect(server.fetches).to.deep.equal({ metadata: 0, jwks: 0 });
    });
    it('two headers, though both are good', async () => {
      const header = await bearer();
      await refused([header, header], 'malformed');
      await refused(`${header}, ${header}`, 'malformed');
      await refused(`${header},${header}`, 'malformed');
    });
    it('algorithm none with an unknown key, and asks nobody for keys', async () => {
      const claims = { iss: issuer, aud: audience, exp: seconds(clock) + 60 };
      for (const alg of ['none', 'None', '']) await refused(`Bearer ${compact({ alg, kid: 'key-1' }, claims)}`, 'algorithm');
      await refused(`Bearer ${compact({ kid: 'key-1' }, claims)}`, 'algorithm');
      expect(server.fetches).to.deep.equal({ metadata: 0, jwks: 0 });
    });
    it('HS256 signed with the public key as the secret', async () => {
      const unsigned = compact({ alg: 'HS256', kid: 'key-1' }, { iss: issuer, aud: audience, exp: seconds(clock) + 60 }).slice(0, -1);
      const mac = createHmac('sha256', await server.publicPem()).update(unsigned).digest('base64url');
      await refused(`Bearer ${unsigned}.${mac}`, 'algorithm');
    });
    it('a good signature by an algorithm outside the policy', async () => {
      await refused(await bearer(), 'algorithm', bearerVerifier(policy({ algorithms: ['PS256', 'ES256'] })));
    });
    it('an algorithm that does not go with the key', async () => {
      const both = bearerVerifier(policy({ algorithms: ['RS256', 'ES256'] }));
      const { privateKey } = await generateKeyPair('ES256');
      const token = new SignJWT({ iss: issuer, aud: audience, exp: seconds(clock) + 60 }).setProtectedHeader({ alg: 'ES256', kid: 'key-1' });
      await refused(`Bearer ${await token.sign(privateKey)}`, 'key', both);
    });
    it('a token that names no key, and asks nobody for keys', async () => {
      for (const kid of [undefined, '', 7]) await refused(await bearer({}, { kid }), 'key');
      expect(server.fetches).to.deep.equal({ metadata: 0, jwks: 0 });
    });
    it('a token of a key that the issuer does not have', async () => refused(await bearer({}, { kid: 'theirs' }), 'key'));
    it("a token signed by a stranger under the issuer's kid, its own key enclosed", async () => {
      const { privateKey, publicKey } = await generateKeyPair('RS256');
      const header = { alg: 'RS256', kid: 'key-1', jwk: await exportJWK(publicKey), jku: 'https://stranger.test/keys' };
      const token = new SignJWT({ iss: issuer, aud: audience, exp: seconds(clock) + 60 }).setProtectedHeader(header);
      await refused(`Bearer ${await token.sign(privateKey)}`, 'signature');
    });
    it('claims altered after signing', async () => refused(`Bearer ${altered(await server.sign(), 1)}`, 'signature'));
    it('a signature altered, or taken off', async () => {
      const token = await server.sign();
      await refused(`Bearer ${altered(token, 2)}`, 'signature');
      await refused(`Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}`, 'signature');
    });
    it('an extension that must be understood and is not', async () => {
      await refused(`Bearer ${compact({ alg: 'RS256', kid: 'key-1', crit: ['new'], new: 1 }, {}, 'AA')}`, 'malformed');
    });
    for (const [attack, claims] of [
      ['the token of another app', { aud: 'another-app' }],
      ['a token for nobody', { aud: undefined }],
      ['the token of another issuer', { iss: 'https://login.test' }],
      ['a token from nobody', { iss: undefined }],
      ['a list of issuers', { iss: [issuer] }],
      ['a token that never expires', { exp: undefined }],
      ['an expiry that is no number', { exp: '9999999999' }],
    ] as const) {
      it(attack, async () => refused(await bearer(claims), 'claim'));
    }
    it('a token that expired before the tolerance', async () => refused(await bearer({ exp: seconds(clock) - 300 }), 'expired'));
    it('a token that is not yet valid', async () => refused(await bearer({ nbf: seconds(clock) + 301 }), 'early'));
    it('whatever bytes the header holds, with one of our codes', async () => {
      const [head = '', body = '', signature = ''] = (await server.sign()).split('.');
      const encoded = fc.json().map((json) => Buffer.from(json).toString('base64url'));
      const known = fc.constantFrom(head, body, signature, '', '.', ',', ' ');
      const piece = fc.oneof(known, encoded, fc.string(), fc.string({ unit: 'binary' }), fc.base64String());
      const header = fc.array(piece, { maxLength: 6 }).map((pieces) => `Bearer ${pieces.join('.')}`);
      await fc.assert(
        fc.asyncProperty(header, async (text) => {
          fc.pre(text !== `Bearer ${head}.${body}.${signature}`);
          expect(await failureOf(verify(text))).to.include({ code: 'ERR_BEARER_REJECTED' });
        }),
        { numRuns: 300 },
      );
    });
    it('without a word of the token in the error, its cause included', async () => {
      const marked = [{ sub: 'secret-caller', exp: 1 }, { sub: 'secret-caller', aud: 'secret-aud' }];
      for (const claims of marked) expect(inspect(await failureOf(verify(await bearer(claims))), { depth: null })).not.to.include('secret');
      const header = await bearer({}, { kid: 'secret-kid' });
      expect(inspect(await failureOf(verify(header)), { depth: null })).not.to.match(new RegExp(`secret|${header.slice(7, 40)}`));
    });
  });

  describe('the keys', () => {
    it('are fetched once for a hundred calls that arrive together', async () => {
      const headers = await Promise.all(Array.from({ length: 100 }, (_, index) => bearer({ jti: `${index}` })));
      await Promise.all(headers.map((header) => verify(header)));
      expect(server.fetches).to.deep.equal({ metadata: 1, jwks: 1 });
    });

    it('are followed when the issuer changes them: the new key gets in, the old one no longer', async () => {
      const issuing = await keyServer(() => clock);
      verify = bearerVerifier(policy({ metadataUrl: issuing.metadataUrl }));
      const old = `Bearer ${await issuing.sign()}`;
      await verify(old);
      await issuing.rotate();
      clock += minute;
      await verify(`Bearer ${await issuing.sign()}`);
      await refused(old, 'key');
      await issuing.close();
    });

    it('are fetched at most once per cool-down in a flood of unknown kids, while good calls get in', async () => {
      await verify(await bearer());
      const unknown = (index: number) => `Bearer ${compact({ alg: 'RS256', kid: `unknown-${index}` }, {}, 'AA')}`;
      for (let index = 0; index < 1000; index += 1) {
        clock += 60; // a minute in all, that is two cool-downs
        await refused(unknown(index), 'key');
        if (index % 100 === 0) await verify(await bearer());
      }
      expect(server.fetches.jwks).to.equal(3);
    });

    it('that are down answer 503 and not 401, and are not hammered', async () => {
      let tries = 0;
      outage = () => ((tries += 1), Promise.reject(new TypeError('fetch failed')));
      for (let count = 0; count < 50; count += 1) await unavailable(await bearer(), 'unreachable');
      expect(tries).to.equal(1);
      clock += 30_000;
      outage = undefined;
      await verify(await bearer());
    });

    it('that are really down answer 503', async () => {
      const gone = await keyServer();
      await gone.close();
      await unavailable(await bearer(), 'unreachable', bearerVerifier(policy({ metadataUrl: gone.metadataUrl, fetch })));
    });

    it('that answer with an error page, or throw, are unreachable', async () => {
      outage = () => Promise.resolve(new Response('{}', { status: 500 }));
      await unavailable(await bearer(), 'unreachable');
      clock += minute;
      outage = () => {
        throw new Error('no network here');
      };
      await unavailable(await bearer(), 'unreachable');
    });

    it('that are slow time out', async () => {
      const slow: typeof fetch = (_url, init) =>
        new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('cut off'))));
      await unavailable(await bearer(), 'timeout', bearerVerifier(policy({ fetch: slow, keysTimeoutMs: 5 })));
    });

    it('serve the tokens they know through an outage, and say 503 to the unknown while it lasts', async () => {
      await verify(await bearer());
      outage = () => Promise.reject(new TypeError('fetch failed'));
      clock += minute;
      const stranger = await bearer({}, { kid: 'key-of-tomorrow' });
      await unavailable(stranger, 'unreachable');
      await verify(await bearer({ jti: 'during the outage' }));
      outage = undefined;
      await unavailable(stranger, 'unreachable'); // still cooling down
      clock += minute;
      await refused(stranger, 'key');
    });

    it('are not trusted beyond their age when they cannot be renewed', async () => {
      verify = bearerVerifier(policy({ keysMaxAgeMs: 10 * minute, cacheMs: 60 * minute }));
      const header = await bearer();
      await verify(header);
      outage = () => Promise.reject(new TypeError('fetch failed'));
      clock += 10 * minute - 1;
      await verify(header);
      clock += 1;
      await unavailable(header, 'unreachable');
    });

    it('are renewed from half their age on, without a call waiting for it', async () => {
      verify = bearerVerifier(policy({ keysMaxAgeMs: 10 * minute }));
      await verify(await bearer());
      clock += 6 * minute;
      let asked = 0;
      let release = () => {};
      const gate = new Promise<void>((resolve) => (release = resolve));
      outage = () => ((asked += 1), gate.then(() => fetch(asked === 1 ? server.metadataUrl : server.jwksUri)));
      await verify(await bearer());
      expect(asked).to.equal(1);
      release();
      clock += 4 * minute; // the first set is too old by now, the second is not
      await verify(await bearer());
      expect(asked).to.equal(2);
    });

    it('are not taken over plain http from another host, nor from a file', async () => {
      const jwks = await (await fetch(server.jwksUri)).text();
      for (const jwksUri of ['http://issuer.test/keys', 'http://127.0.0.1.issuer.test/keys', 'file:///etc/keys', 7, undefined]) {
        const served = serving({ issuer, jwks_uri: jwksUri }, jwks);
        await unavailable(await bearer(), 'malformed', bearerVerifier(policy({ fetch: served })));
      }
      await bearerVerifier(policy({ fetch: serving({ issuer, jwks_uri: 'https://issuer.test/keys' }, jwks) }))(await bearer());
    });

    it('are not looked for where a redirect points', async () => {
      const elsewhere = createServer((_request, response) => response.writeHead(302, { location: server.metadataUrl }).end());
      await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
      const metadataUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
      await unavailable(await bearer(), 'unreachable', bearerVerifier(policy({ metadataUrl })));
      elsewhere.close();
      elsewhere.closeAllConnections();
    });

    it('survive a clock that is set back', async () => {
      outage = () => Promise.reject(new TypeError('fetch failed'));
      await unavailable(await bearer(), 'unreachable');
      clock -= 365 * 24 * 60 * minute;
      outage = undefined;
      await verify(await bearer());
    });

    for (const [what, ...documents] of [
      ['metadata that is no JSON', '<html>'],
      ['metadata that is null', null],
      ['metadata without keys', { issuer }],
      ['keys that are no set', { jwks_uri: 'https://issuer.test/keys' }, { keys: 'none' }],
      ['an empty set', { jwks_uri: 'https://issuer.test/keys' }, { keys: [] }],
      ['a key that is broken', { jwks_uri: 'https://issuer.test/keys' }, { keys: [{ kty: 'RSA', kid: 'key-1', n: '!', e: '!' }] }],
    ] as const) {
      it(`of no use are 503: ${what}`, async () => {
        const header = await bearer({}, { kid: 'key-1' });
        await unavailable(header, 'malformed', bearerVerifier(policy({ fetch: serving(...documents) })));
      });
    }
  });

  describe('a token seen before', () => {
    /** A verifier, and how many signatures were verified since. */
    const counting = (more: Partial<BearerPolicy> = {}) => {
      const subtle = crypto.subtle as { verify: typeof crypto.subtle.verify };
      const original = subtle.verify;
      const counter = { verified: 0, by: bearerVerifier(policy(more)), restore: () => (subtle.verify = original) };
      subtle.verify = (...args: Parameters<typeof original>) => ((counter.verified += 1), original.apply(crypto.subtle, args));
      return counter;
    };
    let counter: ReturnType<typeof counting>;
    afterEach(() => counter.restore());

    it('is not verified again', async () => {
      counter = counting();
      const header = await bearer();
      for (let count = 0; count < 5; count += 1) await counter.by(header);
      expect(counter.verified).to.equal(1);
    });
    it('is verified again after five minutes', async () => {
      counter = counting();
      const header = await bearer();
      await counter.by(header);
      clock += 5 * minute;
      await counter.by(header);
      expect(counter.verified).to.equal(2);
    });
    it('is refused once it expires', async () => {
      counter = counting({ cacheMs: 60 * minute });
      const header = await bearer({ exp: seconds(clock) + 60 });
      await counter.by(header);
      clock += 6 * minute - 1;
      await counter.by(header);
      expect(counter.verified).to.equal(1);
      clock += 1;
      await refused(header, 'expired', counter.by);
    });
    it('is refused when the clock goes back before it was valid', async () => {
      counter = counting();
      const header = await bearer();
      await counter.by(header);
      clock -= 7 * minute;
      await refused(header, 'early', counter.by);
    });
    it('is verified again when the keys were fetched anew', async () => {
      counter = counting();
      const header = await bearer();
      await counter.by(header);
      clock += minute;
      await refused(await bearer({}, { kid: 'unknown' }), 'key', counter.by);
      await counter.by(header);
      expect(counter.verified).to.equal(2);
    });
    it('is forgotten when others are more recent', async () => {
      counter = counting({ cacheSize: 2 });
      const [first, second, third] = [await bearer({ jti: '1' }), await bearer({ jti: '2' }), await bearer({ jti: '3' })];
      for (const header of [first, second, first, third, first]) await counter.by(header);
      expect(counter.verified).to.equal(3);
      await counter.by(second);
      expect(counter.verified).to.equal(4);
    });
    it('is verified each time where nothing may be remembered', async () => {
      for (const none of [{ cacheMs: 0 }, { cacheSize: 0 }]) {
        counter = counting(none);
        const header = await bearer();
        await counter.by(header);
        await counter.by(header);
        counter.restore();
        expect(counter.verified).to.equal(2);
      }
    });
    it('does not vouch for the same claims under a bad signature', async () => {
      counter = counting();
      const token = await server.sign();
      await counter.by(`Bearer ${token}`);
      await refused(`Bearer ${altered(token, 2)}`, 'signature', counter.by);
    });
    it('and refused is not remembered: when its time comes, it gets in', async () => {
      counter = counting();
      const early = await bearer({ nbf: seconds(clock) + 360 });
      await refused(early, 'early', counter.by);
      clock += minute;
      await counter.by(early);
    });
  });

  describe('a policy', () => {
    const odd = (options: Json) => () => bearerVerifier({ ...policy(), ...options } as BearerPolicy);
    for (const [option, ...values] of [
      ['audience', undefined, '', ' '],
      ['issuer', undefined, '', [], [issuer, '']],
      ['algorithms', undefined, [], ['none'], ['HS256'], ['RS256', 'HS512'], ['rs256'], 'RS256'],
      ['metadataUrl', undefined, '', 'nowhere', 'http://issuer.test/metadata', 'http://localhost.issuer.test/'],
      ['clockToleranceMs', undefined, -1, Number.NaN, Infinity],
      ['keysTimeoutMs', 0, 0.5, 2 ** 32],
      ['keysMaxAgeMs', 0],
      ['keysCooldownMs', -1],
      ['cacheMs', '5 min'],
      ['cacheSize', -1],
    ] as const) {
      it(`is refused at once when its ${option} would let strangers in or nobody`, () => {
        for (const value of values) {
          expect(odd({ [option]: value }), inspect(value)).to.throw().that.deep.includes({ code: 'ERR_OPTION_INVALID', details: { option } });
        }
      });
    }
    it('may name a key server on this machine without TLS', () => {
      for (const host of ['localhost:1', '127.0.0.1:1', '[::1]:1']) odd({ metadataUrl: `http://${host}/metadata` })();
    });
  });
});
