/**
 * Health — whether the process lives, whether it takes calls, and its metrics: for a load balancer, an orchestrator and
 * Prometheus, on a listener that is none of the callers'.
 *
 *     GET /health     200 as long as the process answers at all
 *     GET /ready      200 when it takes calls: it is not ending, and its store answers; else 503 with the code, and no detail
 *     GET /metrics    what `metrics()` counted
 *
 * Nothing of callers is in any of them, and nothing of the store but whether it answers.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallError, type CallErrorCode, isCallError } from '../errors.ts';
import { requireKnown } from '../machines/index.ts';
import { urlOf } from './address.ts';
import type { CallMetrics } from './metrics.ts';
import { retryAfterSeconds } from './status.ts';
import { within } from './within.ts';

/** Whatever takes calls: what `calls`, `requestListener` and `serve` give. */
export interface TakesCalls {
  /** Resolves when calls are taken now. @throws `ERR_DRAINING`, `ERR_STORE_UNAVAILABLE` */
  check(): Promise<void>;
}

export interface HealthOptions {
  /** Those for `GET /metrics`; without them that is a 404. */
  readonly metrics?: CallMetrics | undefined;
  /** How long the store may take to answer before the process is not ready, ms. Default 1,000. */
  readonly withinMs?: number;
}

/** The answer to a question about the process. */
export interface HealthAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers questions about a process, by path; undefined for all other paths. */
export type Health = (method: string, path: string) => Promise<HealthAnswer> | undefined;

const healthOptions = { metrics: 0, withinMs: 0 } satisfies Record<keyof HealthOptions, 0>;

/** What answers for the process that `calls` are taken by. @throws `ERR_OPTION_INVALID` */
export const healthOf = (calls: TakesCalls, options: HealthOptions = {}): Health => {
  requireKnown('health', options, healthOptions);
  const { metrics, withinMs = 1_000 } = options;
  if (typeof (calls as TakesCalls | undefined)?.check !== 'function') throw new CallError('ERR_OPTION_INVALID', 'health is that of what `calls`, `requestListener` or `serve` gave', { option: 'calls' });
  if (!Number.isFinite(withinMs) || withinMs <= 0) throw new CallError('ERR_OPTION_INVALID', 'option `withinMs` is a time in milliseconds', { option: 'withinMs' });
  const check = shared(() => calls.check());
  const pages: Readonly<Record<string, () => Promise<HealthAnswer>>> = {
    '/health': async () => json(200, { status: 'ok' }),
    '/ready': () => within(check(), withinMs, () => late(withinMs)).then(() => json(200, { status: 'ready' }), notReady),
    ...(metrics !== undefined && { '/metrics': async () => answer(200, metrics.contentType, await metrics.text()) }),
  };
  return (method, path) => {
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) return undefined;
    return method === 'GET' || method === 'HEAD' ? page() : Promise.resolve({ ...json(405, { error: { code: 'ERR_METHOD' } }), headers: { allow: 'GET, HEAD' } });
  };
};

/** `work`, which is begun anew only when it has ended: a store that does not answer is not asked again by everybody who looks. */
const shared = (work: () => Promise<void>): (() => Promise<void>) => {
  let underWay: Promise<void> | undefined;
  return () => (underWay ??= work().finally(() => (underWay = undefined)));
};

const late = (ms: number): CallError<'ERR_STORE_UNAVAILABLE'> => new CallError('ERR_STORE_UNAVAILABLE', `the store of calls has not answered within ${ms} ms`, { reason: 'read' });

/** Says of `error` its code and nothing else. */
const notReady = (error: unknown): HealthAnswer => {
  const code: CallErrorCode | 'ERR_INTERNAL' = isCallError(error) ? error.code : 'ERR_INTERNAL';
  const { headers, ...more } = json(503, { error: { code } });
  return { ...more, headers: { ...headers, 'retry-after': String((isCallError(error) && retryAfterSeconds[error.code]) || 1) } };
};

const answer = (status: number, contentType: string, body: string): HealthAnswer => ({ status, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, body });

const json = (status: number, body: object): HealthAnswer => answer(status, 'application/json; charset=utf-8', JSON.stringify(body));

/** A handler of Node's requests. What it does not know goes to `next` where there is one; else it is a 404. */
export type HealthListener = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/**
 * Answers `GET /health`, `/ready` and `/metrics` for `node:http` and for frameworks whose middleware is `(request, response, next)`.
 *
 * @throws `ERR_OPTION_INVALID`
 * @example
 * ```ts
 * createServer(statusListener(server, { metrics: await metrics() })).listen(9464, '127.0.0.1');
 * ```
 */
export const statusListener = (calls: TakesCalls, options?: HealthOptions): HealthListener => listening(healthOf(calls, options));

const listening = (health: Health): HealthListener => (request, response, next) => {
  const { method = 'GET', url = '/' } = request;
  const answering = health(method, url.replace(/\?.*$/s, ''));
  if (answering === undefined && next !== undefined) return next();
  const write = ({ status, headers, body }: HealthAnswer): void => void response.writeHead(status, headers).end(method === 'HEAD' ? undefined : body);
  (answering ?? Promise.resolve(json(404, { error: { code: 'ERR_ROUTE_UNKNOWN' } }))).then(write, () => write(json(500, { error: { code: 'ERR_INTERNAL' } })));
};

/** A listener that is none of the callers'. */
export interface StatusServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Where a status listener listens: on this machine alone, unless it is said. */
export interface StatusPlace {
  readonly port: number;
  readonly host?: string | undefined;
}

/** Listens for such questions on a port of its own. @throws `ERR_OPTION_INVALID`, and what Node says of a port that is not to be had */
export const serveStatus = async (calls: TakesCalls, { port, host = '127.0.0.1' }: StatusPlace, options?: HealthOptions): Promise<StatusServer> => {
  const listener = statusListener(calls, options);
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: urlOf(host, bound),
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
