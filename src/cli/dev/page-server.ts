/**
 * Page server — the phone page and its WebSockets, on 127.0.0.1 and for whoever holds the address that was printed.
 *
 * The address carries a token, which becomes a cookie at the first visit: a reload needs no address. A loopback `Host` is wanted (against
 * rebinding of names) and, of a browser, an `Origin` of this very server: a page of somebody else's cannot ring.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { refuseUpgrade, tokenCheck } from '../../inspector/gate.ts';
import type { SoundSocket } from '../../emulator/sound/socket-leg.ts';
import type { Asked, SoundTaken, Told } from '../../page/protocol.ts';
import { wrong } from '../arguments.ts';
import { askedIn } from './asked.ts';

/** A page that is open. */
export interface OpenPage {
  tell(told: Told): void;
}

/** What a page carries the sound of a call by. */
export interface PageSocket extends SoundSocket {
  /** Closes it, and says that another window has the sound now. */
  giveAway(): void;
}

/** Where the phone is, unless another port is asked for or somebody else is there. */
const usualPort = 3990;

export interface PageServerOptions {
  /** 0 is any that is free; undefined is the usual one, or another where that is taken. */
  readonly port: number | undefined;
  readonly token: string;
  /** The folder with the built page. */
  readonly folder: string;
  /** A page was opened. */
  readonly onOpen: (page: OpenPage) => void;
  readonly onAsked: (asked: Asked, page: OpenPage) => void;
  /** A page brings the sound of a call, if there is such a call. */
  readonly onSound: (callId: string, socket: PageSocket) => void;
  /** A WAV file at `path`. */
  readonly recording: (path: string) => Uint8Array | undefined;
}

export interface PageServer {
  /** The address to open, token included. */
  readonly url: string;
  /** Tells all pages. */
  tell(told: Told): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const pagesLimit = 32;
/** Bytes that a page may lag behind before it is sent away: it must not fill our memory. */
const lagLimit = 32 * 1024 * 1024;
/** An offer of sound is the longest thing that a page says. */
const longestMessage = 128 * 1024;
/** Sound comes in far smaller pieces. */
const longestSound = 4 * 1024;
const soundsLimit = 64;
const soundTaken: SoundTaken = 4001;

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon', '.txt': 'text/plain; charset=utf-8',
};

