/**
 * Koa — the rim: a Koa context in, a Koa context out. The only file that knows Koa.
 *
 * koa-bodyparser is used as a bounded text reader and only when somebody who may asks for the body: it parses nothing,
 * and a request that does not authenticate is never read.
 *
 * @module
 */
import type { Context, Middleware } from 'koa';
import bodyParser from 'koa-bodyparser';
import { CallError } from '../errors.ts';
import { exchange, type Line } from './exchange.ts';
import type { CallRequest } from './service.ts';

/** How much of a body is read as text. Default 256 KiB; recordings are streamed and have a limit of their own. */
export interface BodyLimit {
  readonly bodyLimitBytes?: number;
}

/** A middleware that takes the requests on the paths of `line`'s bots, and passes all others on. */
export const koaMiddleware = (line: Line, { bodyLimitBytes = 256 * 1024 }: BodyLimit = {}): Middleware => {
  const read = bodyParser({ enableTypes: ['text'], textLimit: `${bodyLimitBytes}b`, detectJSON: () => false, extendTypes: { text: ['*/*'] } });
  return async function calls(ctx, next) {
    if (!line.bots.hasPath(ctx.path)) return next();
    if (ctx.method !== 'POST') {
      ctx.status = 405;
      ctx.set('allow', 'POST');
      return;
    }
    const { status, headers, body } = await exchange(requestOf(ctx, read, bodyLimitBytes), line);
    ctx.status = status;
    ctx.set(headers);
    ctx.body = body === '' ? '' : Buffer.from(body);
    if (body === '') ctx.remove('content-type');
  };
};

const requestOf = (ctx: Context, read: Middleware, limitBytes: number): CallRequest => ({
  method: ctx.method,
  path: ctx.path,
  // Of two Authorization headers node keeps the first and says nothing; both have to be seen to be refused.
  headers: { ...ctx.headers, authorization: ctx.req.headersDistinct['authorization'] },
  text: async () => {
    try {
      await read(ctx as never, async () => {});
    } catch (cause) {
      if ((cause as { status?: number }).status === 413) throw new CallError('ERR_BODY_TOO_LARGE', 'the body is too large', { limitBytes }, { cause });
      throw new CallError('ERR_EVENT_MALFORMED', 'the body cannot be read', { paths: [], rule: 'H-BODY' });
    }
    return (ctx.request as { rawBody?: string }).rawBody ?? '';
  },
  stream: () => ctx.req,
});
