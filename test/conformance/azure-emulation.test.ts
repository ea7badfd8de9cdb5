/**
 * Conformance of the emulated Azure service: what it tells has the shape of what the real one was seen to tell, and what it answers
 * that of what the real one answered.
 *
 * The published bodies are looked for beside the repository; where they are not there, that part is skipped and says so. Bodies
 * of older versions of the interface are not what the emulation speaks.
 */
import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { gridMessage, handshake, incomingCall } from '../../src/emulator/wires/azure/event-grid.ts';
import { readQuery } from '../../src/transport/services/azure/callback.ts';
import { decodeBody } from '../../src/transport/services/azure/decode.ts';
import { azureDesk, type AzureDesk, caller, callbackUrl, contextOf, own, turn } from '../emulator/wires/azure-desk.ts';

const folder = new URL('../../../shared/vectors/azure/', import.meta.url);
const phone = { phoneNumber: caller.slice(2) };
const colleague = { phoneNumber: '+15550100002' };
const number = { phoneNumber: own.slice(2) };
const text = { kind: 'textSource', text: 'Welcome.' } as const;
const dtmf = { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 4, operationContext: 'x' } as const;

/** The names and kinds of all that is in `value`; of a list those of its first. */
const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, part]) => [name, shape(part)]));
};

type Fields = Readonly<Record<string, unknown>>;
const json = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

