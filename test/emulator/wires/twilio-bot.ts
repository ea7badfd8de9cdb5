/**
 * Twilio bot — a bot of fixed documents on loopback, which keeps what it was sent. Knows nothing of our transport.
 *
 * @module
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came. */
export interface Told {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: Readonly<Record<string, string>>;
}

/** A status by itself, verbs (which are put into a document), or a whole answer; `never` does not answer, `gone` breaks the connection off. */
export type Answer = number | string | { readonly type: string; readonly body: string };

/** What a bot answers, request by request. */
export type Answers = readonly (Answer | ((told: Told) => Answer | Promise<Answer>))[];

export interface TwilioBot {
  /** Where calls are announced. */
  readonly url: string;
  readonly origin: string;
  /** Requests of the calls themselves. */
  readonly told: readonly Told[];
  /** Status callbacks and what else comes beside the calls. */
  readonly beside: readonly Told[];
  close(): Promise<void>;
}

/** Answers the first request of a call with the first answer and so on, and all later ones by hanging up. */
export const twilioBot = async (...answers: Answers): Promise<TwilioBot> => {
  const told: Told[] = [];
  const beside: Told[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '', 'http://bot');
    const params = Object.fromEntries(request.method === 'GET' ? url.searchParams : new URLSearchParams(Buffer.concat(chunks).toString()));
    const one: Told = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, params };
    if ('CallbackSource' in params || 'RecordingStatus' in params) {
      beside.push(one);
      return void response.end();
    }
    told.push(one);
    const given = answers[told.length - 1] ?? '<Hangup/>';
    const answer = typeof given === 'function' ? await given(one) : given;
    if (answer === 'never') return;
    if (answer === 'gone') return void request.socket.destroy();
    if (typeof answer === 'number') return void response.writeHead(answer).end('not this time');
    const [type, body] = typeof answer === 'string' ? ['text/xml; charset=utf-8', `<?xml version="1.0" encoding="UTF-8"?><Response>${answer}</Response>`] : [answer.type, answer.body];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/api/twilio`,
    origin,
    told,
    beside,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
