/**
 * Raw — `node:http` that parses each body and stringifies a reply of Callchart's: what no server in JavaScript is below.
 *
 * @module
 */
import { createServer } from 'node:http';
import { options, ready } from './child.mjs';
import { replyTo } from './replies.mjs';

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const reply = replyTo(options.replies, JSON.parse(Buffer.concat(chunks).toString()));
    const body = reply === undefined ? '' : JSON.stringify(reply);
    response.writeHead(200, { ...(body !== '' && { 'content-type': 'application/json; charset=utf-8' }), 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => ready(server.address().port));
