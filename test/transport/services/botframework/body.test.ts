import { assert } from 'chai';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { CallError, isCallError } from '../../../../src/errors.ts';
import { memoryRecordings } from '../../../../src/transport/recordings-memory.ts';
import type { RecordingStore } from '../../../../src/transport/recordings.ts';
import type { CallRequest } from '../../../../src/transport/service.ts';
import { contentType, decodeRequest, readBody } from '../../../../src/transport/services/botframework/body.ts';
import { jsonLimitBytes } from '../../../../src/transport/services/botframework/parts.ts';
import { form, multipart, requestOf } from './requests.ts';

const result = {
  id: 'call-zoë',
  callState: 'established',
  operationOutcome: { type: 'recordOutcome', id: 'op', outcome: 'success', completionReason: 'completedSilenceDetected', lengthOfRecordingInSecs: 2 },
};
const json = ['Content-Disposition: form-data; name=conversationResult', JSON.stringify(result)] as const;
const sound = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 7) % 256));
const audio = ['Content-Type: audio/wav\r\nContent-Disposition: form-data; name=recordedAudio', sound] as const;

const refusal = async (attempt: Promise<unknown>) => {
  try {
    await attempt;
  } catch (error) {
    if (isCallError(error)) return error.code === 'ERR_EVENT_MALFORMED' ? error.details.rule : error.code;
    throw error;
  }
  throw new Error('it was taken');
};
const bytesOf = async (store: RecordingStore, ref: string) => Buffer.concat((await store.open(ref).toArray()) as Buffer[]);
const recordingOf = async (request: CallRequest, store: RecordingStore) => (await readBody(request, store)).recording ?? assert.fail('no recording');

describe('botframework body: JSON', () => {
  const read = (text: string, type = 'application/json; charset=utf-8') => readBody(requestOf({ 'content-type': type }, text), memoryRecordings());

  it('is taken under every content type that means JSON, with or without a byte order mark', async () => {
    for (const type of ['application/json', 'Application/JSON;charset=UTF-8', 'application/vnd.example+json']) {
      assert.deepEqual((await read('\uFEFF{"id":"é"}', type)).json, { id: 'é' });
    }
  });

  it('is refused where it is none, or no object', async () => {
    for (const text of ['', '{', 'null', '1', '"x"', 'true', '{"id":1}}']) assert.equal(await refusal(read(text)), 'H-JSON');
  });

  it('is refused under any other content type', async () => {
    for (const type of ['text/plain', '', 'text/json', 'application/jsonp', 'multipart/mixed; boundary=edge', 'multipart/form-data', 'multipart/form-data; boundary="a\u0001"', 'x'.repeat(5000)]) {
      assert.equal(await refusal(read('{}', type)), 'ERR_BODY_TYPE', type);
    }
    assert.equal(await refusal(readBody(requestOf({}, '{}'), memoryRecordings())), 'ERR_BODY_TYPE');
  });
});

