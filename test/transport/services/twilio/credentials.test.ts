/** Who is let in: Twilio's signature over the address as the outside sees it and the form. Judged beside the official package. */
import { assert } from 'chai';
import fc from 'fast-check';
import twilioPackage from 'twilio';
import { isCallError } from '../../../../src/errors.ts';
import { isSigned, requireSignature, type SignaturePolicy } from '../../../../src/transport/services/twilio/credentials.ts';
import { twilioDialect as dialect } from '../../../../src/transport/services/twilio/dialect.ts';
import type { CallRequest } from '../../../../src/transport/service.ts';
import { authToken, formRequest, path, publicUrl, ringing, signatureOf, signedRequest } from './requests.ts';

const policy: SignaturePolicy = { authTokens: [authToken], publicUrl, trustForwarded: false, dialect };

const verdict = async (request: CallRequest, more: Partial<SignaturePolicy> = {}): Promise<string> => {
  try {
    await requireSignature(request, { ...policy, ...more });
    return 'let in';
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_SIGNATURE_REJECTED') throw error;
    assert.notInclude(error.message, authToken);
    return error.details.reason;
  }
};

/** A request whose body nobody may read. */
const unread = (headers: CallRequest['headers']): CallRequest => ({ ...formRequest(ringing, '', headers), text: () => assert.fail('the body was read') });

describe('twilio: who is let in', () => {
  it('a form that Twilio has signed is let in, with a query as well', async () => {
    assert.equal(await verdict(signedRequest(ringing)), 'let in');
    assert.equal(await verdict(signedRequest(ringing, '?of=play&op=12345678:3:0')), 'let in');
  });

  it('without a signature nothing of the body is read', async () => {
    assert.equal(await verdict(unread({})), 'missing');
    assert.equal(await verdict(unread({ 'x-twilio-signature': '' })), 'missing');
    assert.equal(await verdict(unread({ 'x-twilio-signature': 'Bearer abc' })), 'malformed');
    assert.equal(await verdict(unread({ 'x-twilio-signature': [signatureOf(publicUrl + path, ringing), signatureOf(publicUrl + path, ringing)] })), 'malformed');
  });

  it('a form that was changed after it was signed is not let in', async () => {
    const headers = { 'x-twilio-signature': signatureOf(publicUrl + path, ringing) };
    assert.equal(await verdict(formRequest({ ...ringing, From: '+15559999999' }, '', headers)), 'mismatch');
    assert.equal(await verdict(formRequest({ ...ringing, Digits: '1' }, '', headers)), 'mismatch');
    assert.equal(await verdict(formRequest(ringing, '?of=play&op=a', headers)), 'mismatch');
  });

  it('another account is not let in, and during a change of tokens both of ours are', async () => {
    assert.equal(await verdict(signedRequest(ringing), { authTokens: ['another'] }), 'mismatch');
    assert.equal(await verdict(signedRequest(ringing), { authTokens: ['the new one', authToken] }), 'let in');
  });

  it('a public URL that is not the one that was called is a mismatch; a default port is all the same', async () => {
    assert.equal(await verdict(signedRequest(ringing), { publicUrl: 'http://bot.example' }), 'mismatch');
    assert.equal(await verdict(signedRequest(ringing), { publicUrl: 'https://localhost:3978' }), 'mismatch');
    assert.equal(await verdict(signedRequest(ringing), { publicUrl: 'https://bot.example:443' }), 'let in');
    assert.equal(await verdict(formRequest(ringing, '', { 'x-twilio-signature': signatureOf(`https://bot.example:443${path}`, ringing) })), 'let in');
  });

  it('a base URL with a path of its own is part of what was called', async () => {
    const headers = { 'x-twilio-signature': signatureOf(`https://proxy.example/bots${path}`, ringing) };
    assert.equal(await verdict(formRequest(ringing, '', headers), { publicUrl: 'https://proxy.example/bots' }), 'let in');
  });

  it('X-Forwarded-Proto and X-Forwarded-Host count only where they are trusted', async () => {
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'tunnel.example, inner.example' };
    const headers = { 'x-twilio-signature': signatureOf(`https://tunnel.example${path}`, ringing), ...forwarded };
    assert.equal(await verdict(formRequest(ringing, '', headers)), 'mismatch');
    assert.equal(await verdict(formRequest(ringing, '', headers), { trustForwarded: true, publicUrl: 'http://127.0.0.1:3978' }), 'let in');
    assert.equal(await verdict(signedRequest(ringing, '', forwarded), { trustForwarded: true }), 'mismatch');
    assert.equal(await verdict(signedRequest(ringing), { trustForwarded: true }), 'let in');
  });

  it('a JSON body is signed by its hash in the query, and no other body goes with it', async () => {
    const body = JSON.stringify(ringing);
    const query = `?bodySHA256=${twilioPackage.getExpectedBodyHash(body)}`;
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': signatureOf(`${publicUrl}${path}${query}`, {}) };
    assert.equal(await verdict(formRequest(body, query, headers)), 'let in');
    assert.equal(await verdict(formRequest(`${body} `, query, headers)), 'mismatch');
    assert.equal(await verdict(formRequest(body, '', headers)), 'mismatch');
    assert.equal(await verdict(formRequest(body, `${query}0`, headers)), 'mismatch');
  });
});

