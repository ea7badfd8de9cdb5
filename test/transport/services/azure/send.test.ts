import { assert } from 'chai';
import type { ServiceCommand } from '../../../../src/transport/service.ts';
import { loadClient } from '../../../../src/transport/services/azure/client.ts';
import type { AzureMemory } from '../../../../src/transport/services/azure/memory.ts';
import type { AzureRequest } from '../../../../src/transport/services/azure/requests.ts';
import { failed, sendWith } from '../../../../src/transport/services/azure/send.ts';
import { validateAzure } from '../../../../src/transport/services/azure/validate.ts';
import { connection, type Instead, type Requested, type Resource, resource } from './resource.ts';

let server: Resource;
let now = 1_000;

const known: AzureMemory = { incoming: 'token-of-the-call', connection, caller: '4:+15550100001' };
const command = (request: AzureRequest, id = 'op'): ServiceCommand => ({ id, operation: { type: 'play', operationId: 'op' }, done: 'event', request: { ...request } });

const sent = async (request: AzureRequest, { memory = known, id = 'op', signal = new AbortController().signal, timeoutMs = 3_000 }: { readonly memory?: AzureMemory; readonly id?: string; readonly signal?: AbortSignal; readonly timeoutMs?: number } = {}) => {
  const client = await loadClient({ connectionString: server.connectionString, allowInsecureConnection: true });
  const context = { callId: 'call-1', bot: 'acme', path: '/api/azure', call: { id: 'call-1', from: '', to: '', direction: 'inbound', headers: {} } as const, memory: { ...memory }, at: now };
  return sendWith(command(request, id), context, signal, { client, pauseMs: 1, timeoutMs });
};
const last = (): Requested => server.requests.at(-1) ?? assert.fail('nothing was asked');
const asks = () => server.requests.map(({ asks: what }) => what);
const refusing = (status: number, code?: string, headers: Readonly<Record<string, string>> = {}): Instead => ({ status, headers, ...(code !== undefined && { body: { error: { code, message: 'about 4711' } } }) });

