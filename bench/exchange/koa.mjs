/**
 * Bare Koa and koa-bodyparser doing what `raw.mjs` does.
 *
 * @module
 */
import { createServer } from 'node:http';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { options, ready } from './child.mjs';
import { replyTo } from './replies.mjs';

const app = new Koa();
app.use(bodyParser());
app.use((ctx) => {
  ctx.status = 200;
  ctx.body = replyTo(options.replies, ctx.request.body) ?? '';
});
const server = createServer(app.callback());
server.listen(0, '127.0.0.1', () => ready(server.address().port));
