/** Twilio passes what every service has to. */
import { twilio } from 'callchart/transport';
import { facts } from '../../../../src/transport/services/twilio/capabilities.ts';
import { conforms, type EndingName, type Speaker, type WireRequest } from '../kit.ts';
import { accountSid, authToken, type Fields, ongoing, path, publicUrl, ringing, signatureOf } from './requests.ts';

const recorded: Fields = { RecordingUrl: 'https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1', RecordingSid: 'RE1', RecordingDuration: '4' };

/** What tells an ending, beside what every request tells. */
const outcomes: Readonly<Partial<Record<EndingName, Fields>>> = {
  'answer.done': {}, 'reject.done': { CallStatus: 'busy' }, 'hangup.done': { CallStatus: 'completed' }, 'play.done': {},
  'recognize.choice.sales': { Digits: '1', msg: 'Gather End' },
  'recognize.choice.sales said': { SpeechResult: 'Sales.', Confidence: '0.9' },
  'recognize.digits.termchar': { Digits: '12', FinishedOnKey: '#' },
  'recognize.digits.interdigit': { Digits: '12', FinishedOnKey: '' },
  'recognize.speech': { SpeechResult: 'I moved.', Confidence: '0.9' },
  'recognize.noinput': {},
  'recognize.nomatch.key': { Digits: '9' },
  'recognize.nomatch.speech': { SpeechResult: 'Good evening.' },
  'record.done.finalsilence': recorded,
  'record.done.termchar': { ...recorded, Digits: '#' },
  'record.done.maxspeech': { ...recorded, RecordingDuration: '60' },
  'record.done.hangup': { ...recorded, Digits: 'hangup', CallStatus: 'completed' },
  'record.noinput': {},
  'transfer.done': { DialCallStatus: 'completed' }, 'transfer.busy': { DialCallStatus: 'busy' }, 'transfer.noanswer': { DialCallStatus: 'no-answer' }, 'transfer.failed': { DialCallStatus: 'failed' },
  'hold.done': {}, 'unhold.done': {},
  'createcall.done': { DialCallStatus: 'completed' }, 'createcall.busy': { DialCallStatus: 'busy' }, 'createcall.noanswer': { DialCallStatus: 'no-answer' }, 'createcall.failed': { DialCallStatus: 'failed' },
};

const form = (fields: Fields, query = ''): WireRequest => ({
  method: 'POST', query, body: new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signatureOf(`${publicUrl}${path}${query}`, fields) },
});

const speaker: Speaker = {
  name: 'twilio',
  path,
  secrets: [authToken],
  make: () => twilio({ accountSid, authToken, publicUrl }),
  callId: (call) => `CA${call}`,
  incoming: async (call) => form({ ...ringing, CallSid: `CA${call}` }),
  ended: async (call) => form({ ...ongoing, CallSid: `CA${call}`, CallStatus: 'completed', CallbackSource: 'call-progress-events', SequenceNumber: '0' }),
  outcome: async (call, id, ending) => {
    const told = outcomes[ending];
    const type = ending.split('.')[0] ?? '';
    const isEnd = type === 'hangup' || type === 'reject';
    return told === undefined ? 'never' : form({ ...ongoing, CallSid: `CA${call}`, ...told }, isEnd ? '' : `?of=${type}&op=${id}${type === 'record' ? '&max=60' : ''}`);
  },
  strangers: async (good) => {
    const { 'x-twilio-signature': signature = '', ...without } = good.headers;
    const bearing = (other: string): WireRequest => ({ ...good, headers: { ...good.headers, 'x-twilio-signature': other } });
    const fields = Object.fromEntries(new URLSearchParams(good.body));
    return {
      'no signature': { ...good, headers: without },
      'a signature that was changed': bearing(`${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`),
      'a signature that is none': bearing('x'),
      'the signature of another account': bearing(signatureOf(`${publicUrl}${path}`, fields, 'another token')),
      'a signature for another address': bearing(signatureOf(`http://127.0.0.1${path}`, fields)),
      'a body that was changed after it was signed': { ...good, body: good.body.replace('From=', 'From=1') },
      'a query that was added after it was signed': { ...good, query: '?of=wait&n=1' },
    };
  },
};

conforms(speaker, facts.absent);
