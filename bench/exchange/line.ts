/**
 * Line — one connection of the load: HTTP/1.1 by hand over a socket that is kept, one request at a time.
 *
 * Both sides share two cores, so the load has to cost little beside the raw server: `node:http` as a client costs more
 * than that server does. Knows just what the contestants send: a content length, and no chunks.
 *
 * @module
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Line {
  post(headers: string, body: string): Promise<Answer>;
  close(): void;
}

/** Connects to `port` on loopback. `fixed` are the header lines of every request. */
export const openLine = async (port: number, path: string, fixed: string): Promise<Line> => {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.setEncoding('latin1'); // one character a byte: lengths are those of the header, and all bodies here are ASCII
  const start = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${fixed}`;
  let waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;
  let received = '';

  socket.on('data', (chunk: string) => {
    received += chunk;
    const answer = whole(received);
    if (answer === undefined) return;
    received = '';
    waiting?.resolve(answer);
  });
  const fail = (error?: Error): void => waiting?.reject(error ?? new Error('the server hung up'));
  socket.on('error', fail);
  socket.on('close', () => fail());

  return {
    post: (headers, body) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(`${start}${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      }),
    close: () => void socket.destroy(),
  };
};

/** The answer in `text`, once it is all there. */
const whole = (text: string): Answer | undefined => {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1];
  if (length === undefined) throw new Error('an answer without a content length');
  const end = head + 4 + Number(length);
  if (text.length < end) return undefined;
  if (text.length > end) throw new Error('an answer longer than it says');
  return { status: Number(text.slice(9, 12)), body: text.slice(head + 4) };
};
