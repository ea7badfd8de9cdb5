/**
 * Event Grid — how Azure tells of calls that come in and of recordings that are ready: by a subscription of its own, in one of
 * two schemas, after a handshake in which the bot shows that it wants to be told.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Message } from '../../post.ts';
import { gridTimestamp } from './envelope.ts';
import { type Fields, identifierOf, isFields } from './identity.ts';

/** The schemas that a subscription can have. */
export type GridSchema = 'eventgrid' | 'cloudevents';

/** Of which resource events are. Nothing is looked up by it. */
const topic = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/callchart/providers/Microsoft.Communication/CommunicationServices/emulated';

/** Something that Event Grid tells of. */
export interface GridEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Fields;
  readonly at: number;
}

/** The message to the bot: a list of one in Event Grid's own schema, one by itself in that of CloudEvents. */
export const gridMessage = ({ id, type, subject, data, at }: GridEvent, schema: GridSchema): Message => {
  const time = gridTimestamp(at);
  return schema === 'eventgrid'
    ? { headers: { 'Content-Type': 'application/json; charset=utf-8', 'aeg-event-type': 'Notification' }, body: JSON.stringify([{ id, topic, subject, data, eventType: type, dataVersion: '1.0', metadataVersion: '1', eventTime: time }]) }
    : { headers: { 'Content-Type': 'application/cloudevents+json; charset=utf-8' }, body: JSON.stringify({ id, source: topic, subject, type, specversion: '1.0', time, data }) };
};

/** A call that rings. */
export interface RingingCall {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly serverCallId: string;
  readonly correlationId: string;
  readonly incomingCallContext: string;
}

/** Tells that a call comes in. */
export const incomingCall = ({ from, to, name, ...ids }: RingingCall, at: number): GridEvent => ({
  id: randomUUID(),
  type: 'Microsoft.Communication.IncomingCall',
  subject: `/${identifierOf(from).kind}/caller/${from}/recipient/${to}`,
  data: { to: identifierOf(to), from: identifierOf(from), serverCallId: ids.serverCallId, callerDisplayName: name, incomingCallContext: ids.incomingCallContext, correlationId: ids.correlationId },
  at,
});

/** A recording whose file is there. */
export interface RecordedFile {
  readonly recordingId: string;
  readonly serverCallId: string;
  readonly documentId: string;
  /** Where the file is; the places of what goes with it follow from that. */
  readonly location: string;
  readonly startedAt: number;
  readonly lengthMs: number;
  readonly reason: 'CallEnded' | 'SessionEnded';
}

/** Tells that the file of a recording is there. */
export const recordingFile = ({ recordingId, serverCallId, documentId, location, startedAt, lengthMs, reason }: RecordedFile, at: number): GridEvent => ({
  id: randomUUID(),
  type: 'Microsoft.Communication.RecordingFileStatusUpdated',
  subject: `/recording/call/${recordingId}/serverCallId/${serverCallId}/recordingId/${recordingId}`,
  data: {
    recordingStorageInfo: {
      recordingChunks: [{ documentId, index: 0, endReason: 'SessionEnded', contentLocation: `${location}/content/video`, metadataLocation: `${location}/content/acsmetadata`, deleteLocation: location }],
    },
    recordingStartTime: gridTimestamp(startedAt), recordingDurationMs: lengthMs, sessionEndReason: reason,
  },
  at,
});

/** What Event Grid asks before it tells anything, and whether an answer is the one that it wants. */
export interface Handshake {
  readonly method: 'POST' | 'OPTIONS';
  readonly message: Message;
  isAgreed(status: number, headers: Headers, body: string): boolean;
}

/** The handshake of a subscription by `schema`. */
export const handshake = (schema: GridSchema, now: number): Handshake => (schema === 'eventgrid' ? validation(now) : abuseProtection);

const validation = (now: number): Handshake => {
  const code = randomUUID().toUpperCase();
  const event = {
    id: randomUUID(), topic, subject: '', data: { validationCode: code, validationUrl: 'https://rp-emulated.eventgrid.azure.net:553/' },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', metadataVersion: '1', dataVersion: '2', eventTime: gridTimestamp(now),
  };
  return {
    method: 'POST',
    message: { headers: { 'Content-Type': 'application/json; charset=utf-8', 'aeg-event-type': 'SubscriptionValidation' }, body: JSON.stringify([event]) },
    isAgreed: (status, _, body) => status === 200 && validationResponse(body) === code,
  };
};

const validationResponse = (body: string): unknown => {
  try {
    const read: unknown = JSON.parse(body);
    return isFields(read) ? read['validationResponse'] : undefined;
  } catch {
    return undefined;
  }
};

const origin = 'eventgrid.azure.net';
const abuseProtection: Handshake = {
  method: 'OPTIONS',
  message: { headers: { 'WebHook-Request-Origin': origin, 'WebHook-Request-Rate': '120' }, body: '' },
  isAgreed: (status, headers) => {
    const [allowed, rate] = [headers.get('webhook-allowed-origin'), headers.get('webhook-allowed-rate')];
    return status === 200 && (allowed === origin || allowed === '*') && (rate === '*' || Number(rate) > 0);
  },
};
