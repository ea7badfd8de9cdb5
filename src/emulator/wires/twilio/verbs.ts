/**
 * Verbs — which elements of TwiML this emulation knows, with their attributes and what may stand in them. It is stricter than the
 * service, which passes over an attribute that it does not know: a bot on a laptop had better hear of it.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** An element of TwiML. */
export interface ElementRule {
  readonly attributes: readonly string[];
  /** The elements that may stand in it. */
  readonly holds?: readonly string[];
  /** Whether there may be text in it. */
  readonly text?: true;
}

const recording = ['recordingStatusCallback', 'recordingStatusCallbackMethod', 'recordingStatusCallbackEvent', 'recordingConfigurationId', 'trim'];
const legStatus = ['statusCallback', 'statusCallbackMethod', 'statusCallbackEvent', 'url', 'method'];
const detection = ['machineDetection', 'machineDetectionTimeout', 'machineDetectionSpeechThreshold', 'machineDetectionSpeechEndThreshold', 'machineDetectionSilenceTimeout', 'amdStatusCallback', 'amdStatusCallbackMethod'];
const spoken = ['break', 'emphasis', 'lang', 'p', 'phoneme', 'prosody', 's', 'say-as', 'sub', 'w'];

/** What stands in `<Response>`, as far as it is carried out or ended on demand. */
export const verbs: Readonly<Record<string, ElementRule>> = {
  Say: { attributes: ['voice', 'language', 'loop'], holds: spoken, text: true },
  Play: { attributes: ['loop', 'digits'], text: true },
  Pause: { attributes: ['length'] },
  Gather: {
    attributes: [
      'input', 'action', 'method', 'timeout', 'speechTimeout', 'maxSpeechTime', 'numDigits', 'finishOnKey', 'hints', 'language', 'profanityFilter', 'partialResultCallback', 'partialResultCallbackMethod',
      'bargeIn', 'debug', 'actionOnEmptyResult', 'speechModel', 'enhanced',
    ],
    holds: ['Say', 'Play', 'Pause'],
  },
  Record: { attributes: ['action', 'method', 'timeout', 'finishOnKey', 'maxLength', 'playBeep', 'transcribe', 'transcribeCallback', ...recording] },
  Dial: {
    attributes: [
      'action', 'method', 'timeout', 'callerId', 'answerOnBridge', 'timeLimit', 'hangupOnStar', 'ringTone', 'record', 'recordingTrack', 'referUrl', 'referMethod', 'sequential', 'events', 'passports', ...recording,
    ],
    holds: ['Number', 'Sip', 'Client', 'Conference', 'Queue', 'Sim', 'Application', 'WhatsApp'],
    text: true,
  },
  Refer: { attributes: ['action', 'method'], holds: ['Sip', 'ReferSip'] },
  Redirect: { attributes: ['method'], text: true },
  Reject: { attributes: ['reason'] },
  Hangup: { attributes: [] },
};

/** Verbs of the service that are not carried out here: how they end is said by whoever runs the emulation. Their attributes are anybody's. */
export const foreignVerbs: readonly string[] = ['Pay', 'Enqueue', 'Leave', 'Connect', 'Start', 'Stop', 'Sms', 'Message', 'Prompt', 'Echo', 'Queue'];

/** What stands in a verb. */
export const nouns: Readonly<Record<string, ElementRule>> = {
  ...verbs,
  Number: { attributes: [...legStatus, ...detection, 'sendDigits', 'byoc'], text: true },
  Sip: { attributes: [...legStatus, ...detection, 'username', 'password'], text: true },
  ReferSip: { attributes: [], text: true },
  Client: { attributes: legStatus, holds: ['Identity', 'Parameter'], text: true },
  Conference: { attributes: ['beep', 'coach', 'endConferenceOnExit', 'eventCallbackUrl', 'maxParticipants', 'muted', 'participantLabel', 'record', 'region', 'startConferenceOnEnter', 'waitMethod', 'waitUrl', ...legStatus, ...recording], text: true },
  Queue: { attributes: ['url', 'method', 'reservationSid', 'postWorkActivitySid'], text: true },
  Sim: { attributes: [], text: true },
  Application: { attributes: [...legStatus, 'customerId', 'copyParentTo'], holds: ['ApplicationSid', 'Parameter'], text: true },
  WhatsApp: { attributes: legStatus, text: true },
  Identity: { attributes: [], text: true },
  ApplicationSid: { attributes: [], text: true },
  Parameter: { attributes: ['name', 'value'] },
  break: { attributes: ['strength', 'time'] },
  emphasis: { attributes: ['level'], holds: spoken, text: true },
  lang: { attributes: ['xml:lang'], holds: spoken, text: true },
  p: { attributes: [], holds: spoken, text: true },
  phoneme: { attributes: ['alphabet', 'ph'], text: true },
  prosody: { attributes: ['volume', 'rate', 'pitch'], holds: spoken, text: true },
  s: { attributes: [], holds: spoken, text: true },
  'say-as': { attributes: ['interpret-as', 'format'], text: true },
  sub: { attributes: ['alias'], text: true },
  w: { attributes: ['role'], text: true },
};
