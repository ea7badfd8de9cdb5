/**
 * Wire — the codecs of all that Azure Communication Services tells a bot: callbacks of calls, and events of Event Grid.
 *
 * Fields that are not named here are ignored and null is the same as absent, since every version of the service has others;
 * what a result says is read by its code and subcode and never by its message. A refused value breaks one {@link RuleId},
 * which travels as the message of the io-ts error.
 *
 * @module
 */
import * as t from 'io-ts';
import type { DtmfKey } from '../../../actions/index.ts';
import { type Codec, isFields, list, maybe, must, object } from './codecs.ts';
import type { RuleId } from './rules.ts';
import { keyOf } from './tones.ts';

const isKey = (text: string, longest: number): boolean => text.trim() !== '' && text.length <= longest && !/[\p{Cc}\p{Cs}]/u.test(text);

const text = must('T-SHAPE', (value) => (typeof value === 'string' ? value : undefined));
const whole = (rule: RuleId): Codec<number> => must(rule, (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined));

/** Ids become keys of every store, so one that a store cannot hold is refused here. Those of the service are GUIDs. */
const id = (rule: RuleId, longest = 200): Codec<string> => must(rule, (value) => (typeof value === 'string' && isKey(value, longest) ? value : undefined));

/** What all events have, whichever of the two schemas they follow: Event Grid's own has an `eventType`, CloudEvents a `type`. */
export const Envelope = t.type({ id: id('E-ID'), type: id('E-TYPE'), subject: maybe(text), time: maybe(text), data: must('E-DATA', (value) => (isFields(value) ? value : undefined)) }, 'Envelope');
export type Envelope = t.TypeOf<typeof Envelope>;

const Result = t.type({ code: maybe(whole('E-RESULT')), subCode: maybe(whole('E-RESULT')), sipDetails: maybe(object('T-SHAPE', t.type({ code: maybe(whole('E-RESULT')) }, 'SipDetails'))) }, 'ResultInformation');
export type Result = t.TypeOf<typeof Result>;

const Identity = (rule: RuleId) => object(rule, t.type({ rawId: id(rule, 256) }, 'Identity'));

const about = {
  callConnectionId: id('E-CALL'),
  operationContext: maybe(must('E-CONTEXT', (value) => (typeof value === 'string' && value.length <= 200 ? value : undefined))),
  resultInformation: maybe(object('T-SHAPE', Result)),
};

const tone = must<DtmfKey>('R-TONE', (value) => (typeof value === 'string' ? keyOf(value) : undefined));

const Tones = object('R-RESULT', t.type({ tones: list('R-RESULT', tone) }, 'Tones'));

const Simple = t.type(about, 'Simple');
const Played = t.type({ ...about, failedPlaySourceIndex: maybe(whole('T-SHAPE')) }, 'Played');
const Recognized = t.type(
  {
    ...about,
    failedPlaySourceIndex: maybe(whole('T-SHAPE')),
    recognitionType: maybe(text),
    dtmfResult: maybe(Tones),
    // As versions of 2022 called it.
    collectTonesResult: maybe(Tones),
    choiceResult: maybe(object('R-RESULT', t.type({ label: maybe(text), recognizedPhrase: maybe(text) }, 'ChoiceResult'))),
    speechResult: maybe(object('R-RESULT', t.type({ speech: maybe(text), confidence: maybe(must('R-RESULT', (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined))) }, 'SpeechResult'))),
  },
  'Recognized',
);
export type Recognized = t.TypeOf<typeof Recognized>;

/** What the callbacks of a call carry, by the type of the event. */
export const callbacks = {
  CallConnected: Simple,
  CallDisconnected: Simple,
  AnswerFailed: Simple,
  CreateCallFailed: Simple,
  ConnectFailed: Simple,
  PlayStarted: Simple,
  PlayPaused: Simple,
  PlayResumed: Simple,
  PlayCompleted: Simple,
  PlayFailed: Played,
  PlayCanceled: Simple,
  RecognizeCompleted: Recognized,
  RecognizeFailed: Recognized,
  RecognizeCanceled: Simple,
  CallTransferAccepted: Simple,
  CallTransferFailed: Simple,
  AddParticipantSucceeded: t.type({ ...about, participant: Identity('P-ADDED') }, 'AddParticipantSucceeded'),
  AddParticipantFailed: Simple,
  CancelAddParticipantSucceeded: Simple,
  CancelAddParticipantFailed: Simple,
  RemoveParticipantSucceeded: Simple,
  RemoveParticipantFailed: Simple,
  MoveParticipantSucceeded: Simple,
  MoveParticipantFailed: Simple,
  ParticipantsUpdated: t.type(
    { ...about, participants: list('P-ROSTER', object('P-ROSTER', t.type({ identifier: Identity('P-ROSTER') }, 'RosterRow'))), sequenceNumber: whole('P-SEQUENCE') },
    'ParticipantsUpdated',
  ),
  HoldFailed: Simple,
  HoldAudioStarted: Simple,
  HoldAudioPaused: Simple,
  HoldAudioResumed: Simple,
  HoldAudioCompleted: Simple,
  RecordingStateChanged: Simple,
  StartRecordingFailed: Simple,
  SendDtmfTonesCompleted: Simple,
  SendDtmfTonesFailed: Simple,
  ContinuousDtmfRecognitionToneReceived: t.type({ ...about, tone }, 'ToneReceived'),
  ContinuousDtmfRecognitionToneFailed: Simple,
  ContinuousDtmfRecognitionStopped: Simple,
  MediaStreamingStarted: Simple,
  MediaStreamingStopped: Simple,
  MediaStreamingFailed: Simple,
  TranscriptionStarted: Simple,
  TranscriptionUpdated: Simple,
  TranscriptionStopped: Simple,
  TranscriptionFailed: Simple,
} as const;

/** The name of a callback, without its prefix. */
export type CallbackName = keyof typeof callbacks;

/** What one callback carries. */
export type CallbackOf<N extends CallbackName> = t.TypeOf<(typeof callbacks)[N]>;

/** Headers that came along: SIP ones of a number, or those that an application of the resource has sent. */
const Headers = maybe(must('T-SHAPE', (value) => (isFields(value) ? value : undefined)));

/** An incoming call, as Event Grid tells it. */
export const IncomingCall = t.type(
  {
    to: Identity('C-TO'),
    from: Identity('C-FROM'),
    incomingCallContext: must('C-CONTEXT', (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined)),
    correlationId: id('C-CORRELATION', 150),
    callerDisplayName: maybe(text),
    customContext: maybe(object('T-SHAPE', t.type({ sipHeaders: Headers, voipHeaders: Headers }, 'CustomContext'))),
  },
  'IncomingCall',
);
export type IncomingCall = t.TypeOf<typeof IncomingCall>;

/** The file of a recording, as Event Grid tells it. */
export const RecordingFileStatus = t.type(
  {
    recordingStorageInfo: object(
      'F-CHUNKS',
      t.type({ recordingChunks: list('F-CHUNKS', object('F-CHUNKS', t.type({ index: maybe(whole('F-CHUNKS')), contentLocation: id('F-CHUNKS', 2048) }, 'Chunk'))) }, 'StorageInfo'),
    ),
    recordingDurationMs: maybe(whole('T-SHAPE')),
  },
  'RecordingFileStatus',
);
export type RecordingFileStatus = t.TypeOf<typeof RecordingFileStatus>;

/** What the validation of a subscription carries. */
export const SubscriptionValidation = t.type({ validationCode: id('V-CODE') }, 'SubscriptionValidation');
