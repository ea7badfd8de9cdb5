/**
 * Balancer — one address for the processes that a server of Restate gives calls to: each request (HTTP/2, in clear) goes to the next
 * process that is left. What a process that dies was at is broken off.
 *
 * @module
 */
import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  readonly url: string;
  /** The process `who` listens on `port` from now on. */
  add(who: string, port: number): void;
  remove(who: string): void;
  close(): Promise<void>;
}

/** Of one connection, and not for the next. */
const ofConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

const handedOn = (headers: IncomingHttpHeaders): IncomingHttpHeaders => Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.has(name)));

/**
 * Breaks off what a process that died was at. The stream to such a process seems to have ended as it should, and `end()` of one that was not
 * answered yet sends nothing: the server would wait for the dead.
 */
const breakOff = (stream: ServerHttp2Stream): void => {
  if (stream.closed || stream.destroyed) return;
  if (stream.headersSent) stream.close(8);
  else stream.respond({ ':status': 503 }, { endStream: true });
};

/** Listens on loopback. */
export const startBalancer = async (): Promise<Balancer> => {
  const nodes = new Map<string, ClientHttp2Session>();
  const sessions = new Set<ServerHttp2Session>();
  let turn = 0;

  const next = (): ClientHttp2Session | undefined => {
    const left = [...nodes.values()].filter(({ closed, destroyed }) => !closed && !destroyed);
    return left[(turn += 1) % left.length];
  };

  const handOn = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const node = next();
    stream.on('error', () => {}); // whoever asked has gone
    if (node === undefined) return void stream.respond({ ':status': 503 }, { endStream: true });
    const onward = node.request(handedOn(headers));
    onward.on('response', (answered) => void (stream.closed || stream.destroyed || stream.respond(handedOn(answered))));
    onward.on('error', () => {}); // 'close' follows
    onward.on('end', () => void (onward.rstCode === 0 && stream.headersSent && stream.end())); // its own side may stay open until the server has heard that
    onward.on('close', () => void (stream.writableEnded || breakOff(stream)));
    stream.on('close', () => onward.close(8));
    stream.pipe(onward);
    onward.pipe(stream, { end: false });
  };

  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => {});
  });
  server.on('stream', handOn);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const remove = (who: string): void => {
    nodes.get(who)?.destroy();
    nodes.delete(who);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (who, port) => {
      remove(who);
      const session = connect(`http://127.0.0.1:${port}`);
      session.on('error', () => {});
      nodes.set(who, session);
    },
    remove,
    close: async () => {
      for (const who of nodes.keys()) remove(who);
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
};
