/** Azure Communication Services passes what every service has to. */
import { azure } from 'callchart/transport';
import { facts } from '../../../../src/transport/services/azure/capabilities.ts';
import type { AzureMemory } from '../../../../src/transport/services/azure/memory.ts';
import { issuer, type KeyServer, keyServer, resourceId } from '../../../helpers/tokens.ts';
import { conforms, type EndingName, type Speaker, type WireRequest } from '../kit.ts';
import { callback, incomingCall, phone, result } from './requests.ts';
import type { Json } from './resource.ts';

const secret = 'the secret of the subscription, which nobody sees';
const accessKey = Buffer.from('the access key of the tests').toString('base64');

const party = '+15550123';
const choice = (subCode: number): readonly [string, Json] => ['RecognizeCompleted', { ...result(200, subCode), recognitionType: 'choices', choiceResult: { label: 'sales' } }];
const keys = (subCode: number, ...tones: readonly string[]): readonly [string, Json] => ['RecognizeCompleted', { ...result(200, subCode), recognitionType: 'dtmf', dtmfResult: { tones } }];

/** The callback that tells an ending. */
const endings: Readonly<Partial<Record<EndingName, readonly [name: string, data: Json]>>> = {
  'answer.done': ['CallConnected', result(200, 0)],
  'answer.failed': ['AnswerFailed', result(500, 7000)],
  'play.done': ['PlayCompleted', result(200, 0)],
  'play.failed': ['PlayFailed', result(400, 8536)],
  'recognize.choice.sales': choice(8533),
  'recognize.choice.sales said': choice(8545),
  'recognize.digits.termchar': keys(8514, 'one', 'two', 'pound'),
  'recognize.digits.interdigit': keys(8531, 'one', 'two'),
  'recognize.speech': ['RecognizeCompleted', { ...result(200, 8569), recognitionType: 'speech', speechResult: { speech: 'something else' } }],
  'recognize.noinput': ['RecognizeFailed', result(400, 8510)],
  'recognize.nomatch.key': ['RecognizeFailed', result(500, 8534)],
  'recognize.nomatch.interdigit': ['RecognizeFailed', result(400, 8532)],
  'recognize.nomatch.speech': ['RecognizeFailed', result(400, 8547)],
  'recognize.failed': ['RecognizeFailed', result(500, 8512)],
  'record.done.hangup': ['CallDisconnected', result(200, 540000)],
  'transfer.done': ['CallTransferAccepted', result(200, 7015)],
  'transfer.busy': ['CallTransferFailed', result(486, 560486)],
  'transfer.noanswer': ['CallTransferFailed', result(480, 560480)],
  'transfer.failed': ['CallTransferFailed', result(500, 7000)],
  'hold.failed': ['HoldFailed', result(400, 8536)],
  'createcall.done': ['ParticipantsUpdated', { sequenceNumber: 7, participants: [{ identifier: phone('+15550100001') }] }],
  'createcall.busy': ['AddParticipantFailed', result(486, 560486)],
  'createcall.noanswer': ['AddParticipantFailed', result(408, 560408)],
  'createcall.failed': ['AddParticipantFailed', result(603, 10104)],
};

let server: KeyServer;

const grid = (body: unknown): WireRequest => ({ method: 'POST', query: `?secret=${encodeURIComponent(secret)}`, body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' } });
const told = async (call: string, ...events: readonly Json[]): Promise<WireRequest> => ({
  method: 'POST', query: `?call=${encodeURIComponent(callId(call))}`, body: JSON.stringify(events), headers: { 'content-type': 'application/json', authorization: `Bearer ${await server.sign()}` },
});

/** The mark is that of the number that is called. */
const callId = (call: string): string => `${call}.0ZcGsv`;

const speaker: Speaker = {
  name: 'azure',
  path: '/api/azure',
  secrets: [secret, encodeURIComponent(secret), accessKey, 'token-of-the-call'],
  make: async () => {
    server = await keyServer(Date.now, resourceId);
    return azure({
      connectionString: `endpoint=https://resource.example/;accesskey=${accessKey}`, resourceId, publicUrl: 'https://bot.example', eventGridSecret: secret,
      cognitiveServicesUrl: 'https://ai.example', openIdMetadataUrl: server.metadataUrl, issuer,
    });
  },
  callId,
  incoming: async (call) => grid([incomingCall({ correlationId: call })]),
  ended: (call) => told(call, callback('CallDisconnected', result(200, 540000), { id: `end-of-${call}` })),
  outcome: async (call, operationId, ending) => {
    if (ending === 'hangup.done') return told(call, callback('CallDisconnected', { operationContext: operationId, ...result(200, 7000) }));
    const wire = endings[ending];
    // Those of a recording but one, of a refusal and of a hold are what the service answers to the request itself.
    return wire === undefined ? 'response' : told(call, callback(wire[0], { operationContext: operationId, ...wire[1] }, { id: `${operationId} ${ending}` }));
  },
  remembers: (operation, ending): Readonly<Record<string, unknown>> => {
    const memory: AzureMemory =
      ending === 'createcall.done' ? { caller: '4:+15550100001', joined: { operation, party: `4:${party}`, seen: true } } : ending === 'record.done.hangup' ? { recording: { operation, id: 'r', startedAt: 0, contentType: 'audio/wav' } } : {};
    return { ...memory };
  },
  strangers: async (good) => {
    const token = await server.sign();
    const callbackOf = (authorization: string): WireRequest => ({ ...good, query: '?call=c1', headers: { ...good.headers, authorization } });
    return {
      'no secret': { ...good, query: '' },
      'a wrong secret': { ...good, query: '?secret=guessed' },
      'an empty secret': { ...good, query: '?secret=' },
      'a wrong secret beside a good token': { ...good, query: '?secret=guessed', headers: { ...good.headers, authorization: `Bearer ${token}` } },
      'a secret in another place': { ...good, query: '', headers: { ...good.headers, authorization: `Bearer ${secret}`, secret } },
      'a token that was changed': callbackOf(`Bearer ${token.slice(0, -3)}${token.endsWith('AAA') ? 'BBB' : 'AAA'}`),
      'a token for another resource': callbackOf(`Bearer ${await server.sign({ aud: 'another' })}`),
      'a token of another issuer': callbackOf(`Bearer ${await server.sign({ iss: 'https://another.test' })}`),
      'a token that is over': callbackOf(`Bearer ${await server.sign({ nbf: 1_700_000_000, exp: 1_700_000_300 })}`),
      'a handshake without a secret': { ...good, query: '', headers: { ...good.headers, 'aeg-event-type': 'SubscriptionValidation' } },
    };
  },
  close: () => server.close(),
};

conforms(speaker, facts.absent);
