import { assert } from 'chai';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import { callMachine, hangup, record } from 'callchart';
import { azure, type AzureOptions, calls, memoryRecordings } from 'callchart/transport';
import acme from '../../../../examples/acme/bot.ts';
import { isCallError } from '../../../../src/errors.ts';
import { decodeAzure } from '../../../../src/transport/services/azure/body.ts';
import { recordingRef } from '../../../../src/transport/services/azure/decode.ts';
import { contentTypeOf, recordingFile } from '../../../../src/transport/services/azure/recording-file.ts';
import { runFile } from '../../../cli/run.ts';
import { azureLine, type AzureLine, optionsFor, secret } from './line.ts';
import { callback, incomingCall, requestOf } from './requests.ts';

const connectionString = 'endpoint=https://resource.example/;accesskey=YSBrZXk=';
const query = `?secret=${encodeURIComponent(secret)}`;

const refusal = (options: object): Promise<unknown> => azure(options as AzureOptions).then(() => assert.fail('it was taken'), (error: unknown) => error);

describe('azure: what the bot and the resource know of each other', () => {
  it('is asked for by name where it is missing or wrong', async () => {
    const good = optionsFor(connectionString);
    for (const [option, more] of [
      ['connectionString', { connectionString: undefined }],
      ['connectionString', { connectionString: 'nonsense' }],
      ['connectionString', { connectionString: 'endpoint=http://resource.example/;accesskey=YQ==' }],
      ['connectionString', { endpoint: 'https://resource.example' }],
      ['connectionString', { connectionString: 'endpoint=https://resource.example/path;accesskey=YQ==' }],
      ['endpoint', { connectionString: undefined, endpoint: 'http://resource.example', credential: {} }],
      ['resourceId', { resourceId: ' ' }],
      ['resourceId', { resourceId: 'the-resource' }],
      ['resourceId', { resourceId: '/subscriptions/00000000-0000-4000-8000-000000000000' }],
      ['publicUrl', { publicUrl: 'http://bot.example' }],
      ['publicUrl', { publicUrl: 'https://bot.example/?a=b' }],
      ['eventGridSecret', { eventGridSecret: '' }],
      ['eventGridSecret', { eventGridSecret: [] }],
      ['eventGridSecret', { eventGridSecret: ['one', ''] }],
      ['cognitiveServicesUrl', { cognitiveServicesUrl: 'http://ai.example' }],
      ['beep', { beep: 'beep.wav' }],
      ['language', { language: '' }],
      ['language', { language: 'en_GB' }],
      ['voice', { voice: ' ' }],
      ['issuer', { issuer: '' }],
      ['openIdMetadataUrl', { openIdMetadataUrl: 'http://issuer.example' }],
      ['replyWithinMs', { replyWithinMs: 0 }],
      ['fillAfterMs', { fillAfterMs: Number.NaN }],
      ['publicUri', { publicUri: 'https://bot.example' }],
    ] as const) {
      const error = await refusal({ ...good, ...more });
      assert.deepInclude(error, { code: 'ERR_OPTION_INVALID', details: { option } }, inspect(more));
      assert.notInclude(inspect(error), 'YSBrZXk=');
      assert.notInclude(inspect(error), secret);
    }
    assert.deepInclude(await refusal(undefined as never), { code: 'ERR_OPTION_INVALID' });
  });

  it('takes the official client, and says what to install where it is not there', async () => {
    const { stdout } = await runFile(fileURLToPath(new URL('without-client.ts', import.meta.url)), []);
    assert.equal(stdout, 'ERR_OPTION_INVALID calls through Azure Communication Services need the package `@azure/communication-call-automation`: npm install @azure/communication-call-automation\n');
  });

  it('is enough with a credential of Entra ID in the place of a key', async () => {
    const { connectionString: _, ...others } = optionsFor(connectionString);
    await azure({ ...others, endpoint: 'https://resource.example', credential: { getToken: async () => null } });
  });

  it('says what a bot that records or hears words takes, where no speech service is named', async () => {
    const { cognitiveServicesUrl: _, ...silent } = optionsFor(connectionString);
    const bots: AnyStateMachine = callMachine('box', { initial: 'speak', states: { speak: record({ prompt: { audio: 'https://bot.example/speak.wav' }, on: { done: 'bye', exhausted: 'bye' } }), bye: hangup() } });
    const service = await azure(silent);
    assert.throws(() => calls({ service, bots }), 'state `speak`: the service `azure` cannot do `record`: it takes the speech service of a linked Azure AI resource (option `cognitiveServicesUrl`)');
  });

  it('leaves http to loopback, and there to those who allow it', async () => {
    const onLoopback = 'endpoint=http://127.0.0.1:1/;accesskey=YQ==';
    await azure(optionsFor(onLoopback));
    assert.deepInclude(await refusal(optionsFor(onLoopback, { allowInsecureConnection: false })), { code: 'ERR_OPTION_INVALID' });
  });

  it('lets nobody serve a bot that speaks where there is no speech service', async () => {
    const line = await azureLine(acme, {}, { cognitiveServicesUrl: undefined } as never).then((open) => open.close(), (error: unknown) => error);
    if (!isCallError(line) || line.code !== 'ERR_BATCH_ILLEGAL') assert.fail('it was served');
    assert.include(line.message, '`menu`');
    assert.include(line.message, 'cognitiveServicesUrl');
  });
});

