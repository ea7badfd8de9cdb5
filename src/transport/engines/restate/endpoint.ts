/**
 * Endpoint — where the server of Restate reaches this process: HTTP/2, on loopback, or elsewhere with keys by which the server
 * is known, since whoever may speak here may take calls.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { CallError } from '../../../errors.ts';
import { urlOf } from '../../address.ts';

type Handler = Parameters<Http2Server['on']>[1];

/** A place that listens. */
export interface Endpoint {
  /** Its own address, for a server on the same machine. */
  readonly url: string;
  /** From now on requests go to `handler`; before, they are told to come again. */
  serve(handler: Handler): void;
  /** Takes no more, gives what is in hand `patienceMs` to end, and breaks off the rest: the server gives it to another process. */
  close(patienceMs: number): Promise<void>;
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;

/** Where `listen` is, as `host:port` says it. @throws `ERR_OPTION_INVALID` where it is none, or is beyond loopback and there are no keys */
export const placeOf = (listen: string, identityKeys: readonly string[]): { readonly host: string; readonly port: number } => {
  const [, bracketed, bare, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = bracketed ?? bare;
  if (host === undefined || Number(digits) > 65_535) throw invalid('option `listen` is where the server of Restate reaches this process: host:port', 'listen');
  if (!loopback.test(host) && identityKeys.length === 0) throw invalid('option `listen` is beyond this machine, where anybody could speak for the server of Restate: option `identityKeys` has the keys by which it is known', 'identityKeys');
  return { host, port: Number(digits) };
};

/** Listens. @throws `ERR_OPTION_INVALID` */
export const openEndpoint = async ({ host, port }: { readonly host: string; readonly port: number }): Promise<Endpoint> => {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  const notYet: Handler = (_request: unknown, response: { writeHead(status: number): { end(): void } }) => void response.writeHead(503).end();
  server.on('request', notYet);
  server.listen(port, host);
  await once(server, 'listening').catch((cause: unknown) => {
    throw invalid(`cannot listen on ${host}:${port}, where the server of Restate would reach this process: ${String((cause as { readonly code?: unknown }).code)}`, 'listen', cause);
  });
  server.unref(); // whoever fails to make an engine is not kept alive by it
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: urlOf(host, bound),
    serve: (handler) => {
      server.off('request', notYet);
      server.on('request', handler);
      server.ref();
    },
    close: async (patienceMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.close();
      const impatient = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, patienceMs);
      await closed;
      clearTimeout(impatient);
    },
  };
};

const invalid = (sentence: string, option: string, cause?: unknown): CallError => new CallError('ERR_OPTION_INVALID', sentence, { option }, cause === undefined ? undefined : { cause });
