import { assert } from 'chai';
import { callMachine, createcall, hangup, prompt, raw, recognize, record, transfer } from 'callchart';
import { memoryStore } from 'callchart/transport';
import acme from '../../../../examples/acme/bot.ts';
import { until } from '../../rig.ts';
import { recordingRef } from '../../../../src/transport/services/azure/decode.ts';
import { azureLine, type AzureLine, saidIn, secret } from './line.ts';
import { callback, incomingCall, phone, result } from './requests.ts';
import type { Json, Requested } from './resource.ts';

let line: AzureLine | undefined;
const open = async (...args: Parameters<typeof azureLine>): Promise<AzureLine> => (line = await azureLine(...args));

const keyed = (label: string): Json => ({ ...result(200, 8533), recognitionType: 'choices', choiceResult: { label } });
const ended = (at: AzureLine) => at.lines.find(({ message }) => message === 'call ended');

/** Rings, and waits for the answer. */
const answered = async (at: AzureLine, nth = 1) => {
  assert.equal(await at.rings(), 200);
  const answer = await at.server.request(nth);
  assert.equal(answer.asks, 'answer');
  return { answer, call: at.call(answer) };
};

describe('azure: whole calls', () => {
  afterEach(async () => {
    await line?.close();
    line = undefined;
  });

  it('Acme greets, hears a key, says goodbye to the end, and hangs up', async () => {
    const at = await open(acme);
    const { answer, call } = await answered(at);
    assert.deepInclude(answer.body, { incomingCallContext: 'token-of-the-call', callIntelligenceOptions: { cognitiveServicesEndpoint: 'https://ai.example/' } });
    assert.equal(await call.ends(answer, 'CallConnected', result(200, 0)), 200);
    const menu = await at.server.request(2);
    assert.equal(menu.asks, 'recognize');
    assert.include(saidIn(menu), 'Welcome to Acme');
    assert.equal(await call.ends(menu, 'RecognizeCompleted', keyed('support')), 200);
    const bye = await at.server.request(3);
    assert.include(saidIn(bye), 'Support will call you back');
    assert.lengthOf(at.server.requests, 3, 'nobody is cut off');
    await call.ends(bye, 'PlayStarted');
    await call.ends(bye, 'PlayCompleted', result(200, 0));
    assert.equal((await at.server.request(4)).asks, 'terminate');
    assert.equal(await call.ends(answer, 'CallDisconnected', result(200, 7000)), 200);
  });

  it('silence asks again, three times, and then it is over', async () => {
    const at = await open(acme);
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    for (const nth of [2, 3, 4]) {
      const menu = await at.server.request(nth);
      assert.equal(menu.asks, 'recognize');
      await call.ends(menu, 'RecognizeFailed', result(400, 8510));
    }
    const bye = await at.server.request(5);
    assert.include(saidIn(bye), 'Goodbye');
    await call.ends(bye, 'PlayCompleted');
    assert.equal((await at.server.request(6)).asks, 'terminate');
  });

  it('a roster before the connection, and events again under new ids, change nothing', async () => {
    const at = await open(acme);
    const { answer, call } = await answered(at);
    assert.equal(await at.rings(), 200, 'Event Grid asks again');
    const roster = () => callback('ParticipantsUpdated', { sequenceNumber: 1, participants: [{ identifier: phone('+15550100001') }] });
    assert.equal(await call.tells(roster(), roster()), 200);
    await call.ends(answer, 'CallConnected');
    await call.ends(answer, 'CallConnected');
    const menu = await at.server.request(2);
    await call.ends(menu, 'RecognizeCompleted', keyed('sales'));
    await call.ends(menu, 'RecognizeCompleted', keyed('support'));
    const bye = await at.server.request(3);
    assert.include(saidIn(bye), 'Sales');
    await call.ends(bye, 'PlayCompleted');
    await at.server.request(4);
    assert.deepEqual(at.server.requests.map(({ asks }) => asks), ['answer', 'recognize', 'play', 'terminate']);
  });

  it('a connection that is told before the answer to the answer is waited for by nobody', async () => {
    const at = await open(acme);
    at.server.answers(async (requested) => {
      if (requested.asks === 'answer') await at.call(requested).ends(requested, 'CallConnected');
      return undefined;
    });
    await answered(at);
    assert.equal((await at.server.request(2)).asks, 'recognize');
    assert.lengthOf(at.server.requests, 2);
  });

  it('a caller who hangs up in the middle is asked nothing more', async () => {
    const at = await open(acme);
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    const menu = await at.server.request(2);
    assert.equal(await call.ends(answer, 'CallDisconnected', result(200, 540000)), 200);
    assert.equal(await call.ends(menu, 'RecognizeCompleted', keyed('sales')), 200, 'late');
    assert.lengthOf(at.server.requests, 2);
  });

  it('a request that the service refuses in the middle of a batch is the failure of its action', async () => {
    const bot = callMachine('told', {
      initial: 'menu',
      states: { menu: recognize({ prompt: 'One or two?', choices: { one: '1' }, on: { one: 'menu', failed: 'sorry', exhausted: 'sorry' } }), sorry: hangup('Out of order.') },
    });
    const at = await open(bot);
    at.server.answers(({ asks }) => (asks === 'recognize' ? { status: 500, body: { error: { code: '8500', message: 'about 4711' } } } : undefined));
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    const sorry = await at.server.request(3);
    assert.equal(sorry.asks, 'play');
    assert.include(saidIn(sorry), 'Out of order');
    assert.notInclude(JSON.stringify(at.lines), '4711');
  });

  it('a call that the service knows no more is over', async () => {
    const at = await open(acme);
    at.server.answers(({ asks }) => (asks === 'recognize' ? { status: 404, body: { error: { code: '8522', message: 'Call not found.' } } } : undefined));
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    await at.server.request(2);
    await until(() => ended(at) !== undefined);
    assert.lengthOf(at.server.requests, 2);
  });

  it('a caller who is handed on is, though the service tells first, or only, that the call is over', async () => {
    const store = memoryStore();
    const at = await open(callMachine('through', { initial: 'on', states: { on: transfer({ to: '+15550100002', on: { failed: 'bye' } }), bye: hangup('Goodbye.') } }), { store });
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    assert.equal((await at.server.request(2)).asks, 'transferToParticipant');
    const key = `azure:${new URL(call.address).searchParams.get('call')}`;
    await until(async () => (await store.load(key))?.text.includes('"transfer":"') === true); // the service took it
    await call.ends(answer, 'CallDisconnected', result(200, 540000));
    await until(() => ended(at) !== undefined);
    assert.equal(ended(at)?.['reason'], 'transferred');
  });

  it('a caller is handed on, and what comes after is no concern of the bot', async () => {
    const bot = callMachine('hands', { initial: 'on', states: { on: transfer({ to: '+15550100002', on: { failed: 'sorry', busy: 'sorry', noanswer: 'sorry' } }), sorry: hangup('Nobody is there.') } });
    const at = await open(bot);
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    const handed = await at.server.request(2);
    assert.equal(handed.asks, 'transferToParticipant');
    await call.ends(handed, 'CallTransferFailed', { resultInformation: { code: 486, subCode: 560486, sipDetails: { code: 486 } } });
    assert.include(saidIn(await at.server.request(3)), 'Nobody is there');
  });

  it('somebody is rung in, and the caller comes back when he has gone', async () => {
    const bot = callMachine('joins', {
      initial: 'ring',
      states: { ring: createcall({ to: '+15550100002', on: { done: 'back', busy: 'back', noanswer: 'back', failed: 'back' } }), back: hangup('Welcome back.') },
    });
    const at = await open(bot);
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    const ring = await at.server.request(2);
    assert.equal(ring.asks, 'participants:add');
    const roster = (sequenceNumber: number, ...numbers: readonly string[]) => call.tells(callback('ParticipantsUpdated', { sequenceNumber, participants: numbers.map((number) => ({ identifier: phone(number) })) }));
    await call.ends(ring, 'AddParticipantSucceeded', { participant: phone('+15550100002'), ...result(200, 0) });
    await roster(2, '+15550100001', '+15550100002');
    assert.lengthOf(at.server.requests, 2);
    await roster(3, '+15550100001');
    assert.include(saidIn(await at.server.request(3)), 'Welcome back');
  });

  it('somebody who was rung in is not left alone on the line when the caller hangs up', async () => {
    const bot = callMachine('joins', { initial: 'ring', states: { ring: createcall({ to: '+15550100002', on: { done: 'back', busy: 'back', noanswer: 'back', failed: 'back' } }), back: hangup('Welcome back.') } });
    const at = await open(bot);
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    const ring = await at.server.request(2);
    const roster = (sequenceNumber: number, ...numbers: readonly string[]) => call.tells(callback('ParticipantsUpdated', { sequenceNumber, participants: numbers.map((number) => ({ identifier: phone(number) })) }));
    await call.ends(ring, 'AddParticipantSucceeded', { participant: phone('+15550100002'), ...result(200, 0) });
    await roster(2, '+15550100001', '+15550100002');
    await roster(3, '+15550100002');
    assert.equal((await at.server.request(3)).asks, 'terminate');
    assert.deepInclude(ended(at), { reason: 'caller' });
    assert.equal(await call.ends(answer, 'CallDisconnected', result(200, 7000)), 200);
    assert.lengthOf(at.server.requests, 3);
  });

  it('does what only this service does, and hears how that ended', async () => {
    const bot = callMachine('adds', {
      initial: 'tones',
      states: {
        tones: raw('azure', { verb: 'sendDtmfTones', attributes: { tones: '12#' }, on: { sent: 'add', failed: 'sorry' } }),
        add: raw('azure', { verb: 'addParticipant', attributes: { participant: '+15550100002', sourceCallerIdNumber: '+15550100099' }, on: { added: 'tape', declined: 'sorry', failed: 'sorry' } }),
        tape: raw('azure', { verb: 'startRecording', on: { started: 'bye', failed: 'sorry' } }),
        bye: hangup('All done.'),
        sorry: hangup('Out of order.'),
      },
    });
    const at = await open(bot);
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    const tones = await at.server.request(2);
    assert.deepInclude(tones.body, { tones: ['one', 'two', 'pound'] });
    await call.ends(tones, 'SendDtmfTonesCompleted', result(200, 0));
    const add = await at.server.request(3);
    assert.equal(add.asks, 'participants:add');
    await call.ends(add, 'AddParticipantSucceeded', { participant: phone('+15550100002'), ...result(200, 0) });
    assert.equal((await at.server.request(4)).asks, 'startRecording');
    assert.include(saidIn(await at.server.request(5)), 'All done');
  });

  describe('a message is recorded', () => {
    const bot = callMachine('voicemail', {
      initial: 'message',
      states: {
        message: record({ prompt: 'Speak after the tone.', maxMs: 60_000, on: { done: 'thanks', exhausted: 'bye' } }),
        thanks: hangup('Thank you.'),
        bye: hangup('Goodbye.'),
      },
    });
    const begun = async (at: AzureLine) => {
      const { answer, call } = await answered(at);
      await call.ends(answer, 'CallConnected');
      const asked = await at.server.request(2);
      assert.include(saidIn(asked), 'Speak');
      await call.ends(asked, 'PlayCompleted');
      const [start, listen] = [await at.server.request(3), await at.server.request(4)] as readonly [Requested, Requested];
      assert.deepEqual([start.asks, listen.asks], ['startRecording', 'recognize']);
      return { answer, call, listen };
    };

    it('until its speaker is silent', async () => {
      const at = await open(bot);
      const { call, listen } = await begun(at);
      await call.ends(listen, 'RecognizeCompleted', { ...result(200, 8569), recognitionType: 'speech', speechResult: { speech: 'call me at 4711' } });
      assert.equal((await at.server.request(5)).asks, 'stopRecording');
      assert.include(saidIn(await at.server.request(6)), 'Thank you');
      assert.notInclude(JSON.stringify(at.lines), '4711');
    });

    it('again where nothing was said', async () => {
      const at = await open(bot);
      const { call, listen } = await begun(at);
      await call.ends(listen, 'RecognizeFailed', result(400, 8510));
      assert.equal((await at.server.request(5)).asks, 'stopRecording');
      assert.notInclude(saidIn(await at.server.request(6)), 'Thank you');
    });

    it('though the caller hangs up over it', async () => {
      const kept = callMachine('kept', { initial: 'message', states: { message: record({ prompt: 'Speak.', on: { done: 'kept', exhausted: 'bye' } }), kept: prompt('Kept.', 'bye'), bye: hangup('Goodbye.') } });
      const heard: string[] = [];
      let now = 1_760_000_000_000;
      const at = await open(kept, { now: () => now, onStep: ({ result: { trail } }: { readonly result: { readonly trail: readonly string[] } }) => void heard.push(...trail) } as never);
      const { answer, call } = await begun(at);
      now += 4_000;
      assert.equal(await call.ends(answer, 'CallDisconnected', result(200, 540000)), 200);
      await until(() => ended(at) !== undefined);
      assert.include(heard.join(' '), 'kept');
    });
  });

  describe('a call is placed', () => {
    it('and begins when it is answered', async () => {
      const at = await open(acme);
      const id = await at.place({ to: '+15550100002', from: '+15550100099' });
      const placed = await at.server.request(1);
      assert.equal(placed.asks, 'createCall');
      assert.deepInclude(placed.body, { targets: [{ kind: 'phoneNumber', rawId: '4:+15550100002', phoneNumber: { value: '+15550100002', isAnonymous: false } }], sourceCallerIdNumber: { value: '+15550100099', isAnonymous: false } });
      const call = at.call(placed);
      assert.include(call.address, `call=${id}`);
      assert.equal(await call.ends(placed, 'CallConnected'), 200);
      const menu = await at.server.request(2);
      assert.deepInclude(menu.body?.['recognizeOptions'], { targetParticipant: { rawId: '4:+15550100002', phoneNumber: { value: '+15550100002', isAnonymous: false } } });
    });

    it('and nobody comes to the line', async () => {
      const at = await open(acme);
      await at.place({ to: '+15550100002', from: '+15550100099' });
      const placed = await at.server.request(1);
      assert.equal(await at.call(placed).ends(placed, 'CreateCallFailed', result(486, 560486)), 200);
      assert.isTrue(at.lines.some(({ message, reason }) => message === 'call unanswered' && reason === 'busy'));
      assert.equal(await at.call(placed).ends(placed, 'CallDisconnected', result(486, 560486)), 200);
      assert.lengthOf(at.server.requests, 1);
    });

    it('and the service will not', async () => {
      const at = await open(acme);
      at.server.answers(() => ({ status: 403, body: { error: { code: '7507', message: 'Source identity is not valid.' } } }));
      const error = await at.place({ to: '+15550100002', from: '+15550100099' }).then(() => assert.fail('it was placed'), (refusal: unknown) => refusal);
      assert.deepInclude(error, { code: 'ERR_CALL_UNPLACED', message: 'azure did not place the call: 403/7507', details: { service: 'azure', reason: '403/7507' } });
    });
  });

  it('a file that cannot be had is announced again, and no call that is told of beside it is worse for it', async () => {
    const at = await open(acme);
    const data = { recordingStorageInfo: { recordingChunks: [{ index: 0, contentLocation: `${/endpoint=([^;]*[^;/])/.exec(at.server.connectionString)?.[1]}/nothing/here` }] }, recordingDurationMs: 4_000 };
    const file = { id: 'file-1', topic: 't', subject: '/recording/call/1/serverCallId/2/recordingId/the-recording', eventType: 'Microsoft.Communication.RecordingFileStatusUpdated', eventTime: '2026-11-23T10:00:00Z', dataVersion: '1.0', data };
    assert.equal(await at.post(`/api/azure?secret=${encodeURIComponent(secret)}`, [file, incomingCall()], { 'aeg-event-type': 'Notification' }), 503);
    const [refused] = at.lines.filter(({ message }) => message === 'exchange refused');
    assert.deepInclude(refused, { code: 'ERR_RECORDING_UNAVAILABLE', status: 503, call: undefined, ref: recordingRef('the-recording'), details: { ref: recordingRef('the-recording'), reason: '401' } });
    assert.notInclude(JSON.stringify(at.lines), 'nothing/here');
    assert.equal((await at.server.request(2)).asks, 'answer');
  });

  it('a call that nobody has on record is answered with 200 and ignored', async () => {
    const at = await open(acme);
    assert.equal(await at.told('http://x/api/azure?call=nobody', callback('PlayCompleted')), 200);
    assert.equal(await at.told('http://x/api/azure?call=nobody', { type: 'Microsoft.Communication.SomethingNewStarted' }), 200);
    assert.isTrue(at.lines.some(({ message, names }) => message === 'event unknown' && JSON.stringify(names) === '["Microsoft.Communication.SomethingNewStarted"]'));
  });

  it('no token of a call, no secret and no key is in any line of the log', async () => {
    const at = await open(acme);
    const { answer, call } = await answered(at);
    await call.ends(answer, 'CallConnected');
    await at.server.request(2);
    const log = JSON.stringify(at.lines);
    for (const word of ['token-of-the-call', 'a secret of the tests', 'accesskey']) assert.notInclude(log, word);
  });
});