describe('azure: who is let in', () => {
  let line: AzureLine;
  before(async () => {
    line = await azureLine(callMachine('bye', { initial: 'bye', states: { bye: hangup('Goodbye.') } }), {}, { eventGridSecret: [secret, 'the next one & more'] });
  });
  after(() => line.close());

  const status = async (path: string, headers: Readonly<Record<string, string>>, body: unknown = [callback('PlayCompleted')], method = 'POST'): Promise<number> => {
    const response = await fetch(line.url + path, { method, headers: { 'content-type': 'application/json', ...headers }, ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }) });
    return response.status;
  };

  it('is Event Grid with any of the secrets, as they are written in an address', async () => {
    for (const one of [secret, 'the next one & more']) assert.equal(await status(`/api/azure?secret=${encodeURIComponent(one)}`, {}, [incomingCall({ correlationId: `of-${one.length}` })]), 200);
    for (const one of ['', 'the next one', secret.toUpperCase(), `${secret} `]) assert.equal(await status(`/api/azure?secret=${encodeURIComponent(one)}`, {}, [incomingCall()]), 401, one);
  });

  it('is whoever has a token of the service for this resource, with the address that we gave or without', async () => {
    const token = await line.keys.sign();
    assert.equal(await status('/api/azure?call=c', { authorization: `Bearer ${token}` }), 200);
    assert.equal(await status('/api/azure', { authorization: `Bearer ${token}` }), 200);
    for (const [header, what] of [
      ['', 'nothing'],
      [`Bearer ${secret}`, 'a secret'],
      [`Basic ${token}`, 'another scheme'],
      [`Bearer ${await line.keys.sign({ aud: 'another' })}`, 'another resource'],
      [`Bearer ${await line.keys.sign({ exp: Math.floor(Date.now() / 1000) - 61 })}`, 'a token that is over'],
      [`Bearer ${await line.keys.sign({ nbf: Math.floor(Date.now() / 1000) + 90 })}`, 'a token of later'],
      [`Bearer ${await line.keys.sign({ iss: 'https://login.microsoftonline.com/x' })}`, 'another issuer'],
      [`Bearer ${await line.keys.sign({}, { kid: 'nobody' })}`, 'another key'],
    ] as const) assert.equal(await status('/api/azure?call=c', header === '' ? {} : { authorization: header }), 401, what);
  });

  it('is answered 200 for what it does not know, 400 for what is broken, 415 for what is no JSON, 405 for another method', async () => {
    const good = { authorization: `Bearer ${await line.keys.sign()}` };
    assert.equal(await status('/api/azure?call=c', good, [{ type: 'Microsoft.Communication.SomethingNewStarted' }]), 200);
    for (const body of ['', '[', '[]', 'null', '7', '[{}]', [callback('PlayCompleted', { callConnectionId: '' })], [callback('RecognizeCompleted', { recognitionType: 'choices' })]]) assert.equal(await status('/api/azure?call=c', good, body), 400, JSON.stringify(body));
    assert.equal(await status('/api/azure?call=c', { ...good, 'content-type': 'text/plain' }), 415);
    assert.equal(await status('/api/azure?call=c', good, undefined, 'GET'), 405);
  });

  it('tells a refused sender the place and the rule, and nothing that stood there', async () => {
    const response = await fetch(`${line.url}/api/azure?call=c`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${await line.keys.sign()}` }, body: JSON.stringify([callback('RecognizeCompleted', { dtmfResult: { tones: ['4711'] } })]) });
    assert.deepEqual(await response.json(), { error: { code: 'ERR_EVENT_MALFORMED', rule: 'R-TONE', paths: ['0.data.dtmfResult.tones.0'] } });
  });
});

describe('azure: the handshakes of Event Grid', () => {
  let line: AzureLine;
  before(async () => {
    line = await azureLine(acme);
  });
  after(() => line.close());

  const validation = [{ id: 'v1', topic: 't', subject: '', eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: 'CB17', validationUrl: 'https://x.example/validate' }, dataVersion: '2' }];
  const post = (path: string, headers: Readonly<Record<string, string>>, body: unknown) => fetch(line.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

  it('echo the code of a subscription in its own schema, with 200', async () => {
    const response = await post(`/api/azure${query}`, { 'aeg-event-type': 'SubscriptionValidation' }, validation);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { validationResponse: 'CB17' });
  });

  it('allow a sender of CloudEvents, as often as he asks', async () => {
    const options = (headers: Readonly<Record<string, string>>, at = query) => fetch(`${line.url}/api/azure${at}`, { method: 'OPTIONS', headers });
    const asked = await options({ 'webhook-request-origin': 'eventgrid.azure.net', 'webhook-request-rate': '120' });
    assert.deepEqual([asked.status, asked.headers.get('webhook-allowed-origin'), asked.headers.get('webhook-allowed-rate'), asked.headers.get('allow')], [200, 'eventgrid.azure.net', '120', 'POST']);
    const unlimited = await options({ 'webhook-request-origin': 'eventgrid.azure.net' });
    assert.equal(unlimited.headers.get('webhook-allowed-rate'), null);
    assert.equal((await options({ 'webhook-request-origin': 'eventgrid.azure.net' }, '')).status, 401);
  });

  it('say good-bye to a subscription that is deleted', async () => {
    assert.equal((await post(`/api/azure${query}`, { 'aeg-event-type': 'SubscriptionDeletion' }, [])).status, 200);
  });

  it('are answered to nobody without the secret, and refused where they are broken', async () => {
    assert.equal((await post('/api/azure', { 'aeg-event-type': 'SubscriptionValidation' }, validation)).status, 401);
    assert.equal((await post(`/api/azure${query}`, { 'aeg-event-type': 'SubscriptionValidation' }, [{ data: {} }])).status, 400);
    assert.equal((await post(`/api/azure${query}`, { 'aeg-event-type': 'SubscriptionValidation' }, [])).status, 400);
  });

  it('begin no call', () => assert.isFalse(line.lines.some(({ message }) => message === 'call begun')));
});

describe('azure: the file of a recording', () => {
  const pointer = { ref: recordingRef('r'), location: 'https://x.asm.skype.com/v1/objects/0/content/audio', lengthMs: 6_620 };
  const client = (...chunks: readonly Buffer[]) => ({ ask: async () => ({}), call: async () => {}, download: async () => Readable.from(chunks) });

  it('is what its first bytes say', () => {
    for (const [head, type] of [['RIFF\0\0\0\0WAVE', 'audio/wav'], ['ID3\u0003', 'audio/mpeg'], ['\0\0\0\u0018ftypmp42', 'video/mp4'], ['', 'application/octet-stream']] as const) assert.equal(contentTypeOf(Buffer.from(head, 'latin1')), type);
    assert.equal(contentTypeOf(Buffer.from([0xff, 0xfb, 0x90])), 'audio/mpeg');
  });

  it('arrives whole', async () => {
    const { fetch: get, ...facts } = recordingFile(pointer, client(Buffer.from('RIFF'), Buffer.from('and more'), Buffer.alloc(0)));
    assert.deepEqual(facts, { ref: pointer.ref, callId: '', lengthMs: 6_620 });
    const { contentType, bytes } = await get(new AbortController().signal);
    assert.equal(contentType, 'audio/wav');
    const kept = await memoryRecordings().save(bytes, pointer.ref);
    assert.deepEqual(kept, { ref: pointer.ref, bytes: 12 });
    assert.equal((await recordingFile(pointer, client()).fetch(new AbortController().signal)).contentType, 'application/octet-stream');
  });
});

describe('azure: a file on the command line', () => {
  it('tells what it means, without anybody having signed it', async () => {
    const { arrivals } = await decodeAzure(requestOf([incomingCall()]));
    assert.equal(arrivals[0]?.events[0]?.type, 'call.incoming');
    assert.deepEqual((await decodeAzure(requestOf([callback('PlayStarted')]))).arrivals.map(({ events }) => events), [[]]);
    assert.deepEqual(await decodeAzure(requestOf('', { method: 'OPTIONS' })), { arrivals: [] });
  });
});
