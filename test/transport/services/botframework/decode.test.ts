import { assert } from 'chai';
import type { CallInput } from 'callchart';
import { isCallError } from '../../../../src/errors.ts';
import { type BodyExtra, decodeBody } from '../../../../src/transport/services/botframework/decode.ts';
import { shapeOf } from '../../../../src/transport/services/botframework/wire.ts';

const caller = { identity: '8:mona', displayName: 'Mona', languageId: 'sv-SE', originator: true };
const bot = { identity: '28:kiosk', originator: false };
const incoming = { id: 'c1', participants: [caller, bot], presentedModalityTypes: ['audio'], callState: 'incoming' };
const result = (outcome: object, over: object = {}) => ({ id: 'c1', callState: 'established', operationOutcome: { id: 'op', outcome: 'success', ...outcome }, ...over });
const choice = (completionReason: string, choiceName?: string, outcome = choiceName ? 'success' : 'failure') =>
  result({ type: 'recognizeOutcome', outcome, choiceOutcome: { completionReason, choiceName } });
const digits = (completionReason: string, keyed?: string, outcome = keyed ? 'success' : 'failure') =>
  result({ type: 'recognizeOutcome', outcome, collectDigitsOutcome: { completionReason, digits: keyed } });
const record = (completionReason: string, seconds: number, over: object = {}) =>
  result({ type: 'recordOutcome', outcome: seconds > 0 ? 'success' : 'failure', completionReason, lengthOfRecordingInSecs: seconds }, over);
const events = (json: unknown, extra?: BodyExtra) => decodeBody(json, extra).events;
const recording = { ref: 'r1', bytes: 9, contentType: 'audio/wav' };
const kept = (lengthMs: number) => ({ ...recording, lengthMs });

describe('botframework decode: a call begins', () => {
  it('says who calls whom, by which name and in which language', () => {
    assert.deepEqual(events(incoming), [
      {
        type: 'call.incoming',
        call: { id: 'c1', from: '8:mona', to: '28:kiosk', name: 'Mona', language: 'sv-SE', direction: 'inbound', headers: { ismultiparty: 'false', modalities: 'audio' } },
      },
    ]);
  });

  for (const [identity, from] of [['4:+15550100', '+15550100'], ['4:112', '112'], ['4:anonymous', ''], ['Restricted', ''], ['8:anonymous.fan', '8:anonymous.fan'], ['4:ann', '4:ann']] as const)
    it(`takes ${identity} for ${from === '' ? 'a caller who withholds the number' : from}, as any service would have it`, () =>
      assert.nestedPropertyVal(events({ ...incoming, participants: [{ ...caller, identity }, bot] })[0], 'call.from', from));

  it('has one event id however often it is sent, since a call begins once', () => {
    assert.equal(decodeBody(incoming, { messageId: 'm1' }).eventId, 'incoming');
    assert.equal(decodeBody(incoming, { messageId: 'm2' }).eventId, 'incoming');
  });

  it('takes our own bot for the callee where several are in the call', () => {
    const call = { ...incoming, participants: [{ identity: '8:per', originator: false }, bot, { identity: '28:KIOSK-2', originator: false }, caller] };
    const to = (appIdentity?: string) => events(call, { appIdentity })[0];
    assert.nestedPropertyVal(to(), 'call.to', '28:kiosk');
    assert.nestedPropertyVal(to('kiosk-2'), 'call.to', '28:KIOSK-2');
  });

  it('hands a group call on with its thread and subject', () => {
    const [event] = events({ ...incoming, isMultiparty: true, threadId: '19:x', subject: 'Choir' });
    assert.nestedPropertyVal(event, 'call.conversation', '19:x');
    assert.deepNestedPropertyVal(event, 'call.headers', { ismultiparty: 'true', modalities: 'audio', subject: 'Choir' });
  });

  for (const [threadId, why] of [['c1', 'the call itself'], ['  ', 'blank'], [null, 'null']] as const)
    it(`names no conversation where the thread is ${why}`, () => assert.notNestedProperty(events({ ...incoming, threadId })[0], 'call.conversation'));

  for (const threadId of ['19:a\u0000b', '9'.repeat(201)])
    it(`refuses a thread of ${threadId.length} characters that no store could have as a key`, () => {
      assert.throws(() => decodeBody({ ...incoming, threadId }), /C-THREADID at threadId/);
    });

  const per = { identity: '8:per', displayName: ' ', languageId: 'nb-NO', originator: false };
  const participants = (...list: readonly object[]) => (events({ ...incoming, participants: list })[0] as { readonly call: CallInput }).call.participants;

  it('lists who is on the line where that is more than the caller and the bot, the caller first', () => {
    assert.deepEqual(participants(per, bot, caller), [
      { id: '8:mona', name: 'Mona', language: 'sv-SE', originator: true },
      { id: '28:kiosk' },
      { id: '8:per', language: 'nb-NO' },
    ]);
  });

  it('lists nobody where there are the caller and the bot alone, however often and in whatever case they are named', () => {
    assert.isUndefined(participants(caller, bot));
    assert.isUndefined(participants(caller, bot, { ...caller, identity: '8:MONA' }, { ...bot, identity: '28:Kiosk' }));
    assert.isUndefined(participants(caller));
    assert.notProperty((events(incoming)[0] as { readonly call: CallInput }).call, 'participants');
  });

  it('lists at most 50, the caller and the bot among them', () => {
    const choir = Array.from({ length: 80 }, (_, voice) => ({ identity: `8:voice-${voice}`, originator: false }));
    const listed = participants(...choir, bot, caller) ?? [];
    assert.lengthOf(listed, 50);
    assert.deepEqual(listed.slice(0, 3).map(({ id }) => id), ['8:mona', '28:kiosk', '8:voice-0']);
  });

  it('is over already when the caller gave up first', () => {
    assert.deepEqual(events({ ...incoming, callState: 'terminated' }), [{ type: 'call.ended', reason: 'caller' }]);
    assert.equal(decodeBody({ ...incoming, callState: 'terminated' }).eventId, 'terminated');
  });

  it('begins although its state and media are words of a later version', () => {
    assert.equal(events({ ...incoming, callState: 'parked', presentedModalityTypes: ['scent'] })[0]?.type, 'call.incoming');
  });
});