/** Each published body with what brings the emulation to tell the same. */
const events: Readonly<Record<string, (desk: AzureDesk) => Promise<unknown>>> = {
  'event-call-connected.json': (desk) => desk.established(),
  'event-call-disconnected-by-app.json': async (desk) => (await desk.established()).call.hangUp(true),
  'event-call-disconnected-pstn-hangup.json': async (desk) => (await desk.established()).ringing.hangUp(),
  'event-answer-failed.json': async (desk) => {
    const ringing = desk.ring();
    ringing.hangUp();
    await desk.client.answerCall(contextOf(ringing), callbackUrl, { operationContext: 'answer-43' });
  },
  'event-create-call-failed-busy.json': async (desk) => {
    await desk.client.createCall({ targetParticipant: phone, sourceCallIdNumber: number }, callbackUrl, { operationContext: 'out-2' });
    (await desk.rings.next()).end('busy');
  },
  'event-participants-updated-voip.json': async (desk) => {
    const { call } = await desk.established();
    await call.addParticipant({ targetParticipant: { communicationUserId: '8:acs:r_u' } });
    (await desk.rings.next()).end('answered');
    await desk.leaves.next();
    await call.removeParticipant(phone);
  },
  'event-play-started.json': async (desk) => (await desk.established()).call.getCallMedia().playToAll([text], { operationContext: 'play-1' }),
  'event-play-completed.json': async (desk) => {
    await (await desk.established()).call.getCallMedia().playToAll([text], { operationContext: 'play-1' });
    (await desk.plays.next()).end('end');
  },
  'event-play-failed-download.json': async (desk) => {
    await (await desk.established()).call.getCallMedia().playToAll([text], { operationContext: 'play-9' });
    (await desk.plays.next()).end({ failed: 'file-absent', index: 1 });
  },
  'event-play-canceled.json': async (desk) => {
    const { call } = await desk.established();
    await call.getCallMedia().playToAll([text], { operationContext: 'play-1' });
    await call.getCallMedia().cancelAllOperations();
  },
  'event-recognize-canceled.json': async (desk) => {
    const { call } = await desk.established();
    await call.getCallMedia().startRecognizing(phone, dtmf);
    await call.getCallMedia().cancelAllOperations();
  },
  ...Object.fromEntries((
    [
      ['completed-max-digits', { end: 'digits', digits: '4071', by: 'max' }],
      ['completed-choice-speech', { end: 'choice', label: 'Sales', phrase: 'first' }],
      ['completed-speech', { end: 'speech', speech: 'I would like to change my booking.', confidence: 0.91 }],
      ['completed-both-answered-by-speech', { end: 'speech', speech: 'Operator' }],
      ['failed-initial-silence', { end: 'failed', result: 'initial-silence' }],
      ['failed-inter-digit', { end: 'digits', digits: '4', by: 'pause' }],
      ['failed-phrase-not-an-option', { end: 'failed', result: 'no-option' }],
      ['failed-prompt-failed', { end: 'failed', result: 'prompt-failed', index: 0 }],
      ['failed-speech-service-error', { end: 'failed', result: 'speech-refused' }],
    ] as const
  ).map(([name, answered]) => [`event-recognize-${name}.json`, async (desk: AzureDesk) => {
    await (await desk.established()).call.getCallMedia().startRecognizing(phone, dtmf);
    (await desk.questions.next()).end(answered);
  }])),
  'event-call-transfer-accepted.json': async (desk) => {
    await (await desk.established()).call.transferCallToParticipant(colleague);
    (await desk.rings.next()).end('answered');
  },
  'event-call-transfer-failed-busy.json': async (desk) => {
    await (await desk.established()).call.transferCallToParticipant(colleague);
    (await desk.rings.next()).end('busy');
  },
  'event-add-participant-succeeded.json': async (desk) => {
    await (await desk.established()).call.addParticipant({ targetParticipant: colleague, sourceCallIdNumber: number }, { operationContext: 'add-1' });
    (await desk.rings.next()).end('answered');
  },
  'event-add-participant-failed-declined.json': async (desk) => {
    await (await desk.established()).call.addParticipant({ targetParticipant: { communicationUserId: '8:acs:r_u' } }, { operationContext: 'add-3' });
    (await desk.rings.next()).end('declined');
  },
  'event-cancel-add-participant-failed.json': async (desk) => (await desk.established()).call.cancelAddParticipantOperation('nobody'),
  'event-remove-participant-succeeded.json': async (desk) => (await desk.established()).call.removeParticipant(phone),
  'event-move-participant-failed.json': async (desk) => (await desk.established()).call.moveParticipants([colleague], 'nowhere'),
  'event-hold-failed.json': async (desk) => {
    desk.failHold();
    await (await desk.established()).call.getCallMedia().hold(phone, { operationContext: 'hold-1' });
  },
  'event-continuous-dtmf-tone.json': async (desk) => {
    const { call, ringing } = await desk.established();
    await call.getCallMedia().startContinuousDtmfRecognition(phone, { operationContext: 'cd-1' });
    await turn();
    const connection = ringing.connection();
    if (connection !== undefined) desk.resource.keys(connection, caller, '8');
  },
  'event-continuous-dtmf-stopped.json': async (desk) => {
    const { call } = await desk.established();
    await call.getCallMedia().startContinuousDtmfRecognition(phone);
    await turn();
    await call.getCallMedia().stopContinuousDtmfRecognition(phone, { operationContext: 'cd-2' });
  },
  'event-send-dtmf-completed.json': async (desk) => (await desk.established()).call.getCallMedia().sendDtmfTones(['one'], phone, { operationContext: 'send-1' }),
  'event-recording-state-active.json': async (desk) => {
    const { callConnectionId = '' } = await (await desk.established()).call.getCallConnectionProperties();
    await desk.client.getCallRecording().start({ callConnectionId, recordingStateCallbackEndpointUrl: callbackUrl } as never);
  },
  'event-media-streaming-started.json': async (desk) => {
    const mediaStreamingOptions = { transportUrl: 'wss://bot.example/ws', transportType: 'websocket', contentType: 'audio', audioChannelType: 'unmixed' };
    await (await desk.established({ mediaStreamingOptions })).call.getCallMedia().startMediaStreaming({ operationContext: 'ms-1' });
  },
  ...Object.fromEntries((['updated', 'stopped'] as const).map((what) => [`event-transcription-${what}.json`, async (desk: AzureDesk) => {
    const transcriptionOptions = { transportUrl: 'wss://bot.example/ws', transportType: 'websocket', locale: 'en-US' };
    const media = (await desk.established({ transcriptionOptions })).call.getCallMedia();
    await (what === 'updated' ? media.updateTranscription('sv-SE', { operationContext: 'tr-2' }) : media.stopTranscription());
  }])),
};

/** What the emulation does not tell, and why. */
const untold: Readonly<Record<string, string>> = {
  'event-call-connected-2023-10.json': 'an older version',
  'event-call-disconnected-2024-07.json': 'an older version',
  'event-start-recording-failed.json': 'a second recording is refused by the response',
  'event-unknown-type.json': 'nobody knows it',
  'event-batch-two.json': 'two events at once: see the tests of delivery',
  'event-participants-updated-same-sequence.json': 'the same roster again: see the tests of delivery',
  'event-participants-updated-muted.json': 'has the shape of all rosters',
};