describe('botframework body: a recording', () => {
  for (const [title, parts] of [
    ['result first, as published', [json, audio]],
    ['audio first', [audio, json]],
    ['audio as a file', [json, ['Content-Type: application/octet-stream\r\nContent-Disposition: form-data; name=x; filename="m.wav"', sound]]],
    ['audio without a content type', [['Content-Disposition: form-data; name=x', Buffer.concat([Buffer.from('RIFF'), sound])], json]],
    ['the result under another name, typed', [audio, ['Content-Type: application/json; charset=latin1\r\nContent-Disposition: form-data; name=r', json[1]]]],
    ['the result under another name, untyped', [['Content-Disposition: form-data; name=r', `\r\n ${json[1]}`], audio]],
  ] as const) {
    it(`is kept to the byte: ${title}`, async () => {
      for (const chunkBytes of [1, 13, 4096]) {
        const store = memoryRecordings();
        const { json: read, recording } = await readBody(requestOf(form, multipart(...parts), chunkBytes), store);
        assert.deepEqual(read, result);
        assert.isTrue((await bytesOf(store, recording?.ref ?? '')).includes(sound));
        assert.lengthOf(store.refs(), 1);
      }
    });
  }

  it('comes out of decode as the ending of the operation', async () => {
    const store = memoryRecordings();
    const headers = { ...form, 'x-microsoft-skype-message-id': 'm1' };
    const { events, eventId, callId } = await decodeRequest(requestOf(headers, multipart(json, audio)), store);
    assert.deepEqual([eventId, callId], ['m1', 'call-zoë']);
    assert.deepEqual(events, [
      { type: 'record.done', by: 'finalsilence', operationId: 'op', recording: { ref: store.refs()[0] ?? '', bytes: sound.length, contentType: 'audio/wav', lengthMs: 2000 } },
    ]);
  });

  it('of twelve megabytes is kept whole, and goes through in pieces', async () => {
    const store = memoryRecordings();
    let largest = 0;
    const watching: RecordingStore = {
      ...store,
      save: (bytes) => store.save(Readable.from((async function* () { for await (const chunk of bytes as AsyncIterable<Buffer>) { largest = Math.max(largest, chunk.length); yield chunk; } })())),
    };
    const { bytes } = await recordingOf(requestOf(form, multipart(json, [audio[0], Buffer.alloc(12_000_000, 7)])), watching);
    assert.equal(bytes, 12_000_000);
    assert.isAtMost(largest, 256 * 1024);
  });

  it('is awaited: the store has it when the body is read', async () => {
    let saved = false;
    const slow: RecordingStore = { ...memoryRecordings(), save: async (bytes) => { for await (const _ of bytes); await new Promise((resolve) => setTimeout(resolve, 20)); saved = true; return { ref: 'r', bytes: 1 }; } };
    await readBody(requestOf(form, multipart(audio, json)), slow);
    assert.isTrue(saved);
  });

  it('is known by a content type that two headers were joined to', () => {
    for (const value of ['multipart/form-data; boundary=edge', 'application/json; charset=utf-8, multipart/form-data; boundary="edge"', 'multipart/form-data; boundary=edge, application/json', 'multipart/form-data, multipart/form-data; boundary=edge']) {
      assert.deepEqual(contentType(value), { kind: 'multipart', boundary: 'edge' }, value);
    }
    assert.deepEqual(contentType('multipart/form-data, application/json'), { kind: 'json' });
    assert.deepEqual(contentType('multipart/form-data; boundary="a,b"'), { kind: 'multipart', boundary: 'a,b' });
  });
});

