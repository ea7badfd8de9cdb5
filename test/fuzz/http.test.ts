/**
 * Whatever is sent to the port, what comes back is one of our statuses, the process lives, and the calls on record are as
 * they were. CALLCHART_FUZZ_RUNS says how often it is tried.
 *
 * Some requests bear a good token and some go to a server whose verifier lets all in, so that the parser and the machine
 * are reached; some are no HTTP at all, and are answered by node itself.
 */
import { assert } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { statusOf } from '../../src/transport/status.ts';
import acme from '../../examples/acme/bot.ts';
import { keyServer, type KeyServer } from '../helpers/tokens.ts';
import { form, multipart } from '../transport/services/botframework/requests.ts';
import { raw, rig, type Rig, stubService } from '../transport/rig.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 300);

const folder = new URL('../fixtures/botframework/', import.meta.url);
const fixtures = (JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as readonly { readonly file: string; readonly kind: string }[])
  .filter(({ kind }) => kind !== 'http' && kind !== 'workflow')
  .map(({ file }) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as unknown);

const ours: ReadonlySet<number> = new Set([200, 401, 405, ...Object.values(statusOf)]);
/** What node answers by itself, before any of us is asked: no HTTP, headers too long, an expectation. */
const nodes: ReadonlySet<number> = new Set([400, 408, 413, 417, 431]);

/** Ids that the fuzz does not know, of calls that are on record. */
const parked = ['a call that waits', 'another one'];

/** Any of the fixtures, with one value in it replaced by any other, and with or without the id of one of a few calls. */
const anyJson = fc
  .tuple(fc.constantFrom(...fixtures), fc.nat(), fc.oneof(fc.jsonValue(), fc.constantFrom('', '\u0000', '\ud800', '__proto__', 'c1', 'c1:1:1', 1e308, -0)), fc.constantFrom(undefined, 'c1', 'c2', 'constructor'), fc.boolean())
  .map(([body, at, value, id, isSpoilt]) => {
    let places = 0;
    JSON.stringify(body, (_, inner: unknown) => (places++, inner));
    let place = 0;
    const text = isSpoilt ? (JSON.stringify(body, (_, inner: unknown) => (place++ === at % places ? value : inner)) ?? 'null') : JSON.stringify(body);
    return id === undefined ? text : text.replaceAll('call-mona-1', id).replaceAll(`${id}.2.0`, `${id}:1:1`);
  });

const anyBytes = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
const anyBody = fc.oneof(
  { weight: 4, arbitrary: anyJson.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: anyBytes },
  { weight: 1, arbitrary: anyJson.map((text) => gzipSync(text)) },
  { weight: 1, arbitrary: fc.tuple(anyJson, anyBytes).map(([json, audio]) => multipart(['Content-Disposition: form-data; name=conversationResult', json], ['Content-Disposition: form-data; name=recordedAudio\r\nContent-Type: audio/wav', audio])) },
);
const headerValue = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 30 })).map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''));
const rarely = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const often = <T>(value: fc.Arbitrary<T>, others: fc.Arbitrary<T>) => fc.oneof({ weight: 8, arbitrary: value }, { weight: 1, arbitrary: others });
const anyHeaders = fc.record({
  authorization: fc.oneof({ weight: 6, arbitrary: fc.constant('good') }, { weight: 1, arbitrary: fc.constantFrom(undefined, 'good twice', 'Bearer a.b.c', 'Basic YTpi') }, { weight: 1, arbitrary: headerValue }),
  'x-microsoft-skype-message-id': fc.option(fc.oneof(fc.constantFrom('m1', 'm2', 'm3'), headerValue), { nil: undefined }),
  'x-microsoft-skype-chain-id': fc.option(headerValue, { nil: undefined }),
  'content-encoding': rarely(fc.constantFrom('gzip', 'br', 'deflate', 'identity', 'x')),
  'content-type': rarely(fc.oneof(headerValue, fc.constantFrom('application/json', form['content-type'], 'text/plain'))),
  expect: rarely(fc.constantFrom('100-continue', 'nothing')),
  upgrade: rarely(fc.constantFrom('websocket', 'h2c')),
  'x-any': rarely(headerValue),
});
/** What goes well with a body; the headers above may say otherwise. */
const typeOf = (body: Buffer): Readonly<Record<string, string>> =>
  body[0] === 0x1f ? { 'content-type': 'application/json', 'content-encoding': 'gzip' } : { 'content-type': body.toString('latin1', 0, 6) === '--edge' ? form['content-type'] : 'application/json' };
