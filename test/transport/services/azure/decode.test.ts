import { assert } from 'chai';
import { isCallError } from '../../../../src/errors.ts';
import { readQuery } from '../../../../src/transport/services/azure/callback.ts';
import { decodeBody, recordingRef } from '../../../../src/transport/services/azure/decode.ts';
import { callback, incomingCall, phone, result } from './requests.ts';
import { connection, type Json } from './resource.ts';

const told = (json: unknown, query = '?call=call-1') => decodeBody(json, readQuery(query));
const events = (name: string, data: Json = {}, query?: string) => told([callback(name, { operationContext: 'op', ...data })], query).arrivals.flatMap((arrival) => arrival.events);
const op = { operationId: 'op' };
const keyed = (digits: string, by: 'termchar' | 'interdigit' = 'interdigit') => [{ type: 'recognize.input', input: { kind: 'digits', digits, by }, via: 'dtmf', ...op }];
const tones = (...names: readonly string[]): Json => ({ recognitionType: 'dtmf', dtmfResult: { tones: names } });

describe('azure decode: a call comes in', () => {
  it('says who calls whom, as numbers', () => {
    const { arrivals } = told([incomingCall()], '?secret=s');
    assert.lengthOf(arrivals, 1);
    const [{ callId, eventId, events: happened, memory }] = arrivals as [(typeof arrivals)[number]];
    assert.match(callId, /^correlation-1\.[\w-]{6}$/);
    assert.equal(eventId, 'incoming');
    assert.deepEqual(happened, [{ type: 'call.incoming', call: { id: callId, from: '+15550100001', to: '+15550100099', direction: 'inbound', headers: {} } }]);
    assert.deepEqual(memory, { incoming: 'token-of-the-call', caller: '4:+15550100001' });
  });

  it('is the same event however often and in whichever schema it is told', () => {
    const cloud = { ...incomingCall(), type: 'Microsoft.Communication.IncomingCall', eventType: undefined, specversion: '1.0', id: 'another' };
    assert.deepEqual(told(cloud, '?secret=s'), told([incomingCall()], '?secret=s'));
  });

  it('is another call at another callee of the same resource', () => {
    const [one, other] = [incomingCall(), incomingCall({ to: phone('+15550100098') })].map((event) => told([event], '?secret=s').arrivals[0]?.callId);
    assert.notEqual(one, other);
  });

  it('has the headers and the name that came along, and no number where it is withheld', () => {
    const event = incomingCall({ from: { rawId: '4:anonymous', kind: 'phoneNumber', phoneNumber: { value: 'anonymous' } }, callerDisplayName: ' Mona ', customContext: { sipHeaders: { 'X-MS-Custom-Ticket': '7' }, voipHeaders: { Ticket: 8 } } });
    const [happened] = told([event], '?secret=s').arrivals[0]?.events ?? [];
    assert.deepInclude((happened as { readonly call: object }).call, { from: '', name: 'Mona', headers: { 'x-ms-custom-ticket': '7' } });
  });

  it('is not believed of whoever holds a token of a call, but callbacks are not believed of Event Grid', () => {
    assert.deepEqual(told([callback('CallDisconnected')], '?secret=s'), { arrivals: [], unknown: ['Microsoft.Communication.CallDisconnected'], files: [] });
  });
});

describe('azure decode: a call that was placed', () => {
  const query = '?call=call-1&to=%2B15550100002&from=%2B15550100099';

  it('begins for its bot when it is answered', () => {
    const [arrival] = told([callback('CallConnected', { operationContext: 'call-1' })], query).arrivals;
    assert.deepEqual(arrival, {
      callId: 'call-1', eventId: 'incoming', memory: { connection, incoming: null, caller: '4:+15550100002' },
      events: [{ type: 'call.incoming', call: { id: 'call-1', from: '+15550100099', to: '+15550100002', direction: 'outbound', headers: {} } }],
    });
  });

  it('says that nobody knows who answers, where that was asked', () => {
    const [happened] = told([callback('CallConnected')], `${query}&listens=1`).arrivals[0]?.events ?? [];
    assert.deepInclude((happened as { readonly call: object }).call, { answeredBy: 'unknown' });
  });

  for (const [code, subCode, why] of [[486, 560486, 'busy'], [600, 560600, 'busy'], [480, 10037, 'noanswer'], [408, 10057, 'noanswer'], [487, 540487, 'cancelled'], [200, 560486, 'busy'], [404, 560404, 'failed'], [500, 7000, 'failed']] as const) {
    it(`did not come about (${code}/${subCode}): ${why}`, () => {
      const [arrival] = told([callback('CreateCallFailed', result(code, subCode))], query).arrivals;
      assert.deepEqual(arrival, { callId: 'call-1', eventId: 'unanswered', events: [], unanswered: why });
    });
  }
});

