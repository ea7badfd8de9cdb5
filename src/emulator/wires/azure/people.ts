/**
 * People — who comes to a call at Azure Communication Services and who goes: invited, removed, moved, muted, held, and handed
 * on to somebody else.
 *
 * A transfer in a call of two ends the call for the bot; in a larger one the bot stays with the others.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { type Answer, refused, taken } from './answer.ts';
import type { Bodies } from './bodies.ts';
import { type Connection, hungUpBy } from './connection.ts';
import { type Fields, identifierOf, isPhone, rawIdIn } from './identity.ts';
import type { Pickup } from './parties.ts';
import { type ResultInformation, type ResultName, results } from './results.ts';

/** How long a telephone rings when nobody says how long, ms. */
const ringMs = 60_000;

const echoed = (operationContext: string | undefined): Fields => (operationContext === undefined ? {} : { operationContext });

/** Why nobody came. */
const whyNot = { busy: 'busy', noanswer: 'noanswer', declined: 'declined', unreachable: 'unreachable' } as const satisfies Readonly<Record<Exclude<Pickup, 'answered'>, ResultName>>;

/** How a call that was placed, or somebody who was called to one, failed to come. */
export const failureOf = (pickup: Exclude<Pickup, 'answered'>): ResultName => whyNot[pickup];

/** Of a transfer that fails it is told what the operator said, and not what the exchange made of it. */
const withoutExchange = ({ code, subCode, message, sipDetails }: ResultInformation): ResultInformation => ({ code, subCode, message, ...(sipDetails !== undefined && { sipDetails }) });

/** Hands the caller on. */
export const transfer = (call: Connection, { targetParticipant, transferee, operationContext, operationCallbackUri }: Bodies['transfer']): Answer => {
  const target = rawIdIn(targetParticipant) as string;
  const from = transferee === undefined ? call.others()[0] : rawIdIn(transferee);
  if (from === undefined || !call.participants.has(from)) return refused('invalid');
  if (call.state === 'transferring') return refused('conflict');
  const of = { operationContext, operationCallbackUri };
  call.state = 'transferring';
  const handOn = async (): Promise<void> => {
    const pickup = await call.parties.transfer(target, { ringMs, signal: call.over });
    if (call.over.aborted) return;
    if (pickup !== 'answered') {
      call.state = 'connected';
      return call.tell('CallTransferFailed', { resultInformation: withoutExchange(results[failureOf(pickup)]) }, of);
    }
    call.state = 'transferAccepted';
    call.tell('CallTransferAccepted', { resultInformation: results.transferred, transferTarget: identifierOf(target), transferee: identifierOf(from) }, of);
    call.participants.delete(from);
    if (call.others().length === 0) return call.end('transferred', 'transfer');
    call.state = 'connected';
    call.tellRoster();
  };
  return taken('transfer', echoed(operationContext), () => void handOn());
};

/** Invites somebody. */
export const addParticipant = (call: Connection, { participantToAdd, invitationTimeoutInSeconds, sourceCallerIdNumber, operationContext, operationCallbackUri }: Bodies['addParticipant']): Answer => {
  const who = rawIdIn(participantToAdd) as string;
  if (isPhone(who) && sourceCallerIdNumber === undefined) return refused('invalid');
  const of = { operationContext, operationCallbackUri };
  const invitationId = randomUUID();
  const stop = new AbortController();
  call.invitations.set(invitationId, stop);
  const participant = identifierOf(who);
  const invite = async (): Promise<void> => {
    const signal = AbortSignal.any([stop.signal, call.over]);
    const onAnswer = (): void => {
      call.invitations.delete(invitationId);
      if (signal.aborted) return;
      call.guests.set(who, stop);
      call.participants.set(who, { isMuted: false, isOnHold: false });
      call.tell('AddParticipantSucceeded', { resultInformation: results.done, participant }, of);
      call.tellRoster();
    };
    const pickup = await call.parties.join(who, { ringMs: invitationTimeoutInSeconds === undefined ? ringMs : invitationTimeoutInSeconds * 1_000, signal, onAnswer });
    call.invitations.delete(invitationId);
    if (signal.aborted) return;
    if (pickup === 'answered') leave(call, who);
    else call.tell('AddParticipantFailed', { resultInformation: results[failureOf(pickup)], participant }, of);
  };
  return taken('addParticipant', { participant: { identifier: participant, isMuted: false, isOnHold: false }, ...echoed(operationContext), invitationId }, () => void invite());
};

