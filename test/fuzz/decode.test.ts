/**
 * Whatever arrives, what comes out is an arrival or one of our own errors. CALLCHART_FUZZ_RUNS says how often it is tried.
 */
import { assert } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { isCallError } from '../../src/errors.ts';
import { memoryRecordings } from '../../src/transport/recordings-memory.ts';
import type { Arrival } from '../../src/transport/service.ts';
import { decodeRequest } from '../../src/transport/services/botframework/body.ts';
import { decodeBody } from '../../src/transport/services/botframework/decode.ts';
import { readHint, signHint } from '../../src/transport/services/botframework/hint.ts';
import { checkWorkflow } from '../../src/transport/services/botframework/limits.ts';
import { isRule } from '../../src/transport/services/botframework/rules.ts';
import { form, multipart, requestOf } from '../transport/services/botframework/requests.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 500);
const folder = new URL('../fixtures/botframework/', import.meta.url);
const fixtures = (JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as readonly { readonly file: string; readonly kind: string }[])
  .filter(({ kind }) => kind !== 'http')
  .map(({ file }) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as unknown);

const isArrival = ({ callId, eventId, events }: Arrival) => {
  assert.isNotEmpty(callId);
  assert.isNotEmpty(eventId);
  assert.deepEqual(JSON.parse(JSON.stringify(events)), events, 'what is told is JSON');
};

const isRefusal = (error: unknown) => {
  if (!isCallError(error)) throw error;
  assert.include(['ERR_EVENT_MALFORMED', 'ERR_BODY_TYPE', 'ERR_BODY_TOO_LARGE'], error.code);
  if (error.code === 'ERR_EVENT_MALFORMED') assert.isTrue(isRule(error.details.rule));
};

/** A body that was right or nearly so, with one value in it replaced by any other. */
const spoilt = fc.tuple(fc.constantFrom(...fixtures), fc.nat(), fc.oneof(fc.jsonValue(), fc.constantFrom('', ' ', '\u0000', '__proto__', 'unknown', 1e308, -0))).map(([body, at, value]) => {
  let places = 0;
  JSON.stringify(body, (_, inner: unknown) => (places++, inner));
  let place = 0;
  return JSON.parse(JSON.stringify(body, (_, inner: unknown) => (place++ === at % places ? value : inner)) ?? 'null') as unknown;
});

const anyType = fc.oneof(
  fc.constantFrom('application/json', 'multipart/form-data; boundary=edge', 'multipart/form-data; boundary="edge", application/json', 'multipart/form-data; boundary=', 'text/plain'),
  fc.string(),
);
const anyHead = fc.oneof(
  fc.constantFrom('Content-Disposition: form-data; name=conversationResult', 'Content-Disposition: form-data; name=recordedAudio; filename=a', 'Content-Disposition: form-data; name="a', ' x', ''),
  fc.string(),
);
const anyContent = fc.oneof(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), spoilt.map((json) => Buffer.from(JSON.stringify(json))), fc.constantFrom(Buffer.from('--edge'), Buffer.from('\r\n--edge--')));
const anyBody = fc.oneof(
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  spoilt.map((json) => Buffer.from(JSON.stringify(json))),
  fc.array(fc.tuple(anyHead, anyContent), { maxLength: 4 }).map((parts) => multipart(...parts)),
  fc.tuple(fc.array(fc.tuple(anyHead, anyContent), { maxLength: 3 }), fc.nat()).map(([parts, cut]) => {
    const whole = multipart(...parts);
    return whole.subarray(0, cut % (whole.length + 1));
  }),
);

const checkRequest = async (headers: Readonly<Record<string, string>>, body: Buffer, chunkBytes: number) => {
  const recordings = memoryRecordings();
  try {
    const arrival = await decodeRequest(requestOf(headers, body, chunkBytes), recordings);
    isArrival(arrival);
    assert.isAtMost(recordings.refs().length, arrival.events.some(({ type }) => type === 'record.done') ? 1 : 0);
  } catch (error) {
    isRefusal(error);
    assert.isEmpty(recordings.refs());
  }
};

describe('fuzz: what arrives from the calling service', function () {
  this.timeout(Math.max(60_000, numRuns * 60));

  it('any JSON is an arrival or refused by a rule', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), spoilt), (json) => {
        try {
          isArrival(decodeBody(json));
        } catch (error) {
          isRefusal(error);
        }
      }),
      { numRuns },
    );
  });

  it('any bytes under any content type, in any pieces, are an arrival or refused, and a refusal keeps no audio', async () => {
    await fc.assert(
      fc.asyncProperty(anyType, fc.constantFrom({}, { 'content-encoding': 'gzip' }, { 'x-microsoft-skype-message-id': 'm' }), anyBody, fc.integer({ min: 1, max: 400 }), (type, more, body, chunkBytes) =>
        checkRequest({ 'content-type': type, ...more }, body, chunkBytes),
      ),
      { numRuns },
    );
  });

  it('a recording that is cut anywhere is refused, wherever the pieces break', async () => {
    const json = JSON.stringify({ id: 'c', callState: 'established', operationOutcome: { type: 'recordOutcome', id: 'o', outcome: 'success', completionReason: 'maxRecordingTimeout', lengthOfRecordingInSecs: 1 } });
    const whole = multipart(['Content-Disposition: form-data; name=recordedAudio\r\nContent-Type: audio/wav', Buffer.alloc(200, 1)], ['Content-Disposition: form-data; name=conversationResult', json]);
    // Without the last line break the closing boundary is still whole.
    for (let length = 0; length < whole.length - 2; length++) {
      const recordings = memoryRecordings();
      let refused: unknown;
      await decodeRequest(requestOf(form, whole.subarray(0, length), 1 + (length % 50)), recordings).catch((error: unknown) => (refused = error));
      assert.isDefined(refused, `cut at ${length}`);
      isRefusal(refused);
      assert.isEmpty(recordings.refs());
    }
  });

  it('any JSON is judged as a workflow without an accident', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), spoilt), fc.constantFrom('core' as const, 'extended' as const), (json, profile) => {
        for (const { rule, path } of checkWorkflow(json, profile)) assert.isTrue(isRule(rule) && typeof path === 'string');
      }),
      { numRuns },
    );
  });

  it('any text is read as a hint without an accident, and only ours is one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.tuple(fc.base64String(), fc.base64String()).map((halves) => halves.join('.'))), fc.string({ minLength: 1 }), (text, secret) => {
        assert.isUndefined(readHint(secret, text));
      }),
      { numRuns },
    );
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ maxLength: 100 }), fc.string({ maxLength: 30 }), (secret, callId, bot) => {
        assert.deepEqual(readHint(secret, signHint(secret, { callId, bot })), { callId, bot });
      }),
      { numRuns },
    );
  });
});
