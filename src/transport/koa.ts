/**
 * Koa — the rim: a Koa context in, a Koa context out. The only file that knows Koa.
 *
 * koa-bodyparser is used as a bounded text reader and only when somebody who may asks for the body: it parses nothing,
 * and a request that does not authenticate is never read.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa, { type Context, type Middleware } from 'koa';
import bodyParser from 'koa-bodyparser';
import { CallError } from '../errors.ts';
import { exchange, type Line } from './exchange.ts';
import { healthOf, type HealthOptions, type TakesCalls } from './health.ts';
import { type RequestsInHand, requestsInHand } from './in-hand.ts';
import { type Log, thrown } from './log.ts';
import type { CallRequest, CallResponse } from './service.ts';

export type { Middleware } from 'koa';

/** How much of a body is read as text. Default 256 KiB; recordings are streamed and have a limit of their own. */
export interface BodyLimit {
  readonly bodyLimitBytes?: number;
}

/** What a process that ends has to know of its requests. */
export interface Leaving {
  readonly inHand?: RequestsInHand;
  /** Whether no further request is wanted on a connection. */
  readonly leaves?: () => boolean;
}

/** A middleware that takes the requests on the paths of `line`'s bots, and passes all others on. */
export const koaMiddleware = (line: Line, { bodyLimitBytes = 256 * 1024, inHand = requestsInHand(), leaves = () => false }: BodyLimit & Leaving = {}): Middleware => {
  const read = textReader(bodyLimitBytes);
  const carry = (ctx: Context, path: string): Promise<CallResponse> => inHand.answer(exchange(requestOf(ctx, path, read), line));
  const { methods = ['POST'] } = line.service;
  return async function calls(ctx, next) {
    const { path } = ctx;
    if (!line.bots.hasPath(path)) return next();
    if (!methods.includes(ctx.method)) {
      ctx.status = 405;
      ctx.set('allow', methods.join(', '));
      return;
    }
    const { status, headers, body } = await carry(ctx, path);
    ctx.status = status;
    ctx.set(headers);
    if (leaves() && ctx.req.httpVersionMajor === 1) ctx.set('connection', 'close');
    ctx.body = body;
    if (body === '') ctx.remove('content-type');
  };
};

/** `middleware` as a handler of Node's requests. What it passes on goes to `next` where there is one, untouched; else it is a 404. */
export const koaListener = (middleware: Middleware, log: Log): ((request: IncomingMessage, response: ServerResponse, next?: () => void) => void) => {
  const leaving = new WeakMap<IncomingMessage, () => void>();
  const app = new Koa();
  app.use(middleware);
  app.use((ctx) => {
    const leave = leaving.get(ctx.req);
    if (leave === undefined) return;
    ctx.respond = false;
    leave();
  });
  app.on('error', (error: unknown) => log.warn(thrown(error), 'connection failed')); // a caller's socket that broke while it was answered
  const carry = app.callback();
  // No promise is given back: Restify takes the end of one for `next`, and goes on with a request that is answered.
  return (request, response, next) => {
    if (next === undefined) return void carry(request, response);
    const { statusCode } = response;
    let isOurs = true;
    leaving.set(request, () => {
      isOurs = false;
      response.statusCode = statusCode; // Koa begins with 404
    });
    void carry(request, response).then(() => { if (!isOurs) next(); });
  };
};

/** A Koa middleware that answers `GET /health`, `/ready` and `/metrics`, and passes all other requests on. @throws `ERR_OPTION_INVALID` */
export const koaStatus = (calls: TakesCalls, options?: HealthOptions): Middleware => {
  const health = healthOf(calls, options);
  return async function status(ctx, next) {
    const answering = health(ctx.method, ctx.path);
    if (answering === undefined) return next();
    const { status, headers, body } = await answering;
    ctx.status = status;
    ctx.set(headers);
    ctx.body = body;
  };
};

const requestOf = (ctx: Context, path: string, read: TextReader): CallRequest => {
  let text: Promise<string> | undefined;
  return {
    method: ctx.method,
    path,
    query: ctx.search,
    headers: headersOf(ctx.req),
    text: () => (text ??= textOf(ctx, read)),
    stream: () => ctx.req,
  };
};

/** An app that parses bodies before us has the text, or has lost it. */
const textOf = (ctx: Context, read: TextReader): Promise<string> => {
  const { rawBody } = ctx.request as { readonly rawBody?: string };
  return rawBody === undefined ? read(ctx.req) : Promise.resolve(rawBody);
};

/** Of two Authorization headers node keeps the first and says nothing; both have to be seen to be refused. */
const headersOf = (request: IncomingMessage): CallRequest['headers'] => {
  const { headers, rawHeaders } = request;
  let authorizations = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) if (isAuthorization(rawHeaders[index])) authorizations += 1;
  return authorizations < 2 ? headers : { ...headers, authorization: request.headersDistinct['authorization'] };
};

const isAuthorization = (name: string | undefined): boolean => name?.length === 13 && name.toLowerCase() === 'authorization';

type TextReader = (request: IncomingMessage) => Promise<string>;

/** The body as text, inflated, up to `limitBytes`. Whatever its type is said to be: that was looked at before. */
const textReader = (limitBytes: number): TextReader => {
  const parser = bodyParser({ enableTypes: ['text'], textLimit: limitBytes as never });
  return async (req) => {
    const request: { readonly is: () => boolean; readonly rawBody?: string } = { is: () => true };
    try {
      await parser({ req, request } as never, async () => {});
    } catch (cause) {
      throw unreadable(cause, req, limitBytes);
    }
    return request.rawBody ?? '';
  };
};

const unreadable = (cause: unknown, { complete }: IncomingMessage, limitBytes: number): CallError => {
  const { status, type } = cause as { readonly status?: number; readonly type?: string };
  if (status === 413) return new CallError('ERR_BODY_TOO_LARGE', 'the body is too large', { limitBytes });
  if (status === 415) return new CallError('ERR_BODY_TYPE', 'the body is coded in a way that is not taken', {});
  if (!complete) return new CallError('ERR_EVENT_MALFORMED', 'the connection broke off before the whole body was there', { paths: [], rule: 'H-BODY' });
  if (type === 'stream.not.readable') return new CallError('ERR_OPTION_INVALID', 'a middleware in front of the calls has read the body and kept no text of it: mount the calls before it', { option: 'app' });
  return new CallError('ERR_EVENT_MALFORMED', 'the body cannot be read', { paths: [], rule: 'H-BODY' });
};
