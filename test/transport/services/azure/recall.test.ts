import { assert } from 'chai';
import type { ServiceEvent } from '../../../../src/machines/index.ts';
import { readQuery } from '../../../../src/transport/services/azure/callback.ts';
import { decodeBody, recordingRef } from '../../../../src/transport/services/azure/decode.ts';
import { recall } from '../../../../src/transport/services/azure/recall.ts';
import type { ServiceMemory } from '../../../../src/transport/service.ts';
import { callback, phone, result } from './requests.ts';
import type { Json } from './resource.ts';

const caller = '+15550100001';
const party = '+15550100002';

/** A call that remembers. */
const line = (memory: ServiceMemory = {}, at = 0) => {
  let known: ServiceMemory = { caller: `4:${caller}`, ...memory };
  return {
    memory: () => known,
    remembers: (more: ServiceMemory) => void (known = { ...known, ...more }),
    hears: (...events: readonly Json[]): readonly ServiceEvent[] =>
      decodeBody(events, readQuery('?call=call-1')).arrivals.flatMap((arrival) => {
        const told = recall(arrival, known, at);
        known = { ...known, ...told.memory };
        return told.events;
      }),
  };
};

const roster = (sequenceNumber: number, ...numbers: readonly string[]) => callback('ParticipantsUpdated', { sequenceNumber, participants: numbers.map((number) => ({ identifier: phone(number) })) });
const added = callback('AddParticipantSucceeded', { operationContext: 'op:ring', participant: phone(party), ...result(200, 0) });
const types = (events: readonly ServiceEvent[]) => events.map(({ type }) => type);
const left: ServiceEvent = { type: 'createcall.done', operationId: 'op' };

describe('azure recall: somebody was rung for the caller', () => {
  it('has gone when a roster is without him', () => {
    const { hears } = line();
    assert.deepEqual(hears(added), [{ type: 'createcall.done', operationId: 'op:ring' }]);
    assert.deepEqual(types(hears(roster(4, caller, party))), ['call.roster']);
    assert.deepEqual(hears(roster(6, caller)), [{ type: 'call.roster', participants: 1 }, left]);
    assert.deepEqual(types(hears(roster(7, caller))), ['call.roster'], 'once');
  });

  it('has gone just so where the roster with him came first', () => {
    const { hears } = line();
    hears(roster(4, caller, party));
    hears(added);
    assert.deepEqual(hears(roster(5, caller)).at(-1), left);
  });

  it('is not taken for gone by a roster of before he came, nor by one that is late', () => {
    const { hears } = line();
    hears(added);
    assert.deepEqual(types(hears(roster(1, caller))), ['call.roster']);
    hears(roster(5, caller, party));
    assert.deepEqual(types(hears(roster(2, caller))), ['call.roster']);
    assert.deepEqual(hears(roster(6, caller)).at(-1), left);
  });

  it('ends the call for the bot if it is the caller who leaves', () => {
    const { hears } = line();
    hears(added);
    hears(roster(2, caller, party));
    assert.deepEqual(hears(roster(3, party)).at(-1), { type: 'call.ended', reason: 'caller' });
  });

  it('is forgotten where he was not there', () => {
    const { hears, memory } = line({ invitation: 'i' });
    assert.deepEqual(types(hears(callback('AddParticipantFailed', { operationContext: 'op:ring', ...result(486, 560486) }))), ['createcall.busy']);
    assert.isNull(memory()['invitation']);
    assert.deepEqual(types(hears(roster(3, caller))), ['call.roster']);
  });
});

describe('azure recall: a caller who is recorded', () => {
  const recording = { operation: 'op', id: 'the-recording', startedAt: 50_000, contentType: 'audio/wav' };

  it('leaves what he has said when he hangs up', () => {
    assert.deepEqual(line({ recording }, 60_000).hears(callback('CallDisconnected', result(200, 540000))), [
      { type: 'record.done', by: 'hangup', operationId: 'op', recording: { ref: recordingRef('the-recording'), bytes: 0, contentType: 'audio/wav', lengthMs: 10_000 } },
      { type: 'call.ended', reason: 'caller' },
    ]);
  });

  it('leaves nothing where he hangs up at once', () => {
    assert.deepEqual(line({ recording }, 50_999).hears(callback('CallDisconnected', result(200, 540000))), [{ type: 'call.ended', reason: 'caller' }]);
  });

  it('leaves nothing once the recording has ended', () => {
    assert.deepEqual(types(line({ recording: null }).hears(callback('CallDisconnected'))), ['call.ended']);
  });

  it('is remembered by how the listening ended', () => {
    for (const [name, subCode, as] of [['RecognizeCompleted', 8569, 'finalsilence'], ['RecognizeCompleted', 8514, 'termchar'], ['RecognizeFailed', 8510, 'noinput'], ['RecognizeFailed', 8563, 'finalsilence'], ['RecognizeFailed', 8512, 'failed']] as const) {
      const { hears, memory } = line();
      hears(callback(name, { operationContext: 'op:listen', recognitionType: 'speech', speechResult: { speech: 'the 4711' }, dtmfResult: { tones: [] }, ...result(200, subCode) }));
      assert.deepEqual(memory()['listened'], { context: 'op:listen', as });
      assert.notInclude(JSON.stringify(memory()), '4711');
    }
  });
});

describe('azure recall: a caller who is handed on', () => {
  const taken = Symbol('the response'); // of the transfer, which may come later than its events
  const accepted: Json = callback('CallTransferAccepted', { operationContext: 'op', ...result(200, 0) });
  const refused = callback('CallTransferFailed', { operationContext: 'op', ...result(486, 560486) });
  const gone = callback('CallDisconnected', result(200, 540000));
  const reasonOf = (...told: readonly (Json | symbol)[]): unknown => {
    const at = line();
    const events = told.flatMap((one) => (typeof one === 'symbol' ? (at.remembers({ transfer: 'op' }), []) : at.hears(one)));
    return events.find((event) => event.type === 'call.ended')?.reason;
  };

  it('is with the other party, whichever is told first: that he was taken, or that the call is over; or only that', () => {
    for (const told of [[taken, accepted, gone], [taken, gone, accepted], [taken, gone]]) assert.equal(reasonOf(...told), 'transferred');
    assert.deepEqual(line({ transfer: 'op' }).hears(gone, accepted).map((event) => (event.type === 'call.ended' ? event.reason : event.type)), ['transferred', 'transfer.done'], 'in one request');
    for (const subCode of [7000, 7015, 5001]) assert.deepEqual(line({ transfer: 'op' }).hears(callback('CallDisconnected', result(200, subCode))), [{ type: 'call.ended', reason: 'transferred' }]);
  });

  it('is with the bot where nobody took him, however late the response is: then it is he who hangs up', () => {
    for (const told of [[taken, refused, gone], [refused, taken, gone]]) assert.equal(reasonOf(...told), 'caller');
  });

  it('is handed on once more, and that counts', () => {
    assert.deepEqual(line({ transfer: 'later', transferFailed: 'op' }).hears(gone), [{ type: 'call.ended', reason: 'transferred' }]);
  });
});

describe('azure recall: what was broken off', () => {
  it('is no outcome, since the end of the call comes after it: a caller who hangs up at a question is not asked again', () => {
    const { hears } = line();
    for (const name of ['PlayCanceled', 'RecognizeCanceled']) assert.deepEqual(hears(callback(name, { operationContext: 'op' })), []);
    assert.deepEqual(hears(callback('RecognizeFailed', { operationContext: 'op', ...result(400, 8510) })), [{ type: 'recognize.noinput', operationId: 'op' }]);
  });
});
