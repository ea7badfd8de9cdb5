/**
 * Call server — answers calls without an app of the user's: as a handler for `node:http` and any other framework, or on a port
 * of its own.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Served } from '../machines/index.ts';
import { urlOf } from './address.ts';
import { answering, type Desk } from './calls.ts';
import { type AnyBots, type CallsOptions, given, logOf } from './calls-options.ts';
import { koaListener } from './koa.ts';
import type { CallService } from './service.ts';

/**
 * A handler of Node's requests, with a store behind it that has to be closed. What is not for a bot goes to `next` where
 * there is one, untouched; else it is a 404.
 */
export type CallsListener = ((request: IncomingMessage, response: ServerResponse, next?: () => void) => void) & Desk;

/**
 * {@link calls} for `node:http`, and for frameworks whose middleware is `(request, response, next)`: Express, Restify, Connect.
 *
 * Mount it in front of everything that parses bodies. Where a router takes a prefix off the address, the bots' paths are what
 * is left of it.
 *
 * @throws as {@link calls}
 * @example
 * ```ts
 * app.use(requestListener({ service, bots: acme }));
 * ```
 */
export const requestListener = <Service extends CallService, B extends AnyBots>(options: CallsOptions<Service, B & Served<B, Service>>): CallsListener => listening(options);

const listening = (options: CallsOptions): CallsListener => {
  const log = logOf(options);
  const middleware = answering(options, log);
  const { place, drain, check, close } = middleware;
  return Object.assign(koaListener(middleware, log), { place, drain, check, close });
};

/** A server that takes calls. */
export interface CallServer extends Pick<Desk, 'place' | 'drain' | 'check'> {
  readonly url: string;
  readonly port: number;
  /** Takes no more connections, finishes what is in hand, then closes the store. */
  close(): Promise<void>;
}

/** Where a server listens. */
interface Place {
  readonly port?: number;
  readonly host?: string;
}

/** Serves bots on a port of their own. @throws as {@link calls} */
export const serve = <Service extends CallService, B extends AnyBots>(options: CallsOptions<Service, B & Served<B, Service>> & Place): Promise<CallServer> => serving(options);

const serving = async (all: CallsOptions & Place): Promise<CallServer> => {
  const { host = '127.0.0.1', port = 3978, ...options } = given(all);
  const listener = listening(options);
  const server: Server = createServer((request, response) => listener(request, response));
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  } catch (error) {
    await listener.close();
    throw error;
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: urlOf(host, bound),
    port: bound,
    place: listener.place,
    drain: listener.drain,
    check: listener.check,
    close: async () => {
      listener.drain();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await listener.close(); // what is held is answered
      server.closeIdleConnections();
      const impatient = setTimeout(() => server.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(impatient);
    },
  };
};