describe('botframework decode: an operation ended', () => {
  const of = { operationId: 'op' };

  for (const [json, expected] of [
    [choice('dtmfOptionMatched', 'tickets'), { type: 'recognize.input', input: { kind: 'choice', name: 'tickets' }, via: 'dtmf', ...of }],
    [choice('SpeechOptionMatched', 'tickets'), { type: 'recognize.input', input: { kind: 'choice', name: 'tickets' }, via: 'speech', ...of }],
    [choice('initialSilenceTimeout'), { type: 'recognize.noinput', ...of }],
    [choice('incorrectDtmf'), { type: 'recognize.nomatch', by: 'key', ...of }],
    [choice('interdigitTimeout'), { type: 'recognize.nomatch', by: 'interdigit', ...of }],
    [choice('temporarySystemFailure'), { type: 'recognize.failed', cause: 'system', ...of }],
    [choice('mumbled'), { type: 'recognize.failed', cause: 'unknown', ...of }],
    [digits('completedStopToneDetected', '12*'), { type: 'recognize.input', input: { kind: 'digits', digits: '12*', by: 'termchar' }, via: 'dtmf', ...of }],
    [digits('interdigitTimeout', '12'), { type: 'recognize.input', input: { kind: 'digits', digits: '12', by: 'interdigit' }, via: 'dtmf', ...of }],
    [digits('interdigitTimeout'), { type: 'recognize.noinput', ...of }],
    [digits('initialSilenceTimeout'), { type: 'recognize.noinput', ...of }],
    [record('initialSilenceTimeout', 0), { type: 'record.noinput', ...of }],
    [record('temporarySystemFailure', 0), { type: 'record.failed', cause: 'system', ...of }],
    [record('mumbled', 1), { type: 'record.failed', cause: 'unknown', ...of }],
  ] as const) {
    const { choiceOutcome, collectDigitsOutcome, completionReason } = json.operationOutcome as { choiceOutcome?: { completionReason: string }; collectDigitsOutcome?: { completionReason: string }; completionReason?: string };
    const asked = choiceOutcome ? 'a choice' : collectDigitsOutcome ? 'digits' : 'a recording';
    it(`${asked} with ${(choiceOutcome ?? collectDigitsOutcome)?.completionReason ?? completionReason} is ${expected.type}`, () => {
      assert.deepEqual(events(json), [expected]);
    });
  }

  for (const [reason, by] of [['maxRecordingTimeout', 'maxspeech'], ['completedSilenceDetected', 'finalsilence'], ['completedStopToneDetected', 'termchar']] as const) {
    it(`a recording that ends by ${by} keeps what was said`, () => {
      assert.deepEqual(events(record(reason, 13.25), { recording }), [{ type: 'record.done', by, recording: kept(13_250), ...of }]);
    });
  }

  it('a caller who hangs up while speaking is still recorded, then the call is over', () => {
    const json = record('callTerminated', 2, { callState: 'terminated' });
    assert.deepEqual(events(json, { recording }), [{ type: 'record.done', by: 'hangup', recording: kept(2000), ...of }, { type: 'call.ended', reason: 'caller' }]);
  });

  it('a caller who hangs up before a word, key or phrase leaves only the end of the call', () => {
    for (const json of [record('callTerminated', 0), choice('callTerminated'), digits('callTerminated')]) {
      assert.deepEqual(events(json), [{ type: 'call.ended', reason: 'caller' }]);
    }
  });

  it('a recording in bare JSON is known by its length alone', () => {
    const json = result({ type: 'recordOutcome', completionReason: 'completedSilenceDetected', lengthOfRecordingInSecs: 1, format: 'mp3' });
    assert.deepNestedPropertyVal(events(json)[0], 'recording', { ref: '', bytes: 0, contentType: 'audio/mpeg', lengthMs: 1000 });
  });

  it('tells the failure in the service\'s own word, and no word where there is none', () => {
    assert.deepEqual(events(result({ type: 'playPromptOutcome', outcome: 'failure', failureReason: 'NoSuchFile' })), [{ type: 'play.failed', reason: 'NoSuchFile', ...of }]);
    assert.deepEqual(events(result({ type: 'playPromptOutcome', failureReason: '' })), [{ type: 'play.done', ...of }]);
  });

  it('a refused workflow says which rule the service holds against it', () => {
    assert.deepEqual(events(result({ type: 'worfklowValidationOutcome', outcome: 'failure', failureReason: 'Too long.' })), [
      { type: 'batch.refused', operationId: 'op', reason: 'Too long.' },
    ]);
  });

  for (const [type, outcome, reason] of [
    ['hangupOutcome', 'success', 'bot'],
    ['hangupOutcome', 'failure', 'caller'],
    ['rejectOutcome', 'success', 'rejected'],
    ['transferOutcome', 'success', 'transferred'],
    ['transferOutcome', 'failure', 'caller'],
    ['playPromptOutcome', 'failure', 'caller'],
  ] as const) {
    it(`${type} (${outcome}) on a line that is gone ends the call once: ${reason}`, () => {
      const told = events(result({ type, outcome }, { callState: 'terminated' }));
      assert.lengthOf(told, 2);
      assert.deepEqual(told[1], { type: 'call.ended', reason });
    });
  }

  it('bears the message id of the request, else the operation it is about', () => {
    assert.equal(decodeBody(choice('incorrectDtmf'), { messageId: 'm7' }).eventId, 'm7');
    assert.equal(decodeBody(choice('incorrectDtmf'), { messageId: ' ' }).eventId, 'recognizeOutcome:op');
  });

  it('hands back the appState', () => {
    assert.equal(decodeBody({ ...choice('incorrectDtmf'), appState: 'ours' }).appState, 'ours');
  });
});