describe('azure decode: what became of an operation', () => {
  it('is told of the call that our address names, or of its connection', () => {
    assert.equal(told([callback('PlayCompleted')]).arrivals[0]?.callId, 'call-1');
    assert.equal(told([callback('PlayCompleted')], '').arrivals[0]?.callId, connection);
  });

  it('bears the operation of its context, or none', () => {
    assert.deepEqual(events('PlayCompleted', result(200, 0)), [{ type: 'play.done', ...op }]);
    assert.deepEqual(events('PlayCompleted', { operationContext: null }), [{ type: 'play.done', operationId: '' }]);
  });

  for (const [name, data, expected] of [
    ['CallConnected', {}, [{ type: 'answer.done', ...op }]],
    ['AnswerFailed', result(500, 7000), [{ type: 'answer.failed', ...op, reason: '500/7000' }]],
    ['PlayFailed', result(400, 8536), [{ type: 'play.failed', ...op, reason: '400/8536' }]],
    ['PlayFailed', {}, [{ type: 'play.failed', ...op }]],
    ['PlayCanceled', {}, [{ type: 'play.failed', ...op, reason: 'canceled' }]],
    ['RecognizeCanceled', {}, [{ type: 'recognize.failed', cause: 'unknown', ...op, reason: 'canceled' }]],
    ['CallTransferAccepted', result(200, 7015), [{ type: 'transfer.done', ...op }]],
    ['CallTransferFailed', result(486, 560486), [{ type: 'transfer.busy', ...op, reason: '486/560486' }]],
    ['CallTransferFailed', result(480, 10076), [{ type: 'transfer.noanswer', ...op, reason: '480/10076' }]],
    ['CallTransferFailed', result(487, 0), [{ type: 'transfer.failed', ...op, reason: '487/0' }]],
    ['AddParticipantFailed', result(603, 10104), [{ type: 'createcall.failed', ...op, reason: '603/10104' }]],
    ['AddParticipantFailed', result(408, 0), [{ type: 'createcall.noanswer', ...op, reason: '408/0' }]],
    ['HoldFailed', result(400, 8536), [{ type: 'hold.failed', ...op, reason: '400/8536' }]],
    ['RecognizeFailed', result(400, 8510), [{ type: 'recognize.noinput', ...op }]],
    ['RecognizeFailed', result(400, 8532), [{ type: 'recognize.nomatch', by: 'interdigit', ...op }]],
    ['RecognizeFailed', { ...result(400, 8532), ...tones('one', 'two') }, keyed('12')],
    ['RecognizeFailed', result(500, 8534), [{ type: 'recognize.nomatch', by: 'key', ...op }]],
    ['RecognizeFailed', result(400, 8547), [{ type: 'recognize.nomatch', by: 'speech', ...op }]],
    ['RecognizeFailed', result(400, 8563), [{ type: 'recognize.nomatch', by: 'speech', ...op }]],
    ['RecognizeFailed', result(500, 8511), [{ type: 'play.failed', ...op, reason: '500/8511' }]],
    ['RecognizeFailed', result(400, 8535), [{ type: 'play.failed', ...op, reason: '400/8535' }]],
    ['RecognizeFailed', result(400, 8582), [{ type: 'play.failed', ...op, reason: '400/8582' }]],
    ['RecognizeFailed', { ...result(401, 8565), failedPlaySourceIndex: 0 }, [{ type: 'play.failed', ...op, reason: '401/8565' }]],
    ['RecognizeFailed', result(401, 8565), [{ type: 'recognize.failed', cause: 'system', ...op, reason: '401/8565' }]],
    ['RecognizeFailed', result(500, 9999), [{ type: 'recognize.failed', cause: 'unknown', ...op, reason: '500/9999' }]],
    ['RecognizeFailed', {}, [{ type: 'recognize.failed', cause: 'unknown', ...op }]],
    ['RecognizeCompleted', { ...result(200, 8531), ...tones('four', 'zero', 'asterisk', 'd') }, keyed('40*D')],
    ['RecognizeCompleted', { ...result(400, 8532), ...tones('four') }, keyed('4')],
    ['RecognizeCompleted', { ...result(400, 8532), ...tones() }, [{ type: 'recognize.nomatch', by: 'interdigit', ...op }]],
    ['RecognizeCompleted', { ...result(200, 8531), recognitionType: 'dtmf', collectTonesResult: { tones: ['one'] } }, keyed('1')],
    ['RecognizeCompleted', { ...result(200, 8545), recognitionType: 'choices', choiceResult: { label: 'sales', recognizedPhrase: 'first' } }, [{ type: 'recognize.input', input: { kind: 'choice', name: 'sales' }, via: 'speech', ...op }]],
    ['RecognizeCompleted', { ...result(200, 8533), recognitionType: 'choices', choiceResult: { label: 'sales' } }, [{ type: 'recognize.input', input: { kind: 'choice', name: 'sales' }, via: 'dtmf', ...op }]],
    ['RecognizeCompleted', { recognitionType: 'choices', choiceResult: { label: 'sales' } }, [{ type: 'recognize.input', input: { kind: 'choice', name: 'sales' }, via: 'dtmf', ...op }]],
    ['RecognizeCompleted', { ...result(200, 8569), recognitionType: 'speech', speechResult: { speech: 'to Oslo', confidence: 0.5 } }, [{ type: 'recognize.input', input: { kind: 'phrase', phrase: 'to Oslo', confidence: 0.5 }, via: 'speech', ...op }]],
    ['RecognizeCompleted', { ...result(200, 8569), recognitionType: 'speech', speechResult: { speech: ' ' } }, [{ type: 'recognize.noinput', ...op }]],
    ['RecognizeCompleted', { ...result(200, 8600), recognitionType: 'gesture' }, [{ type: 'recognize.failed', cause: 'unknown', ...op }]],
  ] as const) {
    const { code, subCode } = ((data as Json)['resultInformation'] ?? {}) as { readonly code?: number; readonly subCode?: number };
    it(`${name}${code === undefined ? '' : ` ${code}/${subCode}`} reads as ${expected[0]?.type}`, () => assert.deepEqual(events(name, data as Json), expected as readonly object[] as never));
  }

  it('takes the key that ended digits off them, whether the service counts it or not', () => {
    const stopped = { ...result(200, 8514), ...tones('one', 'two', 'pound') };
    const query = (stop: string) => `?call=call-1&stop=${encodeURIComponent(stop)}`;
    assert.deepEqual(events('RecognizeCompleted', stopped, query('#')), keyed('12', 'termchar'));
    assert.deepEqual(events('RecognizeCompleted', { ...stopped, ...tones('one', 'two') }, query('#')), keyed('12', 'termchar'));
    assert.deepEqual(events('RecognizeCompleted', { ...stopped, ...tones('one', 'asterisk') }, query('#')), keyed('1*', 'termchar'));
    assert.deepEqual(events('RecognizeCompleted', { ...stopped, ...tones('one', 'nine') }, query('9#')), keyed('1', 'termchar'));
    assert.deepEqual(events('RecognizeCompleted', stopped, ''), keyed('12', 'termchar'));
    assert.deepEqual(events('RecognizeCompleted', { ...stopped, ...tones('pound') }, query('#')), keyed('', 'termchar'));
  });

  it('never depends on a message, nor tells it', () => {
    const [plain, odd] = ['Action failed, initial silence timeout reached.', 'max digits received 4711'].map((message) => events('RecognizeFailed', { resultInformation: { code: 400, subCode: 8510, message } }));
    assert.deepEqual(plain, odd);
    assert.notInclude(JSON.stringify(events('PlayFailed', result(400, 8536))), '4711');
  });
});