describe('conformance of the emulated Azure service: our own reader', () => {
  for (const [file, bring] of Object.entries(events)) {
    it(`knows all that is told where it comes to ${file.replace(/^event-|\.json$/g, '')}`, async () => {
      const desk = await azureDesk();
      try {
        await bring(desk);
        await turn();
        await desk.settled();
        expect(desk.told.length).greaterThan(0);
        for (const { url: _, name: __, ...event } of desk.told) expect(decodeBody([event], readQuery('?call=call-1')).unknown).deep.equal([]);
        for (const schema of ['eventgrid', 'cloudevents'] as const) {
          for (const event of [desk.ring().event, ...desk.grid]) {
            const { arrivals, files, unknown } = decodeBody(JSON.parse(String(gridMessage(event, schema).body)), readQuery('?secret=s'));
            expect([arrivals.length + files.length, unknown]).deep.equal([1, []]);
          }
        }
      } finally {
        await desk.close();
      }
    });
  }
});

describe('conformance of the emulated Azure service: published bodies', () => {
  if (!existsSync(new URL('index.json', folder))) {
    it('skipped: there is no set of published bodies beside this repository (../shared/vectors/azure)', function () {
      this.skip();
    });
    return;
  }
  const rows = (json('index.json') as { readonly files: readonly { readonly file: string; readonly kind: string }[] }).files;
  let desk: AzureDesk;
  afterEach(() => desk?.close());

  it('are all spoken for', () => {
    const all = rows.filter(({ file }) => file.startsWith('event-')).map(({ file }) => file);
    expect(all.filter((file) => events[file] === undefined && untold[file] === undefined)).deep.equal([]);
    expect(all.length).greaterThan(30);
  });

  for (const [file, bring] of Object.entries(events)) {
    it(`has the shape of ${file}`, async () => {
      const [vector] = json(file) as readonly [Fields & { readonly type: string; readonly data: Fields }];
      desk = await azureDesk();
      await bring(desk);
      await turn();
      await desk.settled();
      const found = desk.told.filter(({ type }) => type === vector.type).at(-1);
      if (found === undefined) throw new Error(`it was not told: ${desk.told.map(({ name }) => name).join(', ')}`);
      const { url: _, name: __, ...event } = found;
      expect(shape(event)).deep.equal(shape(vector));
      const codes = ({ resultInformation: result }: Fields): unknown => (result === undefined ? undefined : [(result as Fields)['code'], (result as Fields)['subCode']]);
      expect(codes(event.data)).deep.equal(codes(vector.data));
    });
  }

  for (const [file, schema] of [['eventgrid-incoming-call-pstn.json', 'eventgrid'], ['eventgrid-incoming-call-cloudevents.json', 'cloudevents']] as const) {
    it(`announces a call in the shape of ${file}`, () => {
      const event = incomingCall({ from: caller, to: own, name: '', serverCallId: 'x', correlationId: 'y', incomingCallContext: 'z' }, 0);
      const vector = json(file);
      const data = ((Array.isArray(vector) ? vector[0] : vector) as { data: { customContext?: unknown } }).data;
      delete data.customContext; // headers of the caller's own
      expect(shape(JSON.parse(String(gridMessage(event, schema).body)))).deep.equal(shape(vector));
    });
  }

  it('announces the file of a recording in its shape', async () => {
    desk = await azureDesk();
    const { call } = await desk.established();
    const { callConnectionId = '' } = await call.getCallConnectionProperties();
    const { recordingId } = await desk.client.getCallRecording().start({ callConnectionId } as never);
    await desk.client.getCallRecording().stop(recordingId);
    await turn();
    const [event] = desk.grid;
    if (event === undefined) throw new Error('no file was announced');
    expect(shape(JSON.parse(String(gridMessage(event, 'eventgrid').body)))).deep.equal(shape(json('eventgrid-recording-file-status.json')));
  });

  it('shakes hands as Event Grid does', () => {
    const { method, message } = handshake('eventgrid', 0);
    const vector = json('handshake-eventgrid-validation.json') as { readonly request: { readonly method: string; readonly body: unknown } };
    expect([method, shape(JSON.parse(String(message.body)))]).deep.equal([vector.request.method, shape(vector.request.body)]);
    const options = json('handshake-cloudevents-options.json') as { readonly request: { readonly method: string; readonly headers: object }; readonly response: { readonly status: number; readonly headers: Readonly<Record<string, string>> } };
    const agreement = handshake('cloudevents', 0);
    expect([agreement.method, agreement.message.headers]).deep.equal([options.request.method, options.request.headers]);
    expect(agreement.isAgreed(options.response.status, new Headers(options.response.headers), '')).equal(true);
  });

  /** What a request is answered, by the body of the response. */
  const answers: Readonly<Record<string, (desk: AzureDesk) => Promise<{ readonly path: string; readonly method?: string; readonly body?: object }>>> = {
    'response-answer.json': async () => ({ path: '/calling/callConnections:answer', body: { incomingCallContext: contextOf(desk.ring()), callbackUri: callbackUrl } }),
    'response-create-call-with-subscriptions.json': async () => ({
      path: '/calling/callConnections',
      body: {
        targets: [{ rawId: caller }], callbackUri: callbackUrl, sourceCallerIdNumber: { value: own.slice(2) },
        mediaStreamingOptions: { transportUrl: 'wss://bot.example/ws', transportType: 'websocket', contentType: 'audio', audioChannelType: 'mixed' },
        transcriptionOptions: { transportUrl: 'wss://bot.example/ws', transportType: 'websocket', locale: 'en-US' },
      },
    }),
    'response-add-participant.json': async () => ({ path: `${await at()}/participants:add`, body: { participantToAdd: { rawId: '4:+15550100002' }, sourceCallerIdNumber: { value: own.slice(2) }, operationContext: 'add-1' } }),
    'response-remove-participant.json': async () => ({ path: `${await at()}/participants:remove`, body: { participantToRemove: { rawId: caller }, operationContext: 'rm-1' } }),
    'response-cancel-add.json': async () => ({ path: `${await at()}/participants:cancelAddParticipant`, body: { invitationId: 'x', operationContext: 'cancel-add-1' } }),
    'response-send-dtmf.json': async () => ({ path: `${await at()}:sendDtmfTones`, body: { tones: ['one'], targetParticipant: { rawId: caller }, operationContext: 'send-1' } }),
    'response-list-participants.json': async () => ({ path: `${await at()}/participants`, method: 'GET' }),
    'response-recording-state.json': async () => {
      const callConnectionId = (await at()).split('/').at(-1) ?? '';
      const { recordingId } = await desk.client.getCallRecording().start({ callConnectionId } as never);
      return { path: `/calling/recordings/${recordingId}`, method: 'GET' };
    },
    'response-error-not-established.json': async () => {
      const { callConnectionProperties: { callConnectionId = '' } } = await desk.client.createCall({ targetParticipant: phone, sourceCallIdNumber: number }, callbackUrl);
      return { path: `/calling/callConnections/${callConnectionId}:play`, body: { playSources: [{ kind: 'file', file: { uri: 'https://bot.example/a.wav' } }] } };
    },
  };
  const at = async (): Promise<string> => {
    const { callConnectionId = '' } = await (await desk.established()).call.getCallConnectionProperties();
    return `/calling/callConnections/${callConnectionId}`;
  };
  for (const [file, ask] of Object.entries(answers)) {
    it(`answers in the shape of ${file}`, async () => {
      const vector = json(file) as { readonly status: number; readonly body: Fields };
      desk = await azureDesk();
      const { path, method = 'POST', body } = await ask(desk);
      const { status, json: answer } = await desk.send(method, path, body);
      expect(status).equal(vector.status);
      expect(shape(answer)).deep.equal(shape(vector.body));
      if (vector.body['error'] !== undefined) expect((answer as { readonly error: Fields }).error['code']).equal((vector.body['error'] as Fields)['code']);
    });
  }

  for (const { file } of rows.filter(({ file: name }) => name.startsWith('request-'))) {
    it(`takes ${file} as the operation that it is, and its body as one`, async () => {
      const { method, target, body, expectStatus } = json(file) as { readonly method: string; readonly target: string; readonly body: unknown; readonly expectStatus: number };
      const { routeOf, routes } = await import('../../src/emulator/wires/azure/routes.ts');
      const { readBody } = await import('../../src/emulator/wires/azure/bodies.ts');
      const route = routeOf(method, target.split('?')[0] ?? '');
      if (route === undefined) throw new Error('it is no operation');
      expect(routes[route.operation][2]).equal(expectStatus);
      expect(readBody(route.operation, body ?? {})).not.equal(undefined);
    });
  }
});
