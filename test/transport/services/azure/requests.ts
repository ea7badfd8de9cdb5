/** What Azure Communication Services and Event Grid post, made from few words. */
import { Readable } from 'node:stream';
import type { CallRequest } from '../../../../src/transport/service.ts';
import { connection, type Json } from './resource.ts';

let made = 0;

/** A callback as it stands in a body. */
export const callback = (name: string, data: Json = {}, more: Json = {}): Json => ({
  id: `event-${(made += 1)}`,
  source: `calling/callConnections/${connection}`,
  subject: `calling/callConnections/${connection}`,
  type: `Microsoft.Communication.${name}`,
  data: { version: '2026-03-12', callConnectionId: connection, serverCallId: 'server-1', correlationId: 'correlation-1', publicEventType: `Microsoft.Communication.${name}`, ...data },
  time: '2026-11-23T10:00:00.0000000+00:00',
  specversion: '1.0',
  datacontenttype: 'application/json',
  ...more,
});

/** What a result says. */
export const result = (code: number, subCode: number): Json => ({ resultInformation: { code, subCode, message: 'Words that change with each version, about 4711.' } });

export const phone = (number: string): Json => ({ rawId: `4:${number}`, kind: 'phoneNumber', phoneNumber: { value: number } });

/** A caller rings, in Event Grid's own schema. */
export const incomingCall = (more: Json = {}): Json => ({
  id: 'grid-1',
  topic: '/subscriptions/0/resourceGroups/r/providers/Microsoft.Communication/CommunicationServices/s',
  subject: '/phoneNumber/caller/4:+15550100001/recipient/4:+15550100099',
  eventType: 'Microsoft.Communication.IncomingCall',
  eventTime: '2026-11-23T09:59:58.0000000Z',
  dataVersion: '1.0',
  metadataVersion: '1',
  data: { to: phone('+15550100099'), from: phone('+15550100001'), serverCallId: 'server-1', callerDisplayName: '', incomingCallContext: 'token-of-the-call', correlationId: 'correlation-1', ...more },
});

/** A request as the rim hands it over. */
export const requestOf = (body: unknown, { query = '', headers = {}, method = 'POST' }: { readonly query?: string; readonly headers?: CallRequest['headers']; readonly method?: string } = {}): CallRequest => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method, path: '/api/azure', query, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, text: async () => text, stream: () => Readable.from([Buffer.from(text)], { objectMode: false }) };
};