describe('azure decode: the line', () => {
  for (const [subCode, reason] of [[7000, undefined], [7015, 'transferred'], [5000, 'service'], [5300, 'service'], [5001, 'caller'], [540000, 'caller'], [560000, 'caller'], [510403, undefined], [undefined, undefined]] as const) {
    it(`has ended (${subCode ?? 'no code'}): ${reason ?? 'whoever it was left to'}`, () => {
      assert.deepEqual(events('CallDisconnected', subCode === undefined ? {} : result(200, subCode)), [{ type: 'call.ended', ...(reason !== undefined && { reason }) }]);
    });
  }

  const roster = (sequenceNumber: number, ...numbers: readonly string[]): Json => ({ sequenceNumber, participants: numbers.map((number) => ({ identifier: phone(number), isMuted: false, isOnHold: false })) });

  it('tells who is on it, once for each number of the roster', () => {
    const [one, again] = [callback('ParticipantsUpdated', roster(3, '+15550100001', '+15550100002', '+15550100002')), callback('ParticipantsUpdated', roster(3, '+15550100001', '+15550100002'))].map((event) => told([event]).arrivals[0]);
    assert.equal(one?.eventId, 'roster:3');
    assert.deepEqual(one?.events, [{ type: 'call.roster', participants: 2 }]);
    assert.deepEqual(again, one);
  });

  it('tells of several calls in one body, each in the order of its events', () => {
    const body = [callback('PlayCompleted', { operationContext: 'a', callConnectionId: 'c1' }, { id: 'e1' }), callback('CallConnected', { operationContext: 'b', callConnectionId: 'c2' }, { id: 'e2' }), callback('CallDisconnected', { callConnectionId: 'c1' }, { id: 'e3' })];
    const { arrivals } = told(body, '');
    assert.deepEqual(arrivals.map(({ callId, eventId, events: happened }) => [callId, eventId, happened.map(({ type }) => type)]), [['c1', 'e1 e3', ['play.done', 'call.ended']], ['c2', 'e2', ['answer.done']]]);
    assert.deepEqual(arrivals[1]?.memory, { connection: 'c2', incoming: null });
  });

  for (const name of ['PlayStarted', 'RecordingStateChanged', 'StartRecordingFailed', 'SendDtmfTonesCompleted', 'SendDtmfTonesFailed', 'ContinuousDtmfRecognitionStopped', 'MediaStreamingFailed', 'TranscriptionUpdated', 'RemoveParticipantSucceeded', 'CancelAddParticipantFailed', 'MoveParticipantSucceeded', 'HoldAudioStarted', 'ConnectFailed', 'AddParticipantSucceeded']) {
    it(`tells nobody of ${name}`, () => assert.deepEqual(events(name, { participant: phone('+15550100002') }), []));
  }

  it('names what it does not know, and takes what it knows beside it', () => {
    const { arrivals, unknown } = told([{ type: 'Microsoft.Communication.SomethingNewStarted' }, callback('PlayCompleted'), { type: 'Microsoft.Communication.toString', id: 'x' }]);
    assert.deepEqual(unknown, ['Microsoft.Communication.SomethingNewStarted', 'Microsoft.Communication.toString']);
    assert.lengthOf(arrivals, 1);
  });
});

