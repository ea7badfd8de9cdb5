/**
 * Line — bots behind Azure Communication Services on loopback: the service posts what it has to tell, with a token or a secret,
 * and a resource takes the requests of the official client.
 *
 * @module
 */
import { serve, type CallsOptions, memoryRecordings } from 'callchart/transport';
import { azure, type AzureOptions } from '../../../../src/transport/services/azure/index.ts';
import { issuer, keyServer, resourceId } from '../../../helpers/tokens.ts';
import { type LogLine, logInto } from '../../rig.ts';
import { callback, incomingCall } from './requests.ts';
import { type Json, type Requested, resource } from './resource.ts';

export const secret = 'a secret of the tests';

/** Options that are good, for a resource at `connectionString`. */
export const optionsFor = (connectionString: string, more: Partial<AzureOptions> = {}): AzureOptions => ({
  connectionString, resourceId, publicUrl: 'http://127.0.0.1:1', eventGridSecret: secret, cognitiveServicesUrl: 'https://ai.example/', issuer, allowInsecureConnection: true, ...more,
});

/** Serves `bots`, or one bot on `/api/azure`. */
export const azureLine = async (bots: CallsOptions['bots'], more: Partial<CallsOptions> = {}, options: Partial<AzureOptions> = {}) => {
  const keys = await keyServer(Date.now, resourceId);
  const server = await resource();
  const lines: LogLine[] = [];
  const recordings = memoryRecordings();
  const leave = async (error: unknown): Promise<never> => {
    await Promise.all([server.close(), keys.close()]);
    throw error;
  };
  const service = await azure(optionsFor(server.connectionString, { openIdMetadataUrl: keys.metadataUrl, ...options })).catch(leave);
  const running = await serve({ service, bots: 'config' in bots ? { '/api/azure': bots as never } : bots, recordings, log: logInto(lines), port: 0, roundMs: 5, ...more }).catch(leave);
  const token = await keys.sign();

  const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<number> => {
    const response = await fetch(running.url + path, { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) });
    return response.status;
  };
  /** Tells what has become of a call, at the address that the answer named. */
  const told = (callbackUri: string, ...events: readonly Json[]): Promise<number> => post(pathOf(callbackUri), events, { authorization: `Bearer ${token}` });

  return {
    url: running.url, lines, recordings, keys, server, service, post, told,
    place: running.place,
    rings: (more: Json = {}) => post(`/api/azure?secret=${encodeURIComponent(secret)}`, [incomingCall(more)], { 'aeg-event-type': 'Notification' }),
    /** A call that was answered. */
    call: (answered: Requested) => {
      const address = String(answered.body?.['callbackUri']);
      const tells = (...events: readonly Json[]) => told(address, ...events);
      return {
        address,
        tells,
        /** What became of `requested`. */
        ends: (requested: Requested, name: string, data: Json = {}) => tells(callback(name, { operationContext: requested.body?.['operationContext'], ...data })),
      };
    },
    close: async () => {
      await running.close();
      await Promise.all([server.close(), keys.close()]);
    },
  };
};

export type AzureLine = Awaited<ReturnType<typeof azureLine>>;

/** Where a callback goes here, whatever the outside calls us. */
const pathOf = (address: string): string => {
  const { pathname, search } = new URL(address);
  return pathname + search;
};

/** What is said in a request, of whatever kind. */
export const saidIn = ({ body }: Requested): string =>
  [body?.['playSources'], body?.['playPrompts']].flatMap((sources) => (Array.isArray(sources) ? (sources as readonly { readonly text?: { readonly text: string } }[]) : [])).map(({ text }) => text?.text ?? '').join(' ');
