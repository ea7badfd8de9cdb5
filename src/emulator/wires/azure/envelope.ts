/**
 * Envelope — the CloudEvent in which Azure Communication Services tells a bot what has become of something. A request to the
 * bot holds a list of them.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Fields } from './identity.ts';

/** The version of the interface that the events have. */
export const apiVersion = '2026-03-12';

/** Of which call an event is. */
export interface OfCall {
  readonly connectionId: string;
  readonly serverCallId: string;
  readonly correlationId: string;
}

/** One event, as it is posted. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data: Fields;
  readonly time: string;
  readonly specversion: '1.0';
  readonly datacontenttype?: string;
  readonly subject: string;
}

/** The event `name` of a call. `about` is what it is about, where that is not the call. */
export const callEvent = (name: string, data: Fields, { connectionId, serverCallId, correlationId }: OfCall, now: number, about = `calling/callConnections/${connectionId}`): CloudEvent => {
  const type = `Microsoft.Communication.${name}`;
  return {
    id: randomUUID(), source: about, type,
    data: { ...data, version: apiVersion, callConnectionId: connectionId, serverCallId, correlationId, publicEventType: type },
    time: timestamp(now), specversion: '1.0', datacontenttype: 'application/json', subject: about,
  };
};

/** The same event told again: the service gives it another id. */
export const toldAgain = (event: CloudEvent, now: number): CloudEvent => ({ ...event, id: randomUUID(), time: timestamp(now) });

/** As the service writes a moment: seven digits after the point, and an offset. */
export const timestamp = (now: number): string => new Date(now).toISOString().replace('Z', '0000+00:00');

/** As Event Grid writes it. */
export const gridTimestamp = (now: number): string => new Date(now).toISOString().replace('Z', '0000Z');
