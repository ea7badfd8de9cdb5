/**
 * Server — gives the calls in flight to the official XState inspector, on this machine and to nobody else.
 *
 * The official relay listens on all interfaces and asks nobody who he is. This one listens on 127.0.0.1 alone and wants, before
 * a word is said, a token that only the printed address holds, a loopback `Host` (against rebinding of names) and, of
 * a browser, a page of this machine or of stately.ai. Viewers are only told; what they send is not read.
 *
 * Two addresses: `url` is the WebSocket, for `createWebSocketReceiver` and everything else that speaks the protocol;
 * `page` shows the inspector of stately.ai in a browser and hands the messages to it there. They go to that page
 * only, from the browser; this process opens no connection.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { CallError } from '../errors.ts';
import { refuseUpgrade, tokenCheck } from './gate.ts';
import type { Observer } from './observation.ts';
import { introduce, type StatelyMessage, watch, type WatchedCall } from './stately.ts';

/** Options of the server. */
export interface InspectorServerOptions {
  /** Port on 127.0.0.1. Default 0: any free one. */
  readonly port?: number;
  /** What viewers must show. Default: 24 random bytes. */
  readonly token?: string;
  /** Whether what the caller keyed, said or is called is masked. Default true. */
  readonly redact?: boolean;
}

/** A server that runs. */
export interface InspectorServer {
  /** Address of the feed, token included. */
  readonly url: string;
  /** Address of a page that shows the official inspector, token included. */
  readonly page: string;
  /** Port it listens on. */
  readonly port: number;
  /** Takes the steps of all calls. */
  readonly observe: Observer;
  /** Sends the viewers away and stops. */
  readonly close: () => Promise<void>;
}

/** Ended calls that a late viewer still sees. */
const endedKept = 50;
/** Calls that are remembered at all: one whose end nobody told must not stay for ever. The one heard of longest ago goes first. */
const callsKept = 1_000;
const viewersLimit = 32;
/** Bytes that a viewer may lag behind before he is sent away: he must not fill our memory. */
const lagLimit = 32 * 1024 * 1024;
const host = '127.0.0.1';

/**
 * Starts a server.
 *
 * @throws `ERR_OPTION_INVALID` when the port is taken or no port, or the token is empty.
 */
export const inspectorServer = async ({ port = 0, token = randomBytes(24).toString('base64url'), redact = true }: InspectorServerOptions = {}): Promise<InspectorServer> => {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new CallError('ERR_OPTION_INVALID', '`port` is no port', { option: 'port' });
  if (token === '') throw new CallError('ERR_OPTION_INVALID', '`token` is empty', { option: 'token' });
  const calls = new Map<string, WatchedCall>();
  const viewers = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 });
  const isToken = tokenCheck(token);

  const server = createServer((request, response) => {
    const status = request.method === 'GET' ? refusal(request, isToken) : 405;
    if (status !== undefined) return void response.writeHead(status, { 'content-type': 'text/plain' }).end(`${status}\n`);
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff',
      'content-security-policy': `default-src 'none'; frame-src ${inspector}; frame-ancestors 'none'; base-uri 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'; connect-src ws://${request.headers.host ?? host}`,
    });
    response.end(page);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const status = refusal(request, isToken) ?? (viewers.clients.size >= viewersLimit ? 503 : undefined);
    if (status !== undefined) return refuseUpgrade(socket, status);
    viewers.handleUpgrade(request, socket, head, (viewer) => {
      viewer.on('error', () => viewer.terminate());
      for (const call of calls.values()) tell(viewer, introduce(call));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', (cause) => reject(new CallError('ERR_OPTION_INVALID', '`port` cannot be listened on', { option: 'port' }, { cause })));
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  const query = `/?token=${encodeURIComponent(token)}`;

  return {
    url: `ws://${host}:${bound}${query}`,
    page: `http://${host}:${bound}${query}`,
    port: bound,
    observe: (observation) => {
      const { call, messages } = watch(calls.get(observation.callId), observation, { redact });
      calls.delete(observation.callId); // the order of the map is that of the last words
      calls.set(observation.callId, call);
      forget(calls, call.ended);
      for (const viewer of viewers.clients) tell(viewer, messages);
    },
    close: () =>
      new Promise((resolve) => {
        for (const viewer of viewers.clients) viewer.terminate();
        viewers.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const forget = (calls: Map<string, WatchedCall>, ended: boolean): void => {
  if (calls.size > callsKept) calls.delete(calls.keys().next().value ?? '');
  if (!ended) return;
  const over = [...calls].filter(([, call]) => call.ended).map(([callId]) => callId);
  for (const callId of over.slice(0, Math.max(0, over.length - endedKept))) calls.delete(callId);
};

const tell = (viewer: WebSocket, messages: readonly StatelyMessage[]): void => {
  if (viewer.readyState !== viewer.OPEN) return;
  for (const message of messages) viewer.send(JSON.stringify(message));
  if (viewer.bufferedAmount > lagLimit) viewer.terminate();
};

/** The status that `request` is refused with, if it is: first where it comes from, then what it shows. */
const refusal = ({ headers, url }: IncomingMessage, isToken: (shown: string) => boolean): 401 | 403 | undefined => {
  if (!isLoopback(headers.host)) return 403;
  if (headers.origin !== undefined && !isWelcome(headers.origin)) return 403;
  const token = url?.startsWith('/?') === true ? new URLSearchParams(url.slice(2)).get('token') : null;
  return token !== null && isToken(token) ? undefined : 401;
};

const isLoopback = (authority: string | undefined): boolean => authority !== undefined && /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(authority);

/** A page of this machine or of stately.ai. */
const isWelcome = (origin: string): boolean => {
  const [, scheme, authority] = /^(https?):\/\/([^/?#@\s]+)$/i.exec(origin) ?? [];
  return isLoopback(authority) || (scheme === 'https' && authority !== undefined && /^(?:[a-z0-9-]+\.)*stately\.ai$/i.test(authority));
};

const inspector = 'https://stately.ai';

/** Hands the feed to the inspector in the frame once that has said that it listens; the token stays in this page. */
const script = `
const frame = document.querySelector('iframe');
const waiting = [];
let listens = false;
const show = (message) => frame.contentWindow.postMessage(message, '${inspector}');
addEventListener('message', ({ origin, source, data }) => {
  if (origin !== '${inspector}' || source !== frame.contentWindow || data?.type !== '@statelyai.connected') return;
  listens = true;
  waiting.splice(0).forEach(show);
});
new WebSocket('ws://' + location.host + '/' + location.search).onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (listens) show(message);
  else if (waiting.push(message) > 5000) waiting.shift();
};
`;

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Callchart: calls in flight</title>
<style>html, body { margin: 0; height: 100%; } iframe { width: 100%; height: 100%; border: 0; }</style>
<iframe title="XState inspector" src="${inspector}/inspect"></iframe>
<script>${script}</script>
</html>
`;