describe('azure decode: the file of a recording', () => {
  const event = (chunks: readonly Json[], subject = '/recording/call/x/serverCallId/y/recordingId/the-recording'): Json => ({
    id: 'f1', subject, eventType: 'Microsoft.Communication.RecordingFileStatusUpdated', data: { recordingStorageInfo: { recordingChunks: chunks }, recordingDurationMs: 6_620 },
  });
  const chunk = (index: number): Json => ({ documentId: 'd', index, contentLocation: `https://x.asm.skype.com/v1/objects/${index}/content/audio` });

  it('is called what the end of the recording called it', () => {
    assert.deepEqual(told([event([chunk(0)])], '?secret=s').files, [{ ref: recordingRef('the-recording'), location: 'https://x.asm.skype.com/v1/objects/0/content/audio', lengthMs: 6_620 }]);
    assert.match(recordingRef('the-recording'), /^[\w-]{1,128}$/);
  });

  it('may be several, in order', () => {
    assert.deepEqual(told([event([chunk(1), chunk(0)])], '?secret=s').files.map(({ ref, location }) => [ref.slice(43), location.at(-15)]), [['', '0'], ['-1', '1']]);
  });
});

describe('azure decode: a body that is refused', () => {
  const refusal = (json: unknown, query?: string) => {
    try {
      told(json, query);
    } catch (error) {
      if (isCallError(error) && error.code === 'ERR_EVENT_MALFORMED') return error;
      throw error;
    }
    throw new Error('it was taken');
  };

  it('names the first broken rule and every place', () => {
    const event = callback('ParticipantsUpdated', { participants: [{ identifier: { rawId: ' ' } }], callConnectionId: 7 });
    assert.deepEqual(refusal([callback('PlayCompleted'), event]).details, { rule: 'E-CALL', paths: ['1.data.callConnectionId', '1.data.participants.0.identifier.rawId', '1.data.sequenceNumber'] });
    assert.deepEqual(refusal(event).details.paths[0], 'data.callConnectionId');
  });

  it('never shows what the caller keyed or said', () => {
    const error = refusal([callback('RecognizeCompleted', { recognitionType: 'dtmf', dtmfResult: { tones: ['4711'] }, speechResult: 'the 4711' })]);
    assert.notInclude(JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: error.cause }), '4711');
  });

  it('is refused where the id of its call is one that a store cannot hold', () => {
    for (const query of ['?call=', '?call=%00', `?call=${'x'.repeat(201)}`]) assert.equal(refusal([callback('PlayCompleted')], query).details.rule, 'E-CALL');
  });
});