describe('azure send: what the official client asks for', () => {
  before(async () => {
    server = await resource();
  });
  after(() => server.close());
  beforeEach(() => {
    server.requests.length = 0;
    server.answers(() => undefined);
    now = 1_000;
  });

  for (const [asked, request, body] of [
    ['answer', { does: 'answer', callbackUrl: 'https://bot.example/api/azure?call=call-1', cognitiveServicesUrl: 'https://ai.example/' }, { incomingCallContext: 'token-of-the-call', callbackUri: 'https://bot.example/api/azure?call=call-1', operationContext: 'op', callIntelligenceOptions: { cognitiveServicesEndpoint: 'https://ai.example/' } }],
    ['reject', { does: 'reject', reason: 'busy' }, { incomingCallContext: 'token-of-the-call', callRejectReason: 'busy' }],
    ['terminate', { does: 'hangup' }, undefined],
    ['play', { does: 'play', sources: [{ kind: 'textSource', text: 'Hi', voiceName: 'v' }, { kind: 'fileSource', url: 'https://bot.example/a.wav' }, { kind: 'ssmlSource', ssmlText: '<speak/>' }] }, { operationContext: 'op', playTo: [], playOptions: { loop: false }, playSources: [{ kind: 'text', text: { text: 'Hi', voiceName: 'v' } }, { kind: 'file', file: { uri: 'https://bot.example/a.wav' } }, { kind: 'ssml', ssml: { ssmlText: '<speak/>' } }] }],
    ['cancelAllMediaOperations', { does: 'cancel' }, undefined],
    ['transferToParticipant', { does: 'transfer', to: '4:+15550100002', from: '+15550100099' }, { operationContext: 'op', targetParticipant: { kind: 'phoneNumber', rawId: '4:+15550100002', phoneNumber: { value: '+15550100002', isAnonymous: false } }, sourceCallerIdNumber: { value: '+15550100099', isAnonymous: false }, customCallingContext: { sipHeaders: {}, voipHeaders: {} } }],
    ['hold', { does: 'hold', source: { kind: 'fileSource', url: 'https://bot.example/music.wav' } }, { operationContext: 'op', targetParticipant: { rawId: '4:+15550100001', phoneNumber: { value: '+15550100001', isAnonymous: false } }, playSourceInfo: { kind: 'file', file: { uri: 'https://bot.example/music.wav' } } }],
    ['unhold', { does: 'unhold' }, { operationContext: 'op', targetParticipant: { rawId: '4:+15550100001', phoneNumber: { value: '+15550100001', isAnonymous: false } } }],
    ['sendDtmfTones', { does: 'sendDtmf', tones: ['one', 'pound'] }, { tones: ['one', 'pound'], targetParticipant: { rawId: '4:+15550100001', phoneNumber: { value: '+15550100001', isAnonymous: false } }, operationContext: 'op' }],
    ['participants:mute', { does: 'mute', participant: '8:acs:res_user' }, { targetParticipants: [{ kind: 'communicationUser', rawId: '8:acs:res_user', communicationUser: { id: '8:acs:res_user' } }], operationContext: 'op' }],
    ['startRecording', { does: 'startOwnRecording', recordingContentType: 'audioVideo', recordingFormatType: 'mp4', pauseOnStart: true }, { callConnectionId: connection, recordingContentType: 'audioVideo', recordingFormatType: 'mp4', pauseOnStart: true }],
    ['stopRecording', { does: 'stopOwnRecording', recordingId: 'r' }, undefined],
    ['participants:add', { does: 'ring', to: '8:acs:res_user', seconds: 30 }, { operationContext: 'op', participantToAdd: { kind: 'communicationUser', rawId: '8:acs:res_user', communicationUser: { id: '8:acs:res_user' } }, invitationTimeoutInSeconds: 30, customCallingContext: { sipHeaders: {}, voipHeaders: {} } }],
    ['participants:cancelAddParticipant', { does: 'stopRinging', invitation: 'i' }, { invitationId: 'i', operationContext: 'op' }],
    ['participants:remove', { does: 'remove', party: '8:orgid:user' }, { operationContext: 'op', participantToRemove: { kind: 'microsoftTeamsUser', rawId: '8:orgid:user', microsoftTeamsUser: { userId: 'user', isAnonymous: false, cloud: 'public' } } }],
    ['startRecording', { does: 'startRecording', format: 'mp3' }, { callConnectionId: connection, recordingContentType: 'audio', recordingChannelType: 'mixed', recordingFormatType: 'mp3' }],
  ] as const) {
    it(`${asked}, as the service takes it`, async () => {
      const outcome = await sent(request);
      assert.equal(outcome.kind, 'taken');
      assert.deepEqual(asks(), [asked]);
      assert.deepEqual(last().body, body as never);
      assert.deepEqual(validateAzure({ ...last(), body: last().body ?? null }), { request: asked === 'participants:mute' ? 'muteParticipants' : asked === 'participants:add' ? 'addParticipant' : asked === 'participants:remove' ? 'removeParticipant' : asked.replace('participants:', ''), violations: [] });
    });
  }

  for (const [what, recognition, expected] of [
    ['choices', { kind: 'callMediaRecognizeChoiceOptions', speechLanguage: 'en-US', choices: [{ label: 'sales', phrases: ['sales'], tone: 'one' }] }, { recognizeInputType: 'choices', recognizeOptions: { speechLanguage: 'en-US', choices: [{ label: 'sales', phrases: ['sales'], tone: 'one' }] } }],
    ['keys', { kind: 'callMediaRecognizeDtmfOptions', interToneTimeoutInSeconds: 3, maxTonesToCollect: 4, stopDtmfTones: ['pound'], operationCallbackUrl: 'https://bot.example/api/azure?call=call-1&stop=%23' }, { recognizeInputType: 'dtmf', operationCallbackUri: 'https://bot.example/api/azure?call=call-1&stop=%23', recognizeOptions: { dtmfOptions: { interToneTimeoutInSeconds: 3, maxTonesToCollect: 4, stopTones: ['pound'] } } }],
    ['words', { kind: 'callMediaRecognizeSpeechOptions', speechLanguage: 'en-US', endSilenceTimeoutInSeconds: 1 }, { recognizeInputType: 'speech', recognizeOptions: { speechLanguage: 'en-US', speechOptions: { endSilenceTimeoutInMs: 1_000 } } }],
    ['words or keys', { kind: 'callMediaRecognizeSpeechOrDtmfOptions', speechLanguage: 'en-US', endSilenceTimeoutInSeconds: 1, interToneTimeoutInSeconds: 3, maxTonesToCollect: 1 }, { recognizeInputType: 'speechOrDtmf', recognizeOptions: { speechLanguage: 'en-US', speechOptions: { endSilenceTimeoutInMs: 1_000 }, dtmfOptions: { interToneTimeoutInSeconds: 3, maxTonesToCollect: 1 } } }],
  ] as const) {
    it(`a question for ${what}, of the caller and with its prompts`, async () => {
      const common = { playPrompts: [{ kind: 'textSource', text: 'Yes?' }], interruptPrompt: true, initialSilenceTimeoutInSeconds: 5 } as const;
      await sent({ does: 'recognize', recognition: { ...common, ...recognition } });
      const { recognizeOptions, ...others } = expected;
      assert.deepEqual(last().body, {
        ...others, operationContext: 'op', playPrompts: [{ kind: 'text', text: { text: 'Yes?' } }],
        recognizeOptions: { interruptPrompt: true, initialSilenceTimeoutInSeconds: 5, targetParticipant: { rawId: '4:+15550100001', phoneNumber: { value: '+15550100001', isAnonymous: false } }, ...recognizeOptions },
      });
      assert.isEmpty(validateAzure(last()).violations);
    });
  }

  it('is of a caller whose number is withheld as well', async () => {
    await sent({ does: 'unhold' }, { memory: { ...known, caller: '4:anonymous' } });
    assert.deepInclude(last().body?.['targetParticipant'], { rawId: '4:anonymous' });
  });

  it('ends a verb of its own with the response, where no event does', async () => {
    const ended = (ending: string, fields: object = {}) => ({ type: 'raw.ended', ending, fields, operationId: 'op' });
    assert.deepEqual(await sent({ does: 'startOwnRecording' }), { kind: 'taken', memory: { ownRecording: 'recording-1' }, outcome: ended('started', { recordingId: 'recording-1' }) } as never);
    assert.deepEqual(await sent({ does: 'stopOwnRecording' }, { memory: { ...known, ownRecording: 'recording-1' } }), { kind: 'taken', outcome: ended('stopped') } as never);
    assert.include(last().target, '/calling/recordings/recording-1?');
    assert.deepEqual(await sent({ does: 'stopOwnRecording' }), { kind: 'refused', reason: 'no recording' });
    assert.deepEqual(await sent({ does: 'mute', participant: '8:acs:a_b' }), { kind: 'taken', outcome: ended('muted') } as never);
  });

  it('is remembered, as far as the next request needs it', async () => {
    assert.deepEqual(await sent({ does: 'answer', callbackUrl: 'https://bot.example/' }), { kind: 'taken', memory: { connection } });
    assert.deepEqual(await sent({ does: 'ring', to: '4:+15550100002', seconds: 5 }), { kind: 'taken', memory: { invitation: 'invitation-1' } });
    assert.deepEqual(await sent({ does: 'startRecording', format: 'wav' }), { kind: 'taken', memory: { recording: { operation: 'op', id: 'recording-1', startedAt: 1_000, contentType: 'audio/wav' } } });
    assert.deepEqual(await sent({ does: 'wait' }), { kind: 'taken' });
  });

  it('is the same request when another process sends it again, and another for each command', async () => {
    for (const id of ['a', 'a', 'b']) await sent({ does: 'hangup' }, { id });
    const [first, again, other] = server.requests.map(({ headers }) => headers['repeatability-request-id']);
    assert.match(String(first), /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/);
    assert.equal(first, again);
    assert.notEqual(first, other);
  });

  describe('the end of a recording', () => {
    const recording = { operation: 'op', id: 'recording-1', startedAt: 1_000, contentType: 'audio/wav' };
    const stop = (memory: Partial<AzureMemory>) => ((now = 9_000), sent({ does: 'stopRecording', listening: 'op:listen' }, { memory: { ...known, recording, ...memory } }));
    const done = (by: string) => ({ type: 'record.done', by, operationId: 'op' });

    for (const [as, expected] of [['finalsilence', done('finalsilence')], ['termchar', done('termchar')], ['noinput', { type: 'record.noinput', operationId: 'op' }], ['failed', { type: 'record.failed', cause: 'system', operationId: 'op' }]] as const) {
      it(`tells how the listening ended: ${as}`, async () => {
        const outcome = await stop({ listened: { context: 'op:listen', as } });
        assert.deepEqual(asks(), ['stopRecording']);
        assert.deepInclude(outcome, { kind: 'taken', memory: { recording: null } });
        assert.deepInclude((outcome as { readonly outcome: object }).outcome, expected as never);
      });
    }

    it('is the longest length where nothing ended the listening, which is broken off; that of another recording is none', async () => {
      const outcome = (await stop({ listened: { context: 'old:listen', as: 'noinput' } })) as unknown as { readonly outcome: { readonly by: string; readonly recording: object } };
      assert.deepEqual(asks(), ['cancelAllMediaOperations', 'stopRecording']);
      assert.equal(outcome.outcome.by, 'maxspeech');
      assert.deepInclude(outcome.outcome.recording, { bytes: 0, contentType: 'audio/wav', lengthMs: 8_000 });
    });

    it('stands though the service has ended it already', async () => {
      server.answers(() => refusing(404, '8522'));
      assert.equal((await stop({ listened: { context: 'op:listen', as: 'finalsilence' } })).kind, 'taken');
    });
  });

  describe('when the service will not', () => {
    for (const [status, code, expected] of [
      [400, '8501', { kind: 'refused', reason: '400/8501' }],
      [400, '8523', { kind: 'refused', reason: '400/8523' }],
      [403, '7507', { kind: 'refused', reason: '403/7507' }],
      [405, '8522', { kind: 'refused', reason: '405/8522' }],
      [409, '8519', { kind: 'refused', reason: '409/8519' }],
      [412, '8583', { kind: 'refused', reason: '412/8583' }],
      [404, '8522', { kind: 'gone' }],
      [400, '8528', { kind: 'gone' }],
      [404, undefined, { kind: 'gone' }],
      [500, '9999', { kind: 'refused', reason: '500/9999' }],
      [200, undefined, { kind: 'refused', reason: '200' }],
    ] as const) {
      it(`${status}${code === undefined ? '' : `/${code}`} is ${expected.kind}, and tried once`, async () => {
        server.answers(() => refusing(status, code));
        const outcome = await sent({ does: 'play', sources: [{ kind: 'fileSource', url: 'https://bot.example/a.wav' }] });
        assert.deepEqual(outcome, expected);
        assert.lengthOf(server.requests, 1);
        assert.notInclude(JSON.stringify(outcome), '4711');
      });
    }

    it('because of a wrong access key, no key is told', async () => {
      const client = await loadClient({ connectionString: server.connectionString.replace(/accesskey=.*/, `accesskey=${Buffer.from('wrong').toString('base64')}`), allowInsecureConnection: true });
      const asked = { request: { does: 'hangup' }, context: 'op', key: 'k', connection, caller: '', incoming: '', recording: '', signal: new AbortController().signal } as const;
      const outcome = failed(await client.ask(asked).then(() => assert.fail('it got in'), (error: unknown) => error));
      assert.deepEqual(outcome, { kind: 'refused', reason: '401/7509' });
    });

    it('because it is too busy, it is asked again', async () => {
      let tries = 0;
      server.answers(() => ((tries += 1) < 3 ? refusing(429, '8516', { 'retry-after': '0' }) : undefined));
      assert.deepEqual(await sent({ does: 'play', sources: [{ kind: 'fileSource', url: 'https://bot.example/a.wav' }] }), { kind: 'taken' });
      assert.deepEqual(asks(), ['play', 'play', 'play']);
    });

    it('and goes on being too busy, it is believed', async () => {
      server.answers(() => refusing(429, '8516', { 'retry-after': '0' }));
      assert.deepEqual(await sent({ does: 'unhold' }), { kind: 'refused', reason: '429/8516' });
      assert.lengthOf(server.requests, 4);
    });

    it('and asks for more patience than there is time, what it said is told', async () => {
      server.answers(() => refusing(429, '8516', { 'retry-after': '60' }));
      assert.deepEqual(await sent({ does: 'unhold' }, { timeoutMs: 50 }), { kind: 'refused', reason: '429/8516' });
    });

    it('because the line to it broke, nothing is played twice, but what is taken once is asked again', async () => {
      server.answers(() => 'cut');
      assert.deepEqual(await sent({ does: 'play', sources: [{ kind: 'fileSource', url: 'https://bot.example/a.wav' }] }), { kind: 'refused', reason: 'ECONNRESET' });
      assert.lengthOf(server.requests, 1);
      let tries = 0;
      server.answers(() => ((tries += 1) === 1 ? 'cut' : undefined));
      assert.deepEqual(await sent({ does: 'hangup' }), { kind: 'taken' });
      const [, first, again] = server.requests;
      assert.equal(first?.headers['repeatability-request-id'], again?.headers['repeatability-request-id']);
    });

    it('because nobody is there, it is said so', async () => {
      const gone = await resource();
      await gone.close();
      const client = await loadClient({ connectionString: gone.connectionString, allowInsecureConnection: true });
      const context = { callId: 'call-1', bot: 'acme', path: '/', call: { id: 'call-1', from: '', to: '', direction: 'inbound', headers: {} } as const, memory: { ...known }, at: 0 };
      assert.deepEqual(await sendWith(command({ does: 'unhold' }), context, new AbortController().signal, { client, pauseMs: 1, timeoutMs: 3_000 }), { kind: 'refused', reason: 'ECONNREFUSED' });
    });

    it('in time, it is given up, whether the client listens or not', async () => {
      server.answers(() => new Promise(() => {}));
      assert.deepEqual(await sent({ does: 'unhold' }, { timeoutMs: 50 }), { kind: 'refused', reason: 'timeout' });
      assert.deepEqual(await sent({ does: 'hangup' }, { timeoutMs: 50 }), { kind: 'refused', reason: 'timeout' });
    });

    it('and what we would have to know is not known, nobody is asked', async () => {
      for (const [request, memory] of [[{ does: 'answer', callbackUrl: 'x' }, { incoming: null }], [{ does: 'hangup' }, {}], [{ does: 'stopRecording' }, { connection, recording: null }]] as const) assert.equal((await sent(request, { memory })).kind, 'refused');
      assert.isEmpty(server.requests);
    });
  });
});
