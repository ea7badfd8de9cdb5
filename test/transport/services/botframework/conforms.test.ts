/** The Bot Framework calling service passes what every service has to. */
import { botframework } from 'callchart/transport';
import { facts } from '../../../../src/transport/services/botframework/capabilities.ts';
import { audience, issuer, type Json, type KeyServer, keyServer } from '../../../helpers/tokens.ts';
import { conforms, type EndingName, type Speaker, type WireRequest } from '../kit.ts';
import { form, multipart } from './requests.ts';

const appPassword = 'the password of the tests, which nobody sees';

const recognized = (outcome: string, of: 'choiceOutcome' | 'collectDigitsOutcome', facts: Json): Json => ({ type: 'recognizeOutcome', outcome, [of]: facts });
const recorded = (completionReason: string): Json => ({ type: 'recordOutcome', outcome: 'success', completionReason, lengthOfRecordingInSecs: 4, format: 'wav' });

/** The outcome on the wire. */
const outcomes: Readonly<Partial<Record<EndingName, Json>>> = {
  'answer.done': { type: 'answerOutcome', outcome: 'success' },
  'answer.failed': { type: 'answerOutcome', outcome: 'failure', failureReason: 'x' },
  'reject.done': { type: 'rejectOutcome', outcome: 'success' },
  'hangup.done': { type: 'hangupOutcome', outcome: 'success' },
  'play.done': { type: 'playPromptOutcome', outcome: 'success' },
  'play.failed': { type: 'playPromptOutcome', outcome: 'failure', failureReason: 'x' },
  'recognize.choice.sales': recognized('success', 'choiceOutcome', { completionReason: 'dtmfOptionMatched', choiceName: 'sales' }),
  'recognize.choice.sales said': recognized('success', 'choiceOutcome', { completionReason: 'speechOptionMatched', choiceName: 'sales' }),
  'recognize.digits.termchar': recognized('success', 'collectDigitsOutcome', { completionReason: 'completedStopToneDetected', digits: '12' }),
  'recognize.digits.interdigit': recognized('success', 'collectDigitsOutcome', { completionReason: 'interdigitTimeout', digits: '12' }),
  'recognize.noinput': recognized('failure', 'choiceOutcome', { completionReason: 'initialSilenceTimeout' }),
  'recognize.nomatch.key': recognized('failure', 'choiceOutcome', { completionReason: 'incorrectDtmf' }),
  'recognize.nomatch.interdigit': recognized('failure', 'choiceOutcome', { completionReason: 'interdigitTimeout' }),
  'recognize.failed': recognized('failure', 'choiceOutcome', { completionReason: 'temporarySystemFailure' }),
  'record.done.finalsilence': recorded('completedSilenceDetected'),
  'record.done.termchar': recorded('completedStopToneDetected'),
  'record.done.maxspeech': recorded('maxRecordingTimeout'),
  'record.done.hangup': recorded('callTerminated'),
  'record.noinput': { type: 'recordOutcome', outcome: 'failure', completionReason: 'initialSilenceTimeout', lengthOfRecordingInSecs: 0 },
  'record.failed': { type: 'recordOutcome', outcome: 'failure', completionReason: 'temporarySystemFailure', lengthOfRecordingInSecs: 0 },
};

let keys: KeyServer;

const request = async (body: string | Buffer, more: Readonly<Record<string, string>> = {}): Promise<WireRequest> => ({
  method: 'POST', query: '', body: body.toString(), headers: { authorization: `Bearer ${await keys.sign()}`, 'content-type': 'application/json', ...more },
});

const speaker: Speaker = {
  name: 'botframework',
  path: '/api/calls',
  secrets: [appPassword],
  make: async () => {
    keys = await keyServer();
    return botframework({ appId: audience, appPassword, callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: keys.metadataUrl, issuer });
  },
  callId: (call) => call,
  incoming: (call) => request(JSON.stringify({ id: call, participants: [{ identity: '8:mona', originator: true }, { identity: '28:bot', originator: false }], isMultiparty: false, presentedModalityTypes: ['audio'], callState: 'incoming' })),
  ended: (call) => request(JSON.stringify({ id: call, type: 'callStateChange', currentState: 'terminated' })),
  outcome: async (call, id, ending) => {
    const operationOutcome = outcomes[ending];
    if (operationOutcome === undefined) return 'never';
    const body = JSON.stringify({ id: call, callState: 'established', operationOutcome: { id, ...operationOutcome } });
    return ending.startsWith('record.done') ? request(multipart(['Content-Disposition: form-data; name=conversationResult', body], ['Content-Disposition: form-data; name=recordedAudio\r\nContent-Type: audio/wav', 'RIFF']), form) : request(body);
  },
  strangers: async (good) => {
    const token = good.headers['authorization'] ?? '';
    const { authorization: _, ...without } = good.headers;
    const bearing = (authorization: string): WireRequest => ({ ...good, headers: { ...good.headers, authorization } });
    return {
      'no token': { ...good, headers: without },
      'a token that was changed': bearing(`${token.slice(0, -3)}${token.endsWith('AAA') ? 'BBB' : 'AAA'}`),
      'a token for another bot': bearing(`Bearer ${await keys.sign({ aud: 'another' })}`),
      'a token of last year': bearing(`Bearer ${await keys.sign({ nbf: 1_700_000_000, exp: 1_700_003_600 })}`),
      'a token that is none': bearing('Bearer x'),
    };
  },
  close: () => keys.close(),
};

conforms(speaker, facts.absent);
