/**
 * Rules — what Azure Communication Services asks of every body and batch, in either direction, each by its id.
 *
 * `decode` and `limits` refuse by these ids and `callchart decode` and `validate` print them, so an id stays the same once it
 * is out. A letter says what a rule is about: H the HTTP body, E an event, C an incoming call, R a recognition, P the people
 * on the line, F the file of a recording, V a handshake, PR one prompt, RG recognize, RC record, HO hold, CC createcall, TG whom
 * a call is handed to; Q a request of ours; T the JSON type.
 *
 * @module
 */
import { CallError } from '../../../errors.ts';

/** One readable sentence a rule. */
export const rules = {
  'H-JSON': 'the body is one event, or a list of events',
  'H-TYPE': 'the body is application/json, or a CloudEvent as JSON',
  'H-EMPTY': 'a list of events holds at least one',
  'T-SHAPE': 'each field has the JSON type that the service gives it',

  'E-TYPE': 'an event names its type',
  'E-ID': 'an event has an id: not blank, at most 200 characters, none of them a control character',
  'E-DATA': 'an event carries data',
  'E-CALL': 'a callback names its call: not blank, at most 200 characters, none of them a control character',
  'E-RESULT': 'a result has a code and a subcode, which are whole numbers',
  'E-CONTEXT': 'an operation context is a text of at most 200 characters',
  'C-CONTEXT': 'an incoming call has a context that answers it',
  'C-FROM': 'an incoming call tells who calls',
  'C-TO': 'an incoming call tells who is called',
  'C-CORRELATION': 'an incoming call has a correlation id: not blank, at most 150 characters, none of them a control character',
  'R-RESULT': 'a completed recognition has the result that its type names',
  'R-TONE': 'a tone is one of zero to nine, a to d, pound and asterisk',
  'P-ROSTER': 'a roster lists participants, each with the raw id of its identity',
  'P-SEQUENCE': 'a roster has a sequence number',
  'P-ADDED': 'a participant that was added is told by the raw id of its identity',
  'F-CHUNKS': 'the file of a recording is told by its chunks, each with its address',
  'F-RECORDING': 'the subject of the file of a recording ends with the id of the recording',
  'V-CODE': 'the validation of a subscription has a code',

  'PR-SPEECH': 'texts, SSML and silences take the speech service of a linked Azure AI resource (option `cognitiveServicesUrl`)',
  'PR-4000': 'the text of a prompt has 1 to 4000 characters',
  'PR-SSML': 'SSML is one speak document',
  'PR-SILENCE': 'a silence lasts at most 60000 milliseconds',
  'PR-URI': 'the file of a prompt is an absolute address that begins with https',
  'PR-NONE': 'there is something to play',
  'RG-SPEECH': 'phrases and free speech take the speech service of a linked Azure AI resource (option `cognitiveServicesUrl`)',
  'RG-NONE': 'a question takes a key, a phrase, digits or speech',
  'RG-INITIAL': 'a question waits at most 300 seconds for the first key, and at most 20 where it takes words',
  'RG-INTERDIGIT': 'a question waits at most 60 seconds between two keys',
  'RG-DIGITS': 'a question for digits takes at least one',
  'RC-SPEECH': 'a recording takes the speech service of a linked Azure AI resource (option `cognitiveServicesUrl`): it hears when somebody has ended',
  'RC-FORMAT': 'a recording is wav or mp3',
  'RC-INITIAL': 'a recording waits at most 20 seconds for the first word',
  'HO-ONE': 'a caller on hold hears one prompt over and over, not several',
  'CC-RING': 'an outgoing call rings for 1 to 180 seconds',
  'TG-ADDRESS': 'a call is handed to a telephone number (E.164) or to an identity of the service',

  'Q-REQUEST': 'a request is an object with a method, a target and, where the target takes one, a body',
  'Q-TARGET': 'the method and the target of a request are some that the service has',
  'Q-FIELD': 'a field that the request needs is there, and is of its kind',
  'Q-RANGE': 'a number is within its range',
  'Q-TONES': 'all choices have a tone, or none has',
} as const;

/** The id of a rule. */
export type RuleId = keyof typeof rules;

/** Whether `text` is the id of a rule. */
export const isRule = (text: string): text is RuleId => Object.hasOwn(rules, text);

/** The error for a body that breaks `rule` at `paths`. Its message names places, never what stood there. */
export const malformed = (rule: RuleId, paths: readonly string[] = []): CallError<'ERR_EVENT_MALFORMED'> =>
  new CallError('ERR_EVENT_MALFORMED', `Rule ${rule}${paths[0] ? ` at ${paths[0]}` : ''}: ${rules[rule]}.`, { paths, rule });