const anyMethod = often(fc.constant('POST'), fc.constantFrom('GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'BREW'));
const anyPath = often(fc.constant('/api/calls'), fc.constantFrom('/api/calls?x=%zz', '/api/calls/', '//api/calls', '*', '/%00', 'http://bot/api/calls', '/\xff'));

interface Fuzzed {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: Buffer;
  /** How the length is told: rightly, in chunks, or wrongly by this much. */
  readonly length: 'right' | 'chunked' | number;
}
const anyRequest: fc.Arbitrary<Fuzzed> = fc.record({
  method: anyMethod, path: anyPath, headers: anyHeaders, body: anyBody,
  length: fc.oneof({ weight: 12, arbitrary: fc.constantFrom('right' as const, 'chunked' as const) }, { weight: 1, arbitrary: fc.integer({ min: -50, max: -1 }) }),
});

const bytesOf = ({ method, path, headers, body, length }: Fuzzed, token: string): Buffer => {
  const given = Object.entries({ ...typeOf(body), ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) });
  const lines = given.flatMap(([name, value = '']) => (value === 'good' ? [`${name}: Bearer ${token}`] : value === 'good twice' ? [`${name}: Bearer ${token}`, `${name}: Bearer ${token}`] : [`${name}: ${value}`]));
  const told = length === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${Math.max(0, body.length + (length === 'right' ? 0 : length))}`;
  const head = Buffer.from([`${method} ${path} HTTP/1.1`, 'host: bot', 'connection: close', told, ...lines, '', ''].join('\r\n'), 'latin1');
  return Buffer.concat(length === 'chunked' ? [head, Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from(body.length === 0 ? '\r\n' : '\r\n0\r\n\r\n')] : [head, body]);
};

const statuses = (received: string): readonly number[] => [...received.matchAll(/(?:^|\n)HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)).filter((status) => status !== 100);

describe('fuzz: what is sent to the port', function () {
  this.timeout(Math.max(60_000, numRuns * 150));
  let keys: KeyServer;
  let token: string;
  const lines: Rig[] = [];
  const counts = new Map<number, number>();
  const failures: unknown[] = [];
  const note = (error: unknown): void => void failures.push(error);

  before(async () => {
    keys = await keyServer();
    token = await keys.sign();
    const guarded = stubService({ openIdMetadataUrl: keys.metadataUrl, issuer: 'metadata', replyWithinMs: 60, verify: undefined } as never);
    for (const service of [guarded, stubService({ replyWithinMs: 60 })]) {
      const line = await rig(acme, { service, bodyLimitBytes: 20_000 });
      for (const id of parked) await line.send(JSON.stringify({ ...(fixtures[0] as object), id, callState: 'incoming', participants: [{ identity: '8:a', originator: true }, { identity: '28:b', originator: false }], presentedModalityTypes: ['audio'], isMultiparty: false }), { authorization: `Bearer ${token}` });
      lines.push(line);
    }
    process.on('uncaughtExceptionMonitor', note);
    process.on('unhandledRejection', note);
  });
  after(async () => {
    process.off('uncaughtExceptionMonitor', note);
    process.off('unhandledRejection', note);
    for (const line of lines) await line.close();
    await keys.close();
  });

  const records = async (): Promise<readonly unknown[]> => Promise.all(lines.flatMap(({ store }) => parked.map((id) => store.load(`botframework:${id}`))));

  const check = async (bytes: Uint8Array, isHttp: boolean): Promise<void> => {
    for (const { port } of lines) {
      const received = statuses(await raw(port, bytes, isHttp ? 2_000 : 20));
      if (isHttp) assert.isNotEmpty(received, 'an answer came');
      for (const status of received) {
        assert.isTrue(ours.has(status) || nodes.has(status), `status ${status}`);
        counts.set(status, (counts.get(status) ?? 0) + 1);
      }
    }
    assert.deepEqual(failures, []);
  };

  it('any request, with any headers and any body, is answered with one of our statuses, and leaves other calls alone', async () => {
    const before = await records();
    assert.notInclude(before, undefined);
    await fc.assert(fc.asyncProperty(anyRequest, (request) => check(bytesOf(request, token), true)), { numRuns });
    assert.deepEqual(await records(), before);
    for (const status of [200, 400, 401, 405, 415]) assert.isAbove(counts.get(status) ?? 0, 0, `status ${status} was among them: ${JSON.stringify([...counts])}`);
    assert.isUndefined(counts.get(500), 'nothing was our own fault');
    // A bot whose batch the service refuses has failed; nothing else may be an error.
    for (const { lines: logged } of lines) assert.isEmpty(logged.filter(({ level, message }) => level === 'error' && message !== 'bot failed'));
  });

  it('any bytes at all leave the process alive and the calls as they were', async () => {
    const before = await records();
    const anything = fc.oneof(anyBytes, fc.tuple(anyRequest, fc.nat(), anyBytes).map(([request, at, bytes]) => {
      const whole = bytesOf(request, token);
      const cut = at % whole.length;
      return Buffer.concat([whole.subarray(0, cut), bytes, whole.subarray(cut + bytes.length)]);
    }));
    await fc.assert(fc.asyncProperty(anything, (bytes) => check(bytes, false)), { numRuns: Math.ceil(numRuns / 3) });
    assert.deepEqual(await records(), before);
    for (const line of lines) assert.equal((await fetch(`${line.url}/api/calls`)).status, 405);
  });
});
