/**
 * Calls — puts the pieces together: bots behind a service, as a Koa middleware or as a server of their own.
 *
 * @module
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa, { type Middleware } from 'koa';
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { isMachine } from '../machines/index.ts';
import { type BotsByPath, gatherBots } from './bots.ts';
import { embeddedEngine, type EmbeddedOptions } from './engines/embedded.ts';
import { memoryStore } from './engines/memory.ts';
import type { CallStore } from './engines/store.ts';
import { checkHooks, type Hooks } from './hooks.ts';
import { type BodyLimit, koaMiddleware } from './koa.ts';
import { type Log, silentLog, steady, thrown, type TransportEvent } from './log.ts';
import type { RecordingStore } from './recordings.ts';
import { memoryRecordings } from './recordings-memory.ts';
import type { CallService } from './service.ts';

/** What answers calls, and how. */
export interface CallsOptions extends BodyLimit, Pick<EmbeddedOptions, 'tombstoneMs' | 'silentCallMs' | 'marginMs' | 'roundMs' | 'liveCalls' | 'chat' | 'onStep' | 'onDetail'> {
  readonly service: CallService;
  /** One bot, on the path `/api/calls`; or bots by path, and there by called number. */
  readonly bots: AnyStateMachine | BotsByPath;
  /** Where calls are kept. Default: in memory, which does not survive the process. */
  readonly store?: CallStore;
  /** Where recordings are kept. Default: in memory. */
  readonly recordings?: RecordingStore;
  readonly log?: Log;
  /** Functions of the application around requests, replies, and the beginning and end of calls. */
  readonly hooks?: Hooks;
  /** Told what happens, for metrics. What it throws is logged and harms nothing. */
  readonly onEvent?: (event: TransportEvent) => void;
  readonly now?: () => number;
}

/** A Koa middleware with a store behind it that has to be closed. */
export type CallsMiddleware = Middleware & { readonly close: () => Promise<void> };

/** Where a single bot listens. */
export const defaultPath = '/api/calls';

/**
 * A Koa middleware that answers calls on the bots' paths, for an app that exists already.
 *
 * @throws `ERR_BOT_INVALID`, `ERR_CAPABILITY_MISSING`, `ERR_OPTION_INVALID`
 * @example
 * ```ts
 * app.use(calls({ service: botframework({ appId, appPassword, callbackUrl, openIdMetadataUrl, issuer }), bots: acme }));
 * ```
 */
export const calls = (options: CallsOptions): CallsMiddleware => {
  checkNumbers(options);
  checkHooks(options.hooks);
  const { service, store = memoryStore(), recordings = memoryRecordings(), now = Date.now, hooks, onEvent } = options;
  const log = steady(options.log ?? silentLog);
  const bots = gatherBots(isMachine(options.bots) ? { [defaultPath]: options.bots } : options.bots, service, options.chat);
  const engine = embeddedEngine({ ...options, store, bots, log, now });
  const middleware = koaMiddleware({ service, bots, engine, recordings, log, now, hooks, onEvent }, options);
  return Object.assign(middleware, { close: () => engine.close() });
};

const checkNumbers = (options: CallsOptions): void => {
  for (const option of ['bodyLimitBytes', 'tombstoneMs', 'silentCallMs', 'marginMs', 'roundMs', 'liveCalls'] as const) {
    const value = options[option] ?? 0;
    if (!Number.isFinite(value) || value < 0) throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` is a number from 0`, { option });
  }
};

/** A server that takes calls. */
export interface CallServer {
  readonly url: string;
  readonly port: number;
  /** Finishes what is in hand, then closes the store. */
  close(): Promise<void>;
}

/** Serves bots on a port of their own. */
export const serve = async (options: CallsOptions & { readonly port?: number; readonly host?: string }): Promise<CallServer> => {
  const { host = '127.0.0.1', port = 3978 } = options;
  const log = steady(options.log ?? silentLog);
  const app = new Koa();
  const middleware = calls({ ...options, log });
  app.use(middleware);
  app.on('error', (error: unknown) => log.warn(thrown(error), 'connection failed')); // a caller's socket that broke while it was answered
  const server: Server = createServer(app.callback());
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  } catch (error) {
    await middleware.close();
    throw error;
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await middleware.close(); // what is held is answered
      server.closeIdleConnections();
      const impatient = setTimeout(() => server.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(impatient);
    },
  };
};
