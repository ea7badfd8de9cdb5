/**
 * Road — what lies between a calling service and its bot: it can be closed, be slow, or have the answers of the bot come as something else.
 *
 * @module
 */
import { createServer, request as ask, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Road {
  /** Where it begins, in place of the bot's own endpoint. */
  readonly url: string;
  /** Requests that went along it, by their ids where they have one. */
  readonly travelled: readonly string[];
  /** Nobody gets through, until it is open again. */
  isClosed: boolean;
  /** How long the answers of the next requests are held, ms, one each. */
  readonly holds: number[];
  /** What the next answers come as, one each; undefined is as they are. */
  readonly becomes: (string | undefined)[];
  close(): Promise<void>;
}

/** Opens one to `endpoint`. */
export const roadTo = async (endpoint: string): Promise<Road> => {
  const { origin, pathname } = new URL(endpoint);
  const travelled: string[] = [];
  const server: Server = createServer((request, response) => {
    if (road.isClosed) return void request.socket.destroy();
    const { method = 'GET', url = '/', headers } = request;
    travelled.push(String(headers['x-microsoft-skype-message-id'] ?? headers['i-twilio-idempotency-token'] ?? `${method} ${url}`));
    const [holdMs = 0, body] = [road.holds.shift(), road.becomes.shift()];
    const onward = ask(origin + url, { method, headers }, (answer) => {
      if (body !== undefined) answer.resume();
      setTimeout(() => {
        response.writeHead(answer.statusCode ?? 502, body === undefined ? answer.headers : { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
        if (body === undefined) answer.pipe(response);
        else response.end(body);
      }, holdMs);
    });
    onward.on('error', () => lost(response));
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const road: Road = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    travelled, isClosed: false, holds: [], becomes: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return road;
};

const lost = (response: ServerResponse): void => void response.socket?.destroy();
