/**
 * Whatever arrives at Twilio's path, what comes out is understood or one of our own errors; whatever a bot asks for is a legal
 * document or refused to its author. CALLCHART_FUZZ_RUNS says how often it is tried.
 */
import { assert } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import type { CallAction, Operation } from 'callchart';
import { isCallError } from '../../src/errors.ts';
import type { CallRequest } from '../../src/transport/service.ts';
import { requireSignature } from '../../src/transport/services/twilio/credentials.ts';
import { twilioDialect as dialect } from '../../src/transport/services/twilio/dialect.ts';
import { encodeBatch } from '../../src/transport/services/twilio/encode.ts';
import { decodeTwilio } from '../../src/transport/services/twilio/index.ts';
import { validateTwiml } from '../../src/transport/services/twilio/limits.ts';
import { isRule } from '../../src/transport/services/twilio/rules.ts';
import { readParameters } from '../../src/transport/services/twilio/wire.ts';
import { formRequest } from '../transport/services/twilio/requests.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 500);
const folder = new URL('../fixtures/twilio/', import.meta.url);
const fixtures = (JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as readonly { readonly file: string }[]).map(({ file }) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { readonly url: string; readonly body: string });

const value = fc.oneof(fc.string(), fc.constantFrom('', ' ', 'completed', 'in-progress', 'hangup', '0', '-1', '1e9', '\u0000', '__proto__', 'machine_start', 'no-answer'));
const spoilt = fc.tuple(fc.constantFrom(...fixtures), fc.constantFrom(...readParameters, 'CallbackSource', 'RecordingUrl', 'MachineDetectionDuration', 'msg', '__proto__'), value).map(([{ body }, name, text]) => {
  const fields = new URLSearchParams(body);
  fields.set(name, text);
  return fields.toString();
});
const anyBody = fc.oneof(spoilt, fc.string({ unit: 'binary' }), fc.constantFrom(...fixtures).map(({ body }) => body), fc.json(), fc.dictionary(fc.constantFrom(...readParameters), value).map((fields) => JSON.stringify(fields)));
const anyQuery = fc.oneof(
  fc.constantFrom('', ...fixtures.map(({ url }) => new URL(url).search)),
  fc.tuple(fc.constantFrom('play', 'recognize', 'record', 'transfer', 'wait', 'file', 'status', 'hangup', 'constructor'), value, value).map(([of, op, max]) => `?of=${of}&op=${encodeURIComponent(op)}&max=${encodeURIComponent(max)}`),
  fc.string(),
);
const anyHeaders: fc.Arbitrary<CallRequest['headers']> = fc.record(
  { 'content-type': fc.oneof(fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/plain'), fc.string()), 'i-twilio-idempotency-token': value, 'x-twilio-signature': fc.oneof(value, fc.base64String({ minLength: 28, maxLength: 28 })), 'x-forwarded-host': value, 'x-forwarded-proto': value },
  { requiredKeys: [] },
);

describe('fuzz: what arrives from Twilio, and what it is told', function () {
  this.timeout(Math.max(60_000, numRuns * 60));

  it('any body under any headers at any address is understood or refused by a rule', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, anyQuery, anyHeaders, async (body, query, headers) => {
        try {
          const { arrivals, unknown = [], files = [] } = await decodeTwilio(formRequest(body, query, headers));
          for (const { callId, eventId, events } of arrivals) {
            assert.isNotEmpty(callId);
            assert.isNotEmpty(eventId);
            assert.deepEqual(JSON.parse(JSON.stringify(events)), events, 'what is told is JSON');
          }
          for (const name of unknown) assert.match(name, /^\w+(?: [\w-]+)?$/);
          for (const { ref, lengthMs } of files) assert.isTrue(/^[\w-]+$/.test(ref) && lengthMs >= 0);
        } catch (error) {
          if (!isCallError(error)) throw error;
          assert.include(['ERR_EVENT_MALFORMED', 'ERR_BODY_TYPE'], error.code);
          if (error.code === 'ERR_EVENT_MALFORMED') assert.isTrue(isRule(error.details.rule));
        }
      }),
      { numRuns },
    );
  });

  it('nobody is let in who cannot sign, whatever he says', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, anyQuery, anyHeaders, fc.boolean(), async (body, query, headers, trustForwarded) => {
        try {
          await requireSignature(formRequest(body, query, headers), { authTokens: ['a token that nobody guesses'], publicUrl: 'https://bot.example', trustForwarded, dialect });
        } catch (error) {
          if (!isCallError(error) || error.code !== 'ERR_SIGNATURE_REJECTED') throw error;
          return;
        }
        assert.fail('he is in');
      }),
      { numRuns },
    );
  });

  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('Hi', '<Hangup/>', '<speak>a<break/></speak>', 'https://a.example/b.wav', '+15551234567', 'sip:a@b.example', 'client:a', 'de', 'en-GB'));
  const ms = fc.oneof(fc.integer({ min: -1, max: 100_000 }), fc.double(), fc.constantFrom(0, 1, 500, 5_000, 30_000));
  const prompt = fc.oneof(fc.record({ text, culture: text, language: text, emphasis: fc.boolean() }, { requiredKeys: ['text'] }), fc.record({ audio: text }), fc.record({ silenceMs: ms }), fc.record({ ssml: text }));
  const prompts = fc.array(prompt, { maxLength: 3 });
  const key = fc.constantFrom('1' as const, '#' as const, 'A' as const);
  const choice = fc.record({ name: text, phrases: fc.array(text, { maxLength: 3 }), key }, { requiredKeys: ['name', 'phrases'] });
  const digits = fc.record({ max: fc.integer({ min: -1, max: 30 }), termchars: fc.array(key, { maxLength: 2 }) }, { requiredKeys: [] });
  const action = fc.oneof(
    fc.record({ type: fc.constant('play' as const), params: fc.record({ prompts }) }),
    fc.record({ type: fc.constant('hold' as const), params: fc.record({ prompts }) }),
    fc.record({ type: fc.constant('recognize' as const), params: fc.record({ prompts, bargein: fc.boolean(), timeoutMs: ms, interdigitMs: ms, choices: fc.array(choice, { maxLength: 3 }), digits, speech: fc.constant(true as const), culture: text, language: text }, { requiredKeys: ['prompts', 'bargein', 'timeoutMs', 'interdigitMs'] }) }),
    fc.record({ type: fc.constant('record' as const), params: fc.record({ prompts, beep: fc.boolean(), format: fc.constantFrom('wav' as const, 'mp3' as const, 'wma' as const), timeoutMs: ms, finalSilenceMs: ms, maxMs: ms, termchars: fc.array(key) }, { requiredKeys: ['prompts', 'beep', 'format', 'timeoutMs', 'finalSilenceMs', 'maxMs'] }) }),
    fc.record({ type: fc.constant('transfer' as const), params: fc.record({ to: text }) }),
    fc.record({ type: fc.constant('createcall' as const), params: fc.record({ to: text, timeoutMs: ms, from: text }, { requiredKeys: ['to', 'timeoutMs'] }) }),
  );

  it('whatever a bot asks for is a legal document, or is refused to its author', () => {
    const seen = { legal: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 3 }), fc.constantFrom('dial' as const, 'refer' as const), fc.constantFrom('', 'menu'), (actions, transferBy, state) => {
        const batch = actions.map((one, index) => ({ ...(one as CallAction), state, operationId: `12345678:1:${index}` }) as Operation);
        try {
          const document = encodeBatch(batch, { base: 'https://bot.example', path: '/api/twilio', transferBy });
          assert.deepEqual(validateTwiml(document), [], document);
          seen.legal += 1;
        } catch (error) {
          if (!isCallError(error) || error.code !== 'ERR_BATCH_ILLEGAL') throw error;
          assert.isTrue(isRule(error.details.rule));
          seen.refused += 1;
        }
      }),
      { numRuns },
    );
    assert.isAbove(Math.min(seen.legal, seen.refused), numRuns / 50);
  });
});
