/** Our own requests to Twilio: tried again where that makes sense, refused in its own numbers, and silent about the account's secret. */
import { assert } from 'chai';
import { text } from 'node:stream/consumers';
import twilioPackage from 'twilio';
import { isCallError } from '../../../../src/errors.ts';
import { twilioApi } from '../../../../src/transport/services/twilio/api.ts';
import { accountSid, authToken, callSid } from './requests.ts';

type Reply = () => Response | Promise<Response>;

/** An API whose requests get `replies`, one after the other. */
const answered = (...replies: readonly Reply[]) => {
  const requests: Request[] = [];
  const fetching = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    init?.signal?.throwIfAborted();
    requests.push(new Request(url as string, init));
    const reply = replies[requests.length - 1];
    return reply === undefined ? assert.fail('there was one request too many') : reply();
  };
  return { requests, api: twilioApi({ accountSid, authToken, apiUrl: 'https://api.twilio.test', fetch: fetching as typeof fetch, pauseMs: 1 }) };
};

const json = (status: number, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Reply => () => new Response(JSON.stringify(body), { status, headers });
const broken: Reply = () => Promise.reject(new TypeError('fetch failed', { cause: new Error(`connect to ${authToken}`) }));
const signal = new AbortController().signal;
const hello = { Twiml: '<Response/>' };
const call = { To: '+15550000007', From: '+15550000002', Url: 'https://bot.example/api/twilio' };

const unplaced = async (placing: Promise<string>): Promise<unknown> => {
  try {
    await placing;
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_CALL_UNPLACED') throw error;
    assert.notInclude(JSON.stringify([error.message, error.stack, error.cause ?? null]), authToken);
    return error.details.reason;
  }
  return 'placed';
};

describe('twilio: a call is told something', () => {
  it('by a form with its document, and is taken', async () => {
    const { api, requests } = answered(json(200, { sid: callSid }));
    assert.deepEqual(await api.update(callSid, hello, signal), { kind: 'taken' });
    const [request = assert.fail()] = requests;
    assert.equal(request.method, 'POST');
    assert.equal(request.url, `https://api.twilio.test/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`);
    assert.equal(await request.text(), 'Twiml=%3CResponse%2F%3E');
    assert.equal(request.headers.get('authorization'), `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`);
  });

  it('as the official client does it', async () => {
    const seen: { readonly method: string; readonly uri: string; readonly data?: object }[] = [];
    const client = twilioPackage(`AC${'0'.repeat(32)}`, authToken, { httpClient: { request: async (options: (typeof seen)[number]) => (seen.push(options), { statusCode: 200, body: {}, headers: {} }) } as never });
    await client.calls(callSid).update({ twiml: '<Response/>' });
    await client.calls.create({ to: call.To, from: call.From, url: call.Url });
    const ours = answered(json(200, { sid: callSid }), json(201, { sid: callSid }));
    await ours.api.update(callSid, hello, signal);
    await ours.api.create(call, signal);
    for (const [index, { method, uri, data }] of seen.entries()) {
      const request = ours.requests[index] ?? assert.fail();
      assert.equal(request.method.toLowerCase(), method.toLowerCase());
      assert.equal(new URL(request.url).pathname, new URL(uri).pathname.replace(`AC${'0'.repeat(32)}`, accountSid));
      assert.deepEqual(Object.fromEntries(new URLSearchParams(await request.text())), { ...data });
    }
    assert.lengthOf(seen, 2);
  });

  it('again where Twilio is busy or down, and no sooner than it says', async () => {
    const { api, requests } = answered(json(429, {}, { 'retry-after': '0' }), json(503), broken, json(200));
    assert.deepEqual(await api.update(callSid, hello, signal), { kind: 'taken' });
    assert.lengthOf(requests, 4);
    const hopeless = answered(json(429, { code: 20429 }, { 'retry-after': '60' }));
    assert.deepEqual(await hopeless.api.update(callSid, hello, signal), { kind: 'refused', reason: '20429' });
  });

  it('in vain where it is over', async () => {
    assert.deepEqual(await answered(json(404, { code: 20404 })).api.update(callSid, hello, signal), { kind: 'gone' });
    assert.deepEqual(await answered(json(400, { code: 21220 })).api.update(callSid, hello, signal), { kind: 'gone' });
  });

  it('and is refused by Twilio\'s own number, or by what became of the request', async () => {
    assert.deepEqual(await answered(json(401, { code: 20003 })).api.update(callSid, hello, signal), { kind: 'refused', reason: '20003' });
    assert.deepEqual(await answered(() => new Response('<html>', { status: 403 })).api.update(callSid, hello, signal), { kind: 'refused', reason: '403' });
    assert.deepEqual(await answered(json(400, { code: 'my PIN is 1234' })).api.update(callSid, hello, signal), { kind: 'refused', reason: '400' });
    assert.deepEqual(await answered(broken, broken, broken, broken).api.update(callSid, hello, signal), { kind: 'refused', reason: 'unreachable' });
    assert.deepEqual(await answered().api.update(callSid, hello, AbortSignal.abort()), { kind: 'refused', reason: 'unreachable' });
  });
});

describe('twilio: a call is placed', () => {
  it('once: it is tried again only where nothing was done for certain', async () => {
    const patient = answered(json(429, {}, { 'retry-after': '0' }), json(201, { sid: callSid }));
    assert.equal(await patient.api.create(call, signal), callSid);
    assert.equal(await unplaced(answered(json(503)).api.create(call, signal)), '503');
    assert.equal(await unplaced(answered(broken).api.create(call, signal)), 'unreachable');
    assert.equal(await unplaced(answered(json(400, { code: 21211 })).api.create(call, signal)), '21211');
    assert.equal(await unplaced(answered(json(201, {})).api.create(call, signal)), 'malformed');
    assert.equal(await unplaced(answered(() => new Response('hello', { status: 201 })).api.create(call, signal)), 'malformed');
  });
});

describe('twilio: the file of a recording', () => {
  it('is fetched as what was asked for, also a little later', async () => {
    const { api, requests } = answered(json(404), () => new Response('RIFF', { headers: { 'content-type': 'audio/x-wav; a=b' } }));
    const { contentType, bytes } = await api.recording('RE7', 'wav', signal);
    assert.deepEqual([contentType, await text(bytes)], ['audio/x-wav', 'RIFF']);
    assert.equal(requests[1]?.url, `https://api.twilio.test/2010-04-01/Accounts/${accountSid}/Recordings/RE7.wav`);
    const mp3 = answered(() => new Response(new Uint8Array(3)));
    assert.equal((await mp3.api.recording('RE7', 'mp3', signal)).contentType, 'audio/mpeg');
  });

  it('that is not there is an error, and says nothing of the account', async () => {
    for (const replies of [[json(404), json(404), json(404), json(404)], [json(401)], [broken, broken, broken, broken]]) {
      const error = await answered(...replies).api.recording('RE7', 'wav', signal).then(() => assert.fail(), (reason: unknown) => reason as Error);
      assert.notInclude(`${error.message}${error.stack}`, Buffer.from(`${accountSid}:${authToken}`).toString('base64'));
    }
  });
});
