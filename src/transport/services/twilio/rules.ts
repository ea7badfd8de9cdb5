/**
 * Rules — what holds for every request from Twilio and for every document that it is answered with, each by its id.
 *
 * `decode`, `encode` and `limits` refuse by these ids and `callchart decode` and `validate` print them, so an id stays the same
 * once it is out. Letters say what a rule is about: H the HTTP body, C the call, G the result of a Gather, R of a Record,
 * Q the query of our own addresses; PR a prompt, SS SSML, GA a question, RC a recording, DI a number that is rung, RE a referral,
 * VB a verb of Twilio's own; X a document as such.
 *
 * Imports `errors` alone.
 *
 * @module
 */
import { type AnyCallError, CallError } from '../../../errors.ts';

/** One readable sentence a rule. */
export const rules = {
  'H-TYPE': 'the body is a form, or a JSON object',
  'H-JSON': 'a JSON body is one object whose values are texts',
  'H-TWICE': 'no parameter that is read is told twice',

  'C-SID': 'the call has an id: not blank, at most 200 characters, none of them a control character',
  'C-STATUS': 'the state of the call is told',
  'C-FROM': 'a call that begins tells who calls',
  'C-TO': 'a call that begins tells who is called',
  'G-INPUT': 'the result of a question has keys or words',
  'G-DIGITS': 'keys are 0-9, *, # and A-D',
  'R-SID': 'a recording has an id: letters, digits, `-` and `_`, at most 128',
  'R-DURATION': 'the length of a recording is told in seconds',
  'R-STATUS': 'the state of a recording is told',
  'Q-OPERATION': 'an address of ours names its operation',

  'PR-4096': 'a text has at most 4096 characters',
  'PR-URI': 'an audio file is an absolute http or https address',
  'PR-SILENCE': 'a silence lasts at most 4 hours',
  'PR-CULTURE': 'the culture of a text is a language that Twilio speaks',
  'SS-XML': 'SSML is one well-formed `speak` element',
  'SS-ELEMENT': 'SSML has no element but those that Twilio speaks, each where it may stand',
  'SS-ATTRIBUTE': 'an element of SSML has no attribute but its own',

  'GA-NOTHING': 'a question takes keys, phrases or whatever is said',
  'GA-CHOICE': 'a choice has a key or a phrase',
  'GA-DIGITS': 'a question takes one digit or more',
  'GA-TERMCHARS': 'one key at most ends the digits of a question',
  'GA-TERMCHAR': 'the key that ends digits is 0-9, * or #',
  'GA-TIMEOUT': 'a question waits for longer than nothing, and at most 4 hours',
  'GA-CULTURE': 'the culture of a question is a language that Twilio understands',
  'RC-FORMAT': 'a recording is wav or mp3',
  'RC-LENGTH': 'a recording lasts 1 second to 4 hours',
  'RC-SILENCE': 'a recording is ended by longer than no silence, and at most 4 hours of it',
  'RC-TERMCHAR': 'the keys that end a recording are 0-9, * and #',
  'DI-TARGET': 'who is rung is a telephone number (E.164), a SIP address (`sip:…`) or a client (`client:…`)',
  'DI-TIMEOUT': 'a party is rung for 5 to 600 seconds',
  'DI-CALLER': 'the number that is shown to a party is a telephone number (E.164) or an identity of Twilio',
  'RE-TARGET': 'who a caller is referred to is a SIP address (`sip:…`)',

  'VB-NONE': 'a verb is one that Twilio is asked for here',
  'VB-ATTRIBUTE': 'a verb has no attribute but its own, each of its kind',

  'X-XML': 'a document is well-formed XML, without a document type',
  'X-ROOT': 'the outermost element is `Response`',
  'X-VERB': 'an element is one that Twilio has',
  'X-NESTING': 'an element stands where it may',
  'X-ATTRIBUTE': 'an element has no attribute but its own',
  'X-VALUE': 'an attribute has a value of its kind',
  'X-TEXT': 'text stands in elements that hold some',
  'X-CONTENT': 'an element that means nothing without its content has some',
  'X-REJECT': 'a refusal comes first in its document',
  'X-64K': 'a document has at most 65536 bytes',
} as const;

/** The id of a rule. */
export type RuleId = keyof typeof rules;

/** Whether `text` is the id of a rule. */
export const isRule = (text: string): text is RuleId => Object.hasOwn(rules, text);

/** The error for a request that breaks `rule` at `paths`. Its message names places, never what stood there. */
export const malformed = (rule: RuleId, paths: readonly string[] = []): CallError<'ERR_EVENT_MALFORMED'> =>
  new CallError('ERR_EVENT_MALFORMED', `Rule ${rule}${paths[0] ? ` at ${paths[0]}` : ''}: ${rules[rule]}.`, { paths, rule });

/** The rule that `error` is about, for those who show one: a wrong content type has a code of its own and a rule all the same. */
export const ruleOf = (error: AnyCallError): RuleId | undefined => {
  if (error.code === 'ERR_BODY_TYPE') return 'H-TYPE';
  const rule = error.code === 'ERR_EVENT_MALFORMED' || error.code === 'ERR_BATCH_ILLEGAL' ? error.details.rule : '';
  return isRule(rule) ? rule : undefined;
};