describe('botframework decode: the line changed', () => {
  it('is told with its new state, and as the end when that is the end', () => {
    assert.deepEqual(decodeBody({ type: 'callStateChange', id: 'c1', currentState: 'hold' }), { callId: 'c1', eventId: 'callStateChange:hold', events: [{ type: 'call.state', state: 'hold' }] });
    assert.deepEqual(events({ type: 'callStateChange', id: 'c1', currentState: 'terminated' }), [{ type: 'call.ended', reason: 'caller' }]);
  });

  it('counts people in a roster, not their streams', () => {
    const stream = (identity: string) => ({ identity, mediaType: 'audio', mediaStreamDirection: 'send' });
    assert.deepEqual(events({ type: 'rosterUpdate', id: 'c1', participants: [stream('8:a'), stream('8:A'), stream('8:b')] }), [{ type: 'call.roster', participants: 2 }]);
  });
});

describe('botframework decode: a body that is refused', () => {
  const refusal = (json: unknown) => {
    try {
      decodeBody(json);
    } catch (error) {
      if (isCallError(error) && error.code === 'ERR_EVENT_MALFORMED') return error;
      throw error;
    }
    throw new Error('it was taken');
  };

  it('names the first broken rule and every place', () => {
    const { details } = refusal({ ...incoming, id: ' ', participants: [caller, { identity: '8:x' }] });
    assert.deepEqual(details, { rule: 'C-ID', paths: ['id', 'participants.1.originator'] });
    assert.deepEqual(refusal(choice('dtmfOptionMatched', ' ', 'success')).details, { rule: 'O-CHOICE', paths: ['operationOutcome.choiceOutcome.choiceName'] });
  });

  it('never shows what the caller keyed or is called', () => {
    for (const json of [digits('completedStopToneDetected', '4711x'), { ...incoming, participants: [{ ...caller, displayName: ['4711x'] }] }]) {
      const error = refusal(json);
      assert.notInclude(JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: error.cause }), '4711');
    }
  });

  it('is refused when an id is one that a store cannot hold', () => {
    for (const id of ['a\u0000b', 'x'.repeat(201), '\ud800', '\n']) assert.equal(refusal({ ...incoming, id }).details.rule, 'C-ID');
  });

  it('is no object: H-JSON', () => {
    for (const json of [null, undefined, [], 'x', 1, true]) assert.equal(refusal(json).details.rule, 'H-JSON');
  });
});

describe('botframework decode: which shape a body is', () => {
  it('is told by the fields that only one shape has', () => {
    assert.equal(shapeOf(incoming), 'conversation');
    assert.equal(shapeOf({ id: 'c1', participants: [] }), 'conversation');
    assert.equal(shapeOf({ id: 'c1', callState: 'established' }), 'conversationResult');
    assert.equal(shapeOf({ ...incoming, type: 'callStateChange', currentState: 'hold' }), 'notification');
    assert.equal(shapeOf({ type: 'weather' }), 'notification');
    assert.equal(shapeOf({ ...incoming, type: 'a field of a later version' }), 'conversation');
  });
});
