/**
 * Server — the REST interface of the emulated Azure Communication Services on loopback: signatures, requests that are repeated,
 * refusals on demand, and the response before what comes of the request.
 *
 * The official client drives it. Nothing of a body is read before its signature has been verified. Files of recordings are given to
 * whoever knows their address: the client signs requests for files at Azure's own storage alone.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { listenOn } from '../../loopback.ts';
import { type Answer, refused } from './answer.ts';
import { readBody } from './bodies.ts';
import { type Fields, isFields } from './identity.ts';
import type { Resource } from './resource.ts';
import { type Operation, type Route, routeOf } from './routes.ts';
import { isSigned } from './signature.ts';

/** A request whose signature is good. */
export interface Asked extends Route {
  readonly body: Fields;
  /** How often this operation has been asked for, this time included. A repetition that the client marks as one does not count. */
  readonly nth: number;
}

/** What goes wrong with a request. */
export type Trouble =
  /** It is refused, and has no effect. A 429 says when to come again. */
  | { readonly status: number; readonly code?: string; readonly retryAfterSeconds?: number }
  /** The connection breaks before the service has read it. */
  | 'unread'
  /** The connection breaks when the service has done it: the response is lost. */
  | 'unanswered';

export interface ServerOptions {
  readonly resource: Resource;
  /** Base64. */
  readonly accessKey: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Whether what comes of a request is told before its response. */
  readonly early?: boolean;
  readonly trouble?: (asked: Asked) => Trouble | undefined;
  /** Told of every request that was taken or refused. */
  readonly onAnswer?: (asked: Asked, status: number) => void;
  /** Told that a request is being answered, until what it gives is called: by then what comes of it has begun. */
  readonly attend?: () => () => void;
}

export interface Server {
  readonly url: string;
  close(): Promise<void>;
}

/** More than this is no request of a client. */
const longestBody = 1024 * 1024;
/** How long a response waits at most for the events that are to come before it. */
const earlyMs = 500;

/** Serves `resource` on 127.0.0.1. @throws `ERR_OPTION_INVALID` when the port is taken */
export const serveResource = async ({ resource, accessKey, port = 0, early = false, trouble, onAnswer, attend = () => () => {} }: ServerOptions): Promise<Server> => {
  /** Answers by the ids under which their requests may come again. */
  const given = new Map<string, Answer>();
  const counts = new Map<Operation, number>();

  /** Does what `route` asks for, unless there is to be trouble. */
  const perform = (route: Route, bytes: Buffer): { readonly answer: Answer; readonly trouble: Trouble | undefined } => {
    const read = parse(bytes);
    const nth = (counts.get(route.operation) ?? 0) + 1;
    counts.set(route.operation, nth);
    const asked: Asked = { ...route, body: isFields(read) ? read : {}, nth };
    const problem = trouble?.(asked);
    const hasEffect = problem === undefined || problem === 'unanswered';
    const body = hasEffect ? readBody(route.operation, read) : undefined;
    const answer = typeof problem === 'object' ? troubled(problem) : body === undefined ? refused('invalid') : resource.handle(route, body);
    if (problem === undefined && answer.status >= 400) resource.refused(route, `${route.operation}: ${complaint(answer)}`);
    if (problem !== 'unread') onAnswer?.(asked, answer.status);
    return { answer, trouble: problem };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '/', headers } = request;
    const bytes = await readAll(request);
    if (bytes === undefined) return void request.socket.destroy();
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const file = method === 'GET' ? resource.file(pathname) : undefined;
    if (file !== undefined) return void response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': file.length }).end(file);
    if (!isSigned({ method, target: url, headers, body: bytes }, accessKey)) return write(response, refused('signature'));
    const route = routeOf(method, pathname);
    if (route === undefined) return write(response, refused('absent'));
    if (searchParams.get('api-version') === null) return write(response, refused('invalid'));

    const key = String(headers['repeatability-request-id'] ?? '');
    const before = given.get(key);
    if (before !== undefined) return write(response, before);
    const { answer, trouble: problem } = perform(route, bytes);
    if (key !== '' && (problem === undefined || problem === 'unanswered')) given.set(key, answer);
    if (problem === 'unanswered') answer.effect?.();
    if (problem === 'unread' || problem === 'unanswered') return void request.socket.destroy();
    return respond(response, answer);
  };

  const respond = async (response: ServerResponse, answer: Answer): Promise<void> => {
    if (early && answer.effect !== undefined) {
      answer.effect();
      await Promise.race([resource.idle(), delay(earlyMs, undefined, { ref: false })]);
      return write(response, answer);
    }
    const sent = closed(response);
    write(response, answer);
    await sent;
    answer.effect?.();
  };

  const server = createServer((request, response) => {
    const over = attend();
    void serve(request, response).catch(() => request.socket.destroy()).finally(over);
  });
  return listenOn(server, port, { what: 'the service cannot be had', option: 'port' });
};

/** What a refusal says, by its code. */
const complaint = ({ body = {} }: Answer): string => {
  const { code, message } = body['error'] as { readonly code: string; readonly message: string };
  return `${message} (${code})`;
};

const troubled = ({ status, code = '8500', retryAfterSeconds }: Exclude<Trouble, string>): Answer => ({
  status,
  body: { error: { code: status === 429 ? '8516' : code, message: status === 429 ? 'Call throttled.' : 'The request was not carried out.' } },
  ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': String(retryAfterSeconds) } }),
});

const write = (response: ServerResponse, { status, body, headers }: Answer): void => {
  if (body === undefined) return void response.writeHead(status, { ...headers }).end();
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body));
};

/** Resolves when the response is on its way, or when there is nobody any more whom it could reach. */
const closed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.socket === null || response.socket.destroyed) return resolve();
    response.once('close', resolve);
  });

const readAll = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > longestBody) return undefined;
  }
  return Buffer.concat(chunks);
};

/** An empty body says nothing, which some operations allow; a broken one is none. */
const parse = (bytes: Buffer): unknown => {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
};
