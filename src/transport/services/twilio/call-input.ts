/**
 * Call input — what the first request of Twilio tells of a call: who calls whom. Pure.
 *
 * @module
 */
import type { AnsweredBy, CallInput } from '../../../machines/index.ts';
import type { Beginning } from './wire.ts';

/** Parameters by name. */
export type Told = Readonly<Record<string, string>>;

/** Who calls whom, and what came along. */
export const callInput = ({ CallSid: id, From, To, Direction, CallerName: name, AnsweredBy }: Beginning, told: Told): CallInput => {
  const isOutbound = Direction?.startsWith('outbound') === true;
  return {
    id,
    from: callerId(From),
    to: callerId(To),
    ...(name !== undefined && { name }),
    direction: isOutbound ? 'outbound' : 'inbound',
    ...(isOutbound && AnsweredBy !== undefined && { answeredBy: answeredBy(AnsweredBy) }),
    headers: headersIn(told),
  };
};

/** Numbers that are none: words, as a telephone keypad spells them (anonymous, restricted, blocked, unknown, unavailable). */
const withheld: ReadonlySet<string> = new Set(['266696687', '7378742833', '2562533', '8656696', '86282452253']);

/** A number or an address; nothing for one that is withheld. */
const callerId = (told: string): string => (/^(?:anonymous|restricted|blocked|unknown|unavailable|private|withheld)$/i.test(told) || withheld.has(told.replace(/^\+/, '')) ? '' : told.trim());

/** Who has answered. A machine may be told by where in its greeting it was. */
const answeredBy = (word: string): AnsweredBy => (word === 'human' || word === 'fax' ? word : word.startsWith('machine') ? 'machine' : 'unknown');

/** What Twilio knows of a call beside its parties. */
const extras: readonly string[] = ['ForwardedFrom', 'StirVerstat', 'SipDomain', 'FromCity', 'FromState', 'FromZip', 'FromCountry'];

const sipHeader = 'SipHeader_';

/** The headers of a SIP call by their own names, and the extras, all in lower case. */
const headersIn = (told: Told): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) => {
      if (value === '') return [];
      if (name.startsWith(sipHeader)) return [[name.slice(sipHeader.length).toLowerCase(), value]];
      return extras.includes(name) ? [[name.toLowerCase(), value]] : [];
    }),
  );
