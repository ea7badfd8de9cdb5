/**
 * Whatever arrives from Azure Communication Services or Event Grid, what comes out is told or refused by a rule. CALLCHART_FUZZ_RUNS says how often it is tried.
 */
import { assert } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { isCallError } from '../../src/errors.ts';
import { decodeAzure } from '../../src/transport/services/azure/body.ts';
import { callbackUrl, readQuery } from '../../src/transport/services/azure/callback.ts';
import { decodeBody, type Told } from '../../src/transport/services/azure/decode.ts';
import { handshake } from '../../src/transport/services/azure/handshake.ts';
import { recall } from '../../src/transport/services/azure/recall.ts';
import { isRule } from '../../src/transport/services/azure/rules.ts';
import { validateAzure } from '../../src/transport/services/azure/validate.ts';
import type { Recalled, ServiceMemory } from '../../src/transport/service.ts';
import { callback, phone, requestOf } from '../transport/services/azure/requests.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 500);
const folder = new URL('../fixtures/azure/', import.meta.url);
const fixtures = (JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as readonly { readonly file: string }[]).map(({ file }) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as unknown);

/** A body that was right or nearly so, with one value in it replaced by any other. */
const spoilt = fc.tuple(fc.constantFrom(...fixtures), fc.nat(), fc.oneof(fc.jsonValue(), fc.constantFrom('', ' ', '\u0000', '__proto__', 'Microsoft.Communication.constructor', 1e308, -0))).map(([body, at, value]) => {
  let places = 0;
  JSON.stringify(body, (_, inner: unknown) => (places++, inner));
  let place = 0;
  return JSON.parse(JSON.stringify(body, (_, inner: unknown) => (place++ === at % places ? value : inner)) ?? 'null') as unknown;
});

const isTold = ({ arrivals, unknown, files }: Told): void => {
  for (const { callId, eventId, events, memory } of arrivals) {
    assert.isNotEmpty(callId);
    assert.isNotEmpty(eventId);
    assert.deepEqual(JSON.parse(JSON.stringify(events)), events, 'what is told is JSON');
    if (memory !== undefined) assert.deepEqual(JSON.parse(JSON.stringify(memory)), memory, 'what is remembered is JSON');
  }
  assert.equal(new Set(arrivals.map(({ callId }) => callId)).size, arrivals.length, 'one arrival a call');
  for (const name of unknown) assert.isAtMost(name.length, 200);
  for (const { ref, lengthMs } of files) assert.isTrue(/^[\w-]{1,128}$/.test(ref) && lengthMs >= 0);
};

const isRefusal = (error: unknown): void => {
  if (!isCallError(error)) throw error;
  assert.include(['ERR_EVENT_MALFORMED', 'ERR_BODY_TYPE'], error.code);
  if (error.code === 'ERR_EVENT_MALFORMED') assert.isTrue(isRule(error.details.rule));
};

describe('fuzz: what arrives from Azure', function () {
  this.timeout(Math.max(60_000, numRuns * 60));

  it('any JSON at any address is told or refused by a rule', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), spoilt), fc.oneof(fc.constantFrom('', '?call=c', '?call=c&to=%2B15550100002&from=x', '?secret=s', '?call=%FF'), fc.string().map((text) => `?${text}`)), (json, query) => {
        try {
          isTold(decodeBody(json, readQuery(query)));
        } catch (error) {
          isRefusal(error);
        }
      }),
      { numRuns },
    );
  });

  it('any text under any content type is told or refused, and shakes hands with nobody by accident', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), spoilt.map((json) => JSON.stringify(json))),
        fc.constantFrom('application/json', 'application/cloudevents+json; charset=utf-8', 'text/plain', ''),
        fc.constantFrom({}, { 'aeg-event-type': 'SubscriptionValidation' }, { 'aeg-event-type': 'Notification' }),
        async (text, type, headers) => {
          const request = requestOf(text, { query: '?secret=s', headers: { 'content-type': type, ...headers } });
          try {
            const shaken = await handshake(request);
            if (shaken !== undefined) assert.deepEqual(Object.keys(JSON.parse(shaken.body) as object), ['validationResponse']);
            else isTold({ unknown: [], ...(await decodeAzure(request)), files: [] });
          } catch (error) {
            isRefusal(error);
          }
        },
      ),
      { numRuns },
    );
  });

  it('any JSON is judged as a request without an accident', () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), spoilt), (json) => validateAzure(json).violations.forEach(({ rule, path }) => assert.isTrue(isRule(rule) && typeof path === 'string'))), { numRuns });
  });

  it('an address of ours says what we made it of', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(text, fc.option(fc.record({ to: text, from: fc.string({ unit: 'grapheme' }), listens: fc.boolean() }), { nil: undefined }), fc.option(fc.constantFrom('#', '#*', '1A'), { nil: undefined }), (callId, placed, stop) => {
        const more = { ...(placed !== undefined && { placed }), ...(stop !== undefined && { stop }) };
        assert.deepEqual(readQuery(new URL(callbackUrl('https://bot.example/api/azure', callId, more)).search), { callId, ...more });
      }),
      { numRuns },
    );
  });

  it('whatever order the service tells things in, somebody who was rung in leaves at most once, and only if he was there', () => {
    const numbers = ['+15550100001', '+15550100002', '+15550100003'] as const;
    const roster = fc.tuple(fc.nat(9), fc.subarray([...numbers])).map(([sequenceNumber, there]) => callback('ParticipantsUpdated', { sequenceNumber, participants: there.map((number) => ({ identifier: phone(number) })) }));
    const added = fc.constant(callback('AddParticipantSucceeded', { operationContext: 'op:ring', participant: phone('+15550100002') }));
    fc.assert(
      fc.property(fc.array(roster), added, fc.array(roster), (before, ring, after) => {
        let memory: ServiceMemory = { caller: '4:+15550100001' };
        let left = 0;
        for (const event of [...before, ring, ...after]) {
          const [arrival] = decodeBody([event], { callId: 'c' }).arrivals;
          if (arrival === undefined) return assert.fail('nothing was told');
          const recalled: Recalled = recall(arrival, memory, 0);
          memory = { ...memory, ...recalled.memory };
          left += recalled.events.filter((one) => (one.type === 'createcall.done' && one.operationId === 'op') || one.type === 'call.ended').length;
        }
        assert.isAtMost(left, 1);
        if (!JSON.stringify([...before, ...after]).includes('+15550100002')) assert.equal(left, 0);
      }),
      { numRuns },
    );
  });
});
