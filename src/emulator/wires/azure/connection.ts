/**
 * Connection — one call at Azure Communication Services: who is on it, in which state it is, and what its bot is told.
 *
 * The bot is told where it said that it wants to be, and where a request of its own says so, there.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Delivery } from './delivery.ts';
import { callEvent, type OfCall } from './envelope.ts';
import { type Fields, identifierOf, isPhone } from './identity.ts';
import { type Lanes, lanes } from './lanes.ts';
import type { Parties } from './parties.ts';
import { type ResultInformation, type ResultName, results } from './results.ts';

export type ConnectionState = 'connecting' | 'connected' | 'transferring' | 'transferAccepted' | 'disconnecting' | 'disconnected';

/** What the bot said when it took or placed the call. */
export interface Agreement {
  readonly callbackUri: string;
  readonly operationContext?: string | undefined;
  readonly callIntelligenceOptions?: { readonly cognitiveServicesEndpoint?: string } | undefined;
  readonly mediaStreamingOptions?: object | undefined;
  readonly transcriptionOptions?: { readonly locale: string } | undefined;
}

/** Somebody on the call. */
export interface Participant {
  isMuted: boolean;
  isOnHold: boolean;
}

/** Where the events of one operation go, and by which word the bot knows them again. */
export interface OfOperation {
  readonly operationContext?: string | undefined;
  readonly operationCallbackUri?: string | undefined;
}

/** A call. */
export interface Connection extends OfCall {
  readonly agreement: Agreement;
  readonly parties: Parties;
  readonly lanes: Lanes;
  readonly direction: 'inbound' | 'outbound';
  /** The raw ids of who calls and who is called, and of the bot itself. */
  readonly from: string;
  readonly to: string;
  readonly app: string;
  state: ConnectionState;
  /** By raw id; the bot is one of them. */
  readonly participants: Map<string, Participant>;
  /** Invitations that still ring. */
  readonly invitations: Map<string, AbortController>;
  /** How those are sent away who were invited. */
  readonly guests: Map<string, AbortController>;
  /** The time, epoch ms. */
  now(): number;
  /** Whether it is being recorded. */
  isTaped: boolean;
  /** What a caller with a voice has said while it was, as a WAV file. */
  taped: Uint8Array | undefined;
  /** Whose keys are told one by one, and in answer to which request. */
  readonly listening: Map<string, OfOperation & { sequence: number }>;
  /** Aborts when the call is over. */
  readonly over: AbortSignal;
  /** Everybody but the bot. */
  others(): readonly string[];
  /** Tells the bot of `operation`. */
  tell(name: string, data: Fields, operation?: OfOperation, about?: string): void;
  /** Tells the bot who is on the call. */
  tellRoster(): void;
  /** Puts the call through. */
  connect(): void;
  /** Ends the call, and tells the bot. What comes second does not count. */
  end(result: ResultName | ResultInformation, by: 'app' | 'transfer' | 'other'): void;
}

/** What a connection is made of. */
export interface ConnectionOptions extends Pick<Connection, 'direction' | 'from' | 'to' | 'app' | 'agreement' | 'parties' | 'serverCallId' | 'correlationId'> {
  readonly delivery: Delivery;
  readonly now: () => number;
  /** Whether the end of the call is all that is told of what runs then. */
  readonly endsQuietly: boolean;
  /** Told when the call is over. */
  readonly onEnd: (connection: Connection) => void;
}

export const connection = ({ delivery, now, endsQuietly, onEnd, ...made }: ConnectionOptions): Connection => {
  const over = new AbortController();
  let sequence = 0;
  const call: Connection = {
    ...made,
    connectionId: randomUUID(),
    lanes: lanes(),
    state: 'connecting',
    participants: new Map([[made.direction === 'inbound' ? made.from : made.to, { isMuted: false, isOnHold: false }], [made.app, { isMuted: false, isOnHold: false }]]),
    invitations: new Map(),
    guests: new Map(),
    isTaped: false,
    taped: undefined,
    now,
    listening: new Map(),
    over: over.signal,
    others: () => [...call.participants.keys()].filter((rawId) => rawId !== made.app),
    tell: (name, data, { operationContext, operationCallbackUri } = {}, about) =>
      delivery.tell(callEvent(name, { ...(operationContext !== undefined && { operationContext }), ...data }, call, now(), about), operationCallbackUri ?? made.agreement.callbackUri),
    tellRoster: () => {
      sequence += 1;
      const participants = [...call.participants].map(([rawId, { isMuted, isOnHold }]) => ({ identifier: identifierOf(rawId), isMuted, isOnHold }));
      call.tell('ParticipantsUpdated', { participants, sequenceNumber: sequence, resultInformation: results.done });
    },
    connect: () => {
      call.state = 'connected';
      call.tell('CallConnected', { resultInformation: results.done }, ofAgreement(made.agreement));
      call.tellRoster();
    },
    end: (result, by) => {
      if (call.state === 'disconnected') return;
      call.state = 'disconnected';
      call.lanes.cancel(endsQuietly);
      over.abort();
      call.tell('CallDisconnected', { resultInformation: typeof result === 'string' ? results[result] : result }, ofAgreement(made.agreement));
      call.parties.ended(by);
      onEnd(call);
    },
  };
  return call;
};

/** The operation that events of the call as a whole belong to: that by which it was taken or placed. */
export const ofAgreement = ({ operationContext }: Agreement): OfOperation => ({ operationContext });

/** How it reads when the other end of a call is put down. */
export const hungUpBy = ({ direction }: Connection, rawId: string): ResultName => (!isPhone(rawId) ? 'ended-far' : direction === 'inbound' ? 'ended-by-caller' : 'ended-by-callee');

/** What a request that asks for a call is told of it. */
export const propertiesOf = ({ connectionId, serverCallId, correlationId, agreement, direction, from, to, app, state }: Connection): Fields => ({
  callConnectionId: connectionId,
  serverCallId,
  targets: [identifierOf(to)],
  source: identifierOf(direction === 'outbound' ? app : from),
  callConnectionState: state,
  callbackUri: agreement.callbackUri,
  correlationId,
  ...(direction === 'inbound' ? { answeredBy: { id: app } } : isPhone(from) && { sourceCallerIdNumber: { value: from.slice('4:'.length) } }),
  ...(agreement.mediaStreamingOptions !== undefined && { mediaStreamingSubscription: { id: randomUUID(), state: 'inactive', subscribedContentTypes: ['audio'] } }),
  ...(agreement.transcriptionOptions !== undefined && { transcriptionSubscription: { id: randomUUID(), state: 'inactive', subscribedResultTypes: ['final'], locale: agreement.transcriptionOptions.locale } }),
});
