/**
 * Own verb — a verb of Twilio that a bot asks for by name (`verbs.ts`), as an element, and what its end tells beside the word for it.
 *
 * What TwiML writes within the element stands among the attributes of the verb, by a name of its own.
 *
 * @module
 */
import type { Operation } from '../../../actions/index.ts';
import { verbOddities } from '../../../machines/verbs.ts';
import type { Told } from './call-input.ts';
import { illegal } from './prompts.ts';
import { twilioVerbs } from './verbs.ts';
import { type Element, element } from './xml.ts';

type RawOperation = Extract<Operation, { readonly type: 'raw' }>;

/** The element for the verb, which tells its end at `action`. @throws `ERR_BATCH_ILLEGAL` */
export const ownVerb = (operation: RawOperation, action: string): Element => {
  const { service, verb, attributes } = operation.params;
  if (service !== 'twilio' || !Object.hasOwn(twilioVerbs, verb)) throw illegal('VB-NONE', operation);
  if (verbOddities(service, verb, attributes).length > 0) throw illegal('VB-ATTRIBUTE', operation);
  const { name, task, parameters, ...rest } = attributes as { readonly name?: string; readonly task?: string; readonly parameters?: Readonly<Record<string, string>> };
  const within = [
    ...(name === undefined ? [] : [name]),
    ...(task === undefined ? [] : [element('Task', {}, task)]),
    ...Object.entries(parameters ?? {}).map(([parameter, value]) => element('Parameter', { name: parameter, value })),
  ];
  return element(verb, { ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, written(value)])), action }, ...within);
};

/** A list is words with blanks between. */
const written = (value: unknown): string | undefined => (value === undefined ? undefined : Array.isArray(value) ? value.join(' ') : String(value));

/** What every request tells, and nobody asked for. */
const general = /^(?:AccountSid|ApiVersion|CallSid|CallStatus|Direction|From|To|Caller|Called|CallerName|ForwardedFrom|ParentCallSid|StirVerstat|StirPassportToken|Sip\w+|SipHeader_.*|(?:From|To|Caller|Called)(?:City|State|Zip|Country)|msg)$/;

/** What the end of a verb tells, by Twilio's names. */
export const verbFields = (told: Told): Told => Object.fromEntries(Object.entries(told).filter(([name]) => !general.test(name)));
