import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { isSigned, type SignedRequest } from '../../../src/emulator/wires/azure/signature.ts';

const key = Buffer.from('the key of a resource').toString('base64');
const hashOf = (body: string): string => createHash('sha256').update(body).digest('base64');

/** A request that is signed as the service asks for. */
const signed = (body = '{"incomingCallContext":"x"}'): SignedRequest => {
  const [method, target, host, date] = ['POST', '/calling/callConnections:answer?api-version=2026-03-12', '127.0.0.1:4000', 'Sun, 22 Nov 2026 16:01:34 GMT'];
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(`${method}\n${target}\n${date};${host};${hashOf(body)}`).digest('base64');
  const headers = { host, 'x-ms-date': date, 'x-ms-content-sha256': hashOf(body), authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}` };
  return { method, target, headers, body: Buffer.from(body) };
};

describe('the signature of a request to the emulated Azure service', () => {
  it('is that of the key over verb, address, date, host and body', () => {
    expect(isSigned(signed(), key)).equal(true);
    expect(isSigned(signed(''), key)).equal(true);
  });

  const good = signed();
  const changed: Readonly<Record<string, SignedRequest>> = {
    'another verb': { ...good, method: 'DELETE' },
    'another address': { ...good, target: good.target.replace(':answer', ':reject') },
    'another query': { ...good, target: good.target.replace('2026', '2025') },
    'another body': { ...good, body: Buffer.from('{"incomingCallContext":"y"}') },
    'a hash of another body': { ...good, headers: { ...good.headers, 'x-ms-content-sha256': hashOf('y') }, body: Buffer.from('y') },
    'another date': { ...good, headers: { ...good.headers, 'x-ms-date': 'Sun, 22 Nov 2026 16:01:35 GMT' } },
    'a date that is none': { ...good, headers: { ...good.headers, 'x-ms-date': 'soon' } },
    'no date': { ...good, headers: { ...good.headers, 'x-ms-date': undefined } },
    'another host': { ...good, headers: { ...good.headers, host: 'elsewhere' } },
    'no signature': { ...good, headers: { ...good.headers, authorization: undefined } },
    'another scheme': { ...good, headers: { ...good.headers, authorization: 'Bearer abc' } },
    'fewer headers signed': { ...good, headers: { ...good.headers, authorization: good.headers['authorization']?.toString().replace('host;', '') } },
    'a shorter signature': { ...good, headers: { ...good.headers, authorization: `${String(good.headers['authorization']).slice(0, -8)}` } },
  };
  for (const [what, request] of Object.entries(changed)) {
    it(`is not that of ${what}`, () => expect(isSigned(request, key)).equal(false));
  }

  it('is not that of another key', () => expect(isSigned(good, Buffer.from('another').toString('base64'))).equal(false));

  it('is the one that the official client made', function () {
    const vector = new URL('../../../../shared/vectors/azure/auth-hmac-request.json', import.meta.url);
    if (!existsSync(vector)) return this.skip();
    const { madeUpAccessKeyBase64, request: { method, target, headers, bodyText } } = JSON.parse(readFileSync(vector, 'utf8'));
    expect(isSigned({ method, target, headers, body: Buffer.from(bodyText) }, madeUpAccessKeyBase64)).equal(true);
  });
});