describe('twilio: our verdict on a signature is that of the official package', () => {
  const text = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom('', "O'Neil", 'a b', '+1', 'é', '%27', 'ﬀ', '𝄞'));
  const parameters = fc.array(fc.tuple(text, text), { maxLength: 8 });
  const host = fc.constantFrom('bot.example', 'Bot.Example', 'localhost', '127.0.0.1', '[::1]', 'user:pw@bot.example', 'bücher.example');
  const port = fc.constantFrom('', ':443', ':80', ':8443', ':');
  const query = fc.oneof(fc.constantFrom('', '?', "?name=O'Neil", '?a=b&c=%27&a=d', '?x=ä ö', '?x#y', '?of=play&op=12345678:3:0'), text.map((value) => `?q=${value}`));
  const isUrl = (called: string): boolean => {
    try {
      return new URL(called).href !== '';
    } catch {
      return false;
    }
  };
  const url = fc.tuple(fc.constantFrom('https://', 'http://', 'HTTPS://'), host, port, fc.constantFrom('', '/', '/v', '/v/', "/o'neil", '/a b', '/%7Eu/../x'), query).map((parts) => parts.join('')).filter(isUrl);
  /** How the sender may have written the address before it signed. */
  const writing = fc.constantFrom<(url: string) => string>(
    (called) => called,
    (called) => called.replace(/:(\d*)(?=[/?]|$)/, ''),
    (called) => called.replace(/^(https?:\/\/[^/?#]+)/i, '$1:443'),
    (called) => called.replace(/^(https?:\/\/[^/?#]+)/i, '$1:80'),
    (called) => new URL(called).toString(),
    (called) => `${called}&`,
  );

  /** As a server that reads forms hands them to the official package: a name that is told several times has a list. */
  const listed = (pairs: readonly (readonly [string, string])[]): Record<string, string | string[]> => {
    const all = Object.create(null) as Record<string, string | string[]>;
    for (const [name, value] of pairs) all[name] = name in all ? [all[name] ?? '', value].flat() : value;
    return all;
  };

  it('for any address, any form and any way of writing the address', () => {
    const seen = { true: 0, false: 0 };
    fc.assert(
      fc.property(url, parameters, writing, fc.boolean(), (called, pairs, write, tampered) => {
        const body = new URLSearchParams(pairs).toString();
        const fields = listed([...new URLSearchParams(body)]);
        const signature = twilioPackage.getExpectedTwilioSignature(authToken, write(called), tampered ? { ...fields, Added: '1' } : fields);
        const theirs = twilioPackage.validateRequest(authToken, signature, called, fields);
        seen[`${theirs}`] += 1;
        assert.equal(isSigned({ authToken, signature, url: called, body }), theirs);
      }),
      { numRuns: 2_000 },
    );
    assert.isAbove(seen.true, 200);
    assert.isAbove(seen.false, 200);
  });

  it('for any JSON body', () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), fc.boolean(), (body, other, swapped) => {
        const url = `https://bot.example/v?bodySHA256=${twilioPackage.getExpectedBodyHash(body)}`;
        const signature = twilioPackage.getExpectedTwilioSignature(authToken, url, {});
        const sent = swapped ? other : body;
        assert.equal(isSigned({ authToken, signature, url, body: sent }), twilioPackage.validateRequestWithBody(authToken, signature, url, sent));
      }),
      { numRuns: 300 },
    );
  });
});
