/**
 * Call input — what the first notification of the Bot Framework calling service tells of a call: who calls whom, and who
 * else is on the line. Pure.
 *
 * @module
 */
import type { CallInput, Participant } from '../../../machines/index.ts';
import { type Conversation, given } from './wire.ts';

type WireParticipant = Conversation['participants'][number];

/** Who calls whom, and who else is there. */
export function callInput(call: Conversation, appIdentity: string | undefined): CallInput {
  const isBot = (identity: string) => identity.startsWith('28:');
  const others = call.participants.filter(({ originator }) => !originator);
  const caller = call.participants.find(({ originator }) => originator) ?? call.participants.find(({ identity }) => !isBot(identity));
  const callee =
    others.find(({ identity }) => appIdentity !== undefined && identity.toLowerCase() === `28:${appIdentity}`.toLowerCase()) ??
    others.find(({ identity }) => isBot(identity)) ??
    others.find((participant) => participant !== caller);
  const conversation = given(call.threadId);
  const participants = listed(call.participants, caller, callee);
  return {
    id: call.id,
    from: addressOf(caller),
    to: addressOf(callee),
    ...spokenTo(caller),
    direction: 'inbound',
    ...(conversation !== undefined && conversation !== call.id && { conversation }),
    ...(participants !== undefined && { participants }),
    headers: {
      ismultiparty: String(call.isMultiparty ?? false),
      modalities: call.presentedModalityTypes.join(','),
      ...(call.subject !== undefined && { subject: call.subject }),
      ...(call.threadMessageId !== undefined && { threadmessageid: call.threadMessageId }),
    },
  };
}

/**
 * Who a participant is, in words that know no service: a telephone number as E.164 has it, any other identity as it is, and
 * nothing for a number that is withheld. On the wire a number is an identity of the kind `4:`.
 */
const addressOf = (participant: WireParticipant | undefined): string => {
  const identity = participant?.identity ?? '';
  if (/^(?:4:)?(?:anonymous|restricted|unavailable|withheld|private|unknown)$/i.test(identity)) return '';
  return /^4:\+?\d+$/.test(identity) ? identity.slice(2) : identity;
};

/** The name and the language of a participant, as far as they are told. */
const spokenTo = (participant: WireParticipant | undefined): Pick<Participant, 'name' | 'language'> => {
  const name = given(participant?.displayName);
  const language = given(participant?.languageId);
  if (name === undefined) return language === undefined ? {} : { language };
  return language === undefined ? { name } : { name, language };
};

/** The protocol sets no bound for a group, and everybody listed is kept with the call as long as it lasts. */
const mostListed = 50;

/** Who is on the line, each identity once; undefined where nobody is but the caller and the callee. */
function listed(all: readonly WireParticipant[], caller: WireParticipant | undefined, callee: WireParticipant | undefined): readonly Participant[] | undefined {
  if (all.every((one) => one === caller || one === callee)) return undefined;
  const byIdentity = new Map<string, WireParticipant>();
  for (const one of [caller, callee, ...all]) {
    const identity = one?.identity.toLowerCase();
    if (one !== undefined && identity !== undefined && !byIdentity.has(identity)) byIdentity.set(identity, one);
  }
  const known = new Set([caller, callee].flatMap((one) => (one === undefined ? [] : [one.identity.toLowerCase()])));
  if (byIdentity.size <= known.size) return undefined;
  return Array.from(byIdentity.values(), (one) => ({ id: addressOf(one), ...spokenTo(one), ...(one === caller && { originator: true as const }) })).slice(0, mostListed);
}