/** Takes an invitation back. */
export const cancelAddParticipant = (call: Connection, { invitationId, operationContext, operationCallbackUri }: Bodies['cancelAddParticipant']): Answer =>
  taken('cancelAddParticipant', { invitationId, ...echoed(operationContext) }, () => {
    const of = { operationContext, operationCallbackUri };
    const stop = call.invitations.get(invitationId);
    stop?.abort();
    call.invitations.delete(invitationId);
    if (stop === undefined) call.tell('CancelAddParticipantFailed', { invitationId, resultInformation: results['invitation-unknown'] }, of);
    else call.tell('CancelAddParticipantSucceeded', { invitationId, resultInformation: results.done }, of);
  });

/** Somebody goes, and with the last of them the call. */
export const leave = (call: Connection, who: string, result: ResultName = hungUpBy(call, who)): void => {
  if (!call.participants.delete(who)) return;
  call.guests.get(who)?.abort();
  call.guests.delete(who);
  if (call.others().length === 0) call.end(result, 'other');
  else call.tellRoster();
};

/** Sends somebody away. */
export const removeParticipant = (call: Connection, { participantToRemove, operationContext, operationCallbackUri }: Bodies['removeParticipant']): Answer => {
  const who = rawIdIn(participantToRemove) as string;
  const of = { operationContext, operationCallbackUri };
  return taken('removeParticipant', echoed(operationContext), () => {
    const participant = identifierOf(who);
    if (!call.participants.has(who)) return call.tell('RemoveParticipantFailed', { resultInformation: results['participant-unknown'], participant }, of);
    call.tell('RemoveParticipantSucceeded', { resultInformation: results.done, participant }, of);
    leave(call, who, 'ended-far');
  });
};

/** Takes people over from another call, `from`. */
export const moveParticipants = (call: Connection, from: Connection | undefined, { targetParticipants, fromCall, operationContext, operationCallbackUri }: Bodies['moveParticipants']): Answer => {
  const of = { operationContext, operationCallbackUri };
  const all = targetParticipants.map((target) => rawIdIn(target) as string);
  const there = all.map((rawId) => ({ identifier: identifierOf(rawId), isMuted: false, isOnHold: false }));
  return taken('moveParticipants', { participants: there, ...echoed(operationContext), fromCall }, () => {
    for (const who of all) {
      const participant = identifierOf(who);
      if (from?.participants.has(who) !== true) call.tell('MoveParticipantFailed', { fromCall, resultInformation: results[from === undefined ? 'call-unknown' : 'participant-unknown'], participant }, of);
      else {
        call.participants.set(who, { isMuted: false, isOnHold: false });
        call.tell('MoveParticipantSucceeded', { fromCall, resultInformation: results.done, participant }, of);
        leave(from, who, 'removed');
      }
    }
    call.tellRoster();
  });
};

/** Mutes a user of an application; a telephone cannot be muted. */
export const muteParticipant = (call: Connection, { targetParticipants: [target], operationContext }: Bodies['muteParticipant']): Answer => {
  const who = rawIdIn(target) as string;
  const participant = call.participants.get(who);
  if (isPhone(who) || participant === undefined) return refused('invalid');
  return taken('muteParticipant', echoed(operationContext), () => {
    participant.isMuted = true;
    call.tellRoster();
  });
};

/** Holds somebody, or takes him back. That it went well shows in the roster alone. */
export const hold = (call: Connection, operation: 'hold' | 'unhold', { targetParticipant, ...rest }: Bodies['hold'] | Bodies['unhold']): Answer => {
  const participant = call.participants.get(rawIdIn(targetParticipant) as string);
  if (participant === undefined) return refused('invalid');
  const source = 'playSourceInfo' in rest ? rest.playSourceInfo : undefined;
  const change = async (): Promise<void> => {
    const isMute = source !== undefined && source.kind !== 'file' && call.agreement.callIntelligenceOptions?.cognitiveServicesEndpoint === undefined;
    const failed = isMute ? 'speech-refused' : await (operation === 'hold' ? call.parties.hold(source) : call.parties.unhold());
    if (call.over.aborted) return;
    if (failed !== undefined) return call.tell('HoldFailed', { resultInformation: results[failed] }, rest);
    participant.isOnHold = operation === 'hold';
    call.tellRoster();
  };
  return taken(operation, undefined, () => void change());
};