/** Serves the page. @throws `ERR_OPTION_INVALID` when the port is taken, or the page was not built */
export const pageServer = async ({ port, token, folder, onOpen, onAsked, onSound, recording }: PageServerOptions): Promise<PageServer> => {
  const files = filesIn(folder);
  const isToken = tokenCheck(token);
  const pages = new Map<WebSocket, OpenPage>();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: longestMessage });
  const sounds = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: longestSound });
  let cookie = '';

  const server = createServer((request, response) => {
    const { pathname, searchParams } = addressOf(request);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'this address is for a browser');
    if (!isLoopback(request.headers.host)) return refuse(response, 403, 'the phone is on this machine alone: open it by 127.0.0.1');
    const shown = searchParams.get('token');
    if (shown !== null && isToken(shown)) return void response.writeHead(303, { location: '/', 'set-cookie': `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/`, 'cache-control': 'no-store' }).end();
    if (!isToken(cookieIn(request, cookie))) return refuse(response, 401, 'open the address that `callchart dev` printed: it has a token in it');
    const wav = recording(pathname);
    if (wav !== undefined) return void response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': wav.length, ...headers }).end(request.method === 'HEAD' ? undefined : wav);
    const file = files.get(pathname === '/' ? '/index.html' : pathname);
    if (file === undefined) return refuse(response, 404, 'there is nothing here');
    response.writeHead(200, { 'content-type': file.type, 'cache-control': pathname.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store', ...headers, 'content-security-policy': policy(request.headers.host ?? host) });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const { pathname, searchParams } = addressOf(request);
    const isFull = pathname === '/sound' ? sounds.clients.size >= soundsLimit : pages.size >= pagesLimit;
    const status = !isLoopback(request.headers.host) || !isOwn(request) || !socketPaths.includes(pathname) ? 403 : !isToken(cookieIn(request, cookie)) ? 401 : isFull ? 503 : undefined;
    if (status !== undefined) return refuseUpgrade(socket, status);
    if (pathname === '/sound') return sounds.handleUpgrade(request, socket, head, (opened) => onSound(searchParams.get('call') ?? '', soundOf(opened)));
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const page: OpenPage = { tell: (told) => send(opened, JSON.stringify(told)) };
      pages.set(opened, page);
      opened.on('error', () => opened.terminate());
      opened.on('close', () => pages.delete(opened));
      opened.on('message', (data, isBinary) => {
        const asked = isBinary ? undefined : askedIn(String(data));
        if (asked === undefined) page.tell({ type: 'trouble', sentence: 'the page asked for something that the phone does not know: reload it' });
        else onAsked(asked, page);
      });
      onOpen(page);
    });
  });

  const listen = (at: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(port ?? usualPort).catch((error: NodeJS.ErrnoException) => {
    const is = error.code === 'EADDRINUSE' ? 'is in use' : 'cannot be listened on';
    if (port !== undefined) throw wrong('port', `port ${port} ${is}; choose another by --port`);
    process.stderr.write(`port ${usualPort} ${is}: the phone is on another\n`);
    return listen(0);
  });
  server.on('error', ({ message }) => process.stderr.write(`callchart: the page's server: ${message}\n`));
  const { port: bound } = server.address() as AddressInfo;
  cookie = `callchart-${bound}`; // cookies know no ports, and there may be another phone

  return {
    url: `http://${host}:${bound}/?token=${encodeURIComponent(token)}`,
    tell: (told) => {
      const text = JSON.stringify(told);
      for (const socket of pages.keys()) send(socket, text);
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of [...pages.keys(), ...sounds.clients]) socket.close(1001);
        sockets.close();
        sounds.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const socketPaths: readonly string[] = ['/phone', '/sound'];

/** What was asked for; what is no address has none. */
const addressOf = ({ url = '/' }: IncomingMessage): URL => new URL(URL.canParse(url, `http://${host}`) ? url : '/none', `http://${host}`);

/** A WebSocket that carries sound. */
const soundOf = (opened: WebSocket): PageSocket => {
  opened.on('error', () => opened.terminate());
  return {
    send: (message) => {
      if (opened.readyState === opened.OPEN) opened.send(message);
    },
    waiting: () => opened.bufferedAmount,
    onMessage: (heard) => void opened.on('message', (data, isBinary) => isBinary && data instanceof Uint8Array && heard(data)),
    onClose: (closed) => void opened.on('close', closed),
    close: () => opened.close(1000),
    giveAway: () => opened.close(soundTaken),
  };
};

const headers = { 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' } as const;

const policy = (authority: string): string =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self' ws://${authority}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The files of the built page by their paths: nothing else can be asked for. */
const filesIn = (folder: string): ReadonlyMap<string, PageFile> => {
  try {
    const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    return new Map(names.map((file) => [file.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/'), { type: mediaTypes[extname(file)] ?? 'application/octet-stream', bytes: readFileSync(file) }]));
  } catch {
    throw wrong('page', 'the phone page is not built: `npm run build` makes it');
  }
};

const send = (socket: WebSocket, text: string): void => {
  if (socket.readyState !== socket.OPEN) return;
  socket.send(text);
  if (socket.bufferedAmount > lagLimit) socket.terminate();
};

const refuse = (response: ServerResponse, status: number, sentence: string): void => void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${sentence}\n`);

const cookieIn = ({ headers: { cookie = '' } }: IncomingMessage, name: string): string =>
  cookie.split(';').map((pair) => pair.trim()).find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';

const isLoopback = (authority: string | undefined): boolean => authority !== undefined && /^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/i.test(authority);

/** Whether it comes from a page of this very server. */
const isOwn = ({ headers: { origin, host: authority } }: IncomingMessage): boolean => origin === `http://${authority ?? ''}`;
