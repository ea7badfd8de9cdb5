/**
 * Rules — what the Bot Framework calling service asks of every body, in either direction, each by its id.
 *
 * `decode` and `limits` refuse by these ids and `callchart decode` and `validate` print them, so an id stays the same
 * once it is out. A letter says what a rule is about: H the HTTP body, C the call, P a participant, O an outcome,
 * N a notification, W the whole workflow, A an action, AS appState, AN answer, PP playPrompt, PR one prompt, RG recognize,
 * CH a choice, CD collected digits, D tones, RC record; TR, PC, VS and HM the four extended actions; T the JSON type.
 *
 * Imports `errors` alone.
 *
 * @module
 */
import { type AnyCallError, CallError } from '../../../errors.ts';

/** One readable sentence a rule. */
export const rules = {
  'H-JSON': 'the body is one JSON object',
  'H-TYPE': 'the body is application/json, or multipart/form-data for a recording',
  'H-NORESULT': 'a multipart body has a JSON part named conversationResult',
  'H-NOAUDIO': 'a multipart body has a part with the recorded audio',
  'H-PARTS': 'a multipart body arrives whole, up to its closing boundary',
  'T-SHAPE': 'each field has the JSON type that the protocol gives it',

  'C-ID': 'the call has an id: not blank, at most 200 characters, none of them a control character',
  'C-STATE': 'the state of the call is told',
  'C-PARTICIPANTS': 'the participants are listed',
  'C-NOPARTICIPANT': 'there is at least one participant',
  'C-MODALITIES': 'the offered media are listed',
  'C-NOMODALITY': 'at least one medium is offered',
  'C-THREAD': 'a group call names its thread',
  'C-THREADID': 'the id of a thread has at most 200 characters, none of them a control character',
  'P-IDENTITY': 'a participant has an identity that is not blank',
  'P-ORIGINATOR': 'a participant tells whether it began the call',

  'O-MISSING': 'a result carries the outcome of an operation',
  'O-TYPE': 'the outcome is of a type in the list',
  'O-ID': 'the outcome bears the id of its operation: not blank, at most 200 characters, none of them a control character',
  'O-OUTCOME': 'the outcome says success or failure',
  'O-REASON': 'the outcome says why it was completed',
  'O-EITHER': 'a successful recognition has a choice or digits, not both and not neither',
  'O-CHOICE': 'a successful choice has a name that is not blank',
  'O-DIGITS': 'a successful collection has digits',
  'O-NOLENGTH': 'the outcome of a recording tells its length in seconds',
  'O-LENGTHFAIL': 'a recording that failed has the length 0',
  'O-LENGTH': 'a recording that succeeded is longer than 0',
  'O-MODALITIES': 'an outgoing call that was taken tells the media that were accepted',

  'N-TYPE': 'a notification is callStateChange or rosterUpdate',
  'N-STATE': 'a change of state tells the new state',
  'N-PARTICIPANTS': 'a roster has at least one participant',
  'N-MEDIA': 'a stream of the roster tells its medium',
  'N-DIRECTION': 'a stream of the roster tells its direction',

  'W-ACTIONS': 'a workflow is an object with a list of actions',
  'W-EMPTY': 'the list of actions is not empty',
  'W-NULLACTION': 'no action in the list is null',
  'W-ALONE': 'reject (and answerAppHostedMedia) is the only action of its workflow',
  'W-ORDER': 'answer comes first, then what is played, asked and recorded, then hangup',
  'W-TWICE': 'no action but playPrompt occurs twice',
  'W-EXCLUDE': 'answer and placeCall exclude each other',
  'W-CALLBACK': 'links name a callback',
  'W-URI': 'a link is an absolute address',
  'W-HTTPS': 'a link begins with https',
  'W-SUBSCRIPTIONS': 'subscriptions are a list of callStateChange and rosterUpdate, and are there when a notification link is',
  'AS-1024': 'appState is a text of at most 1024 characters',

  'A-NONAME': 'an action has a name',
  'A-NAME': 'the name of an action is one in the list, in the same case',
  'A-OPID': 'an action has an operationId that is not blank',

  'AN-DUP': 'no medium is accepted twice',
  'AN-UNKNOWN': 'only known media are accepted',
  'AN-SHARING': 'screen sharing cannot be accepted',

  'PP-PROMPTS': 'playPrompt lists its prompts',
  'PP-EMPTY': 'playPrompt has at least one prompt',
  'PP-NULL': 'no prompt in the list is null',
  'PR-BOTH': 'a prompt has a text or a file, not both',
  'PR-NOTHING': 'a prompt has a text, a file, or a silence longer than 0',
  'PR-2048': 'the text of a prompt has at most 2048 characters',
  'PR-SILENCE': 'a silence lasts at most 60000 milliseconds',
  'PR-URI': 'the file of a prompt is an absolute address',
  'PR-CULTURE': 'prompts are spoken in en-US only',
  'PR-SAYAS': 'sayAs is one in the list',
  'PR-SSML': 'this service does not take SSML',

  'RG-SPEECH': 'this service hears phrases of choices and keys, and not whatever is said',
  'RG-EITHER': 'recognize has choices or collectDigits, not both and not neither',
  'RG-CHOICES': 'the list of choices is not empty',
  'RG-CULTURE': 'speech is recognized in en-US only',
  'RG-INITIAL': 'recognize waits 1 to 30 seconds for the first input',
  'RG-INTERDIGIT': 'recognize waits 1 to 5 seconds between two keys',
  'CH-NULL': 'no choice in the list is null',
  'CH-NAME': 'a choice has a name that is not blank',
  'CH-NONE': 'a choice has a phrase or a key',
  'CH-MAX5': 'a choice has at most five phrases',
  'CH-BLANK': 'no phrase is blank',
  'CH-DUPSPEECH': 'no phrase stands for two choices',
  'CH-DUPDTMF': 'no key stands for two choices',
  'CD-EITHER': 'collectDigits has a greatest number of digits, or stop tones, or both',
  'CD-RANGE': 'collectDigits takes 1 to 20 digits',
  'D-TONE': 'a tone is one of 0-9 * # A-D',
  'D-EMPTY': 'stop tones, where given, are at least one',
  'D-MAX5': 'there are at most five stop tones',

  'RC-DURATION': 'a recording lasts 2 to 600 seconds',
  'RC-INITIAL': 'record waits 1 to 30 seconds for the first word',
  'RC-SILENCE': 'record ends after 0 to 30 seconds of silence',
  'RC-FORMAT': 'a recording is wma, wav or mp3',

  'TR-NONE': 'this service does not hand a call on',
  'HO-NONE': 'this service does not put a caller on hold',
  'CC-NONE': 'this service does not ring anybody for a bot',
  'RW-NONE': 'this service has no verbs of its own',
  'TR-TARGET': 'transfer names its target',
  'TR-8': 'the target of a transfer is a user: its identity begins with 8:',
  'TR-ORIGINATOR': 'the target of a transfer did not begin the call',
  'PC-APPID': 'placeCall names the app that calls',
  'PC-SOURCE': 'placeCall names who calls',
  'PC-TARGET': 'placeCall names who is called',
  'VS-SOCKET': 'videoSubscription names a socket, 0 to 9',
  'VS-IDENTITY': 'videoSubscription has participantIdentity, which may be null',
  'VS-MODE': 'the mode of videoSubscription is manual or auto',
  'VS-MANUAL': 'a manual videoSubscription names participant and medium',
  'VS-AUTO': 'an automatic videoSubscription names neither participant nor medium',
  'VS-MODALITY': 'videoSubscription is for a known medium other than audio',
  'VS-RESOLUTION': 'the resolution is one in the list',
  'HM-CONFIG': 'answerAppHostedMedia has a mediaConfiguration object',
  'HM-1024': 'mediaConfiguration has at most 1024 characters',
} as const;

/** The id of a rule. */
export type RuleId = keyof typeof rules;

/** Whether `text` is the id of a rule. */
export const isRule = (text: string): text is RuleId => Object.hasOwn(rules, text);

/** The error for a body that breaks `rule` at `paths`. Its message names places, never what stood there. */
export const malformed = (rule: RuleId, paths: readonly string[] = []): CallError<'ERR_EVENT_MALFORMED'> =>
  new CallError('ERR_EVENT_MALFORMED', `Rule ${rule}${paths[0] ? ` at ${paths[0]}` : ''}: ${rules[rule]}.`, { paths, rule });

/** The rule that `error` is about, for those who show one: a wrong content type has a code of its own and a rule all the same. */
export function ruleOf(error: AnyCallError): RuleId | undefined {
  if (error.code === 'ERR_BODY_TYPE') return 'H-TYPE';
  const rule = error.code === 'ERR_EVENT_MALFORMED' || error.code === 'ERR_BATCH_ILLEGAL' ? (error as CallError<'ERR_EVENT_MALFORMED' | 'ERR_BATCH_ILLEGAL'>).details.rule : '';
  return isRule(rule) ? rule : undefined;
}