describe('botframework body: a recording that is refused leaves nothing behind', () => {
  for (const [title, body, rule] of [
    ['no result', multipart(audio), 'H-NORESULT'],
    ['no audio', multipart(json), 'H-NOAUDIO'],
    ['a result that is no JSON', multipart(audio, [json[0], 'recorded']), 'H-JSON'],
    ['a result that is null', multipart([json[0], 'null'], audio), 'H-JSON'],
    ['a result that is not UTF-8', multipart(audio, [json[0], Buffer.from('{"id":"\xe9"}', 'latin1')]), 'H-JSON'],
    ['a result of another operation', multipart(audio, [json[0], JSON.stringify({ ...result, operationOutcome: {} })]), 'O-TYPE'],
    ['a result too long', multipart(audio, [json[0], `{"x":"${'x'.repeat(jsonLimitBytes)}"}`]), 'ERR_BODY_TOO_LARGE'],
    ['a body cut within the audio', multipart(json, audio).subarray(0, -40), 'H-PARTS'],
    ['a body cut within the result', multipart(audio, json).subarray(0, -40), 'H-PARTS'],
    ['a body cut before its closing boundary', multipart(audio, json).subarray(0, -10), 'H-PARTS'],
    ['an empty body', Buffer.alloc(0), 'H-PARTS'],
    ['no boundary in the body', Buffer.from('hello'), 'H-PARTS'],
    ['no parts', Buffer.from('--edge--\r\n'), 'H-NORESULT'],
    ['a part whose header begins with a blank', multipart([' Content-Disposition: form-data; name="y"', 'w']), 'H-NORESULT'],
    ['parts without a disposition', multipart(['Content-Type: application/json', json[1]], ['Content-Type: audio/wav', sound]), 'H-NORESULT'],
  ] as const) {
    it(`${title}: ${rule}`, async () => {
      for (const chunkBytes of [5, 64 * 1024]) {
        const store = memoryRecordings();
        assert.equal(await refusal(decodeRequest(requestOf(form, body, chunkBytes), store)), rule);
        assert.isEmpty(store.refs());
      }
    });
  }

  it('a compressed one is not taken', async () => {
    assert.equal(await refusal(readBody(requestOf({ ...form, 'content-encoding': 'gzip' }, multipart(json, audio)), memoryRecordings())), 'ERR_BODY_TYPE');
  });

  it('audio beside the outcome of another operation is not kept', async () => {
    const store = memoryRecordings();
    const answered = { ...result, operationOutcome: { type: 'answerOutcome', id: 'op', outcome: 'success' } };
    const { events } = await decodeRequest(requestOf(form, multipart(audio, [json[0], JSON.stringify(answered)])), store);
    assert.deepEqual(events, [{ type: 'answer.done', operationId: 'op' }]);
    assert.isEmpty(store.refs());
  });

  it('one longer than the store allows is refused in the store\'s own words', async () => {
    assert.equal(await refusal(readBody(requestOf(form, multipart(json, audio), 100), memoryRecordings({ maxBytes: 1000 }))), 'ERR_BODY_TOO_LARGE');
  });

  it('a store that fails at once, or late, is told and not waited for', async () => {
    const full = new CallError('ERR_STORE_UNAVAILABLE', 'full', { reason: 'full' });
    for (const read of [0, 1]) {
      const failing: RecordingStore = { ...memoryRecordings(), save: async (bytes) => { if (read) for await (const _ of bytes); throw full; } };
      assert.equal(await refusal(readBody(requestOf(form, multipart(json, [audio[0], Buffer.alloc(1_000_000)])), failing)), 'ERR_STORE_UNAVAILABLE');
    }
  });

  it('a line that breaks within the audio is refused', async () => {
    const store = memoryRecordings();
    const body = multipart(json, audio);
    for (const error of [new Error('ECONNRESET'), undefined]) {
      const broken: CallRequest = { ...requestOf(form, body), stream: () => { const stream = new Readable({ read() {} }); stream.push(body.subarray(0, 1500)); setTimeout(() => stream.destroy(error), 5); return stream; } };
      assert.equal(await refusal(readBody(broken, store)), 'H-PARTS');
      assert.isEmpty(store.refs());
    }
  });

  it('a body over the limit of the rim is refused by the rim\'s own code', async () => {
    const over = new CallError('ERR_BODY_TOO_LARGE', 'long', { limitBytes: 1 });
    const request: CallRequest = { ...requestOf(form, ''), stream: () => { const stream = new Readable({ read() {} }); setTimeout(() => stream.destroy(over), 5); return stream; } };
    assert.equal(await refusal(readBody(request, memoryRecordings())), 'ERR_BODY_TOO_LARGE');
  });
});

describe('botframework body: over a real line', () => {
  /** A server that answers with the rule or code; `first` is its first answer, whether or not anybody is left to hear it. */
  const serving = async (store: RecordingStore, use: (port: number, first: Promise<string>) => Promise<void>) => {
    let tell: (verdict: string) => void;
    const first = new Promise<string>((resolve) => (tell = resolve));
    const server = createServer((incoming, response) => {
      const request: CallRequest = { ...requestOf({}, ''), headers: incoming.headers, stream: () => incoming };
      const read = readBody(request, store).then(() => 'taken');
      void read.catch(() => refusal(read)).then((result) => {
        tell(result);
        response.end(result);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await use((server.address() as AddressInfo).port, first);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };
  const long = multipart(json, [audio[0], Buffer.alloc(5_000_000, 1)]);
  const post = (port: number, body: Buffer) => fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers: form, body: new Uint8Array(body) }).then((response) => response.text());

  it('a recording goes through, and so does the next one on the same line', () =>
    serving(memoryRecordings(), async (port) => {
      assert.deepEqual([await post(port, long), await post(port, multipart(audio, json))], ['taken', 'taken']);
    }));

  it('a recording that is too long is answered, not cut off', () =>
    serving(memoryRecordings({ maxBytes: 1000 }), async (port) => {
      assert.deepEqual([await post(port, long), await post(port, multipart(json, audio))], ['ERR_BODY_TOO_LARGE', 'ERR_BODY_TOO_LARGE']);
    }));

  it('a service that goes away in the middle leaves nothing behind', async () => {
    const store = memoryRecordings();
    await serving(store, async (port, first) => {
      const sending = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers: { ...form, 'content-length': long.length } });
      sending.on('error', () => {});
      sending.write(long.subarray(0, 300_000), () => setTimeout(() => sending.destroy(), 20));
      assert.equal(await first, 'H-PARTS');
      assert.isEmpty(store.refs());
    });
  });
});
