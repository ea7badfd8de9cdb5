/**
 * Fake bot — a bot of fixed answers on loopback, which keeps what it was sent. Knows nothing of our transport.
 *
 * @module
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Json = Readonly<Record<string, unknown>>;

/** One request as it came. `json` is that of the first part where there are several. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: Json;
}

/** A status by itself, a body as it is, a list of actions, or a whole workflow; `never` does not answer. */
export type Answer = number | string | readonly Json[] | Json | 'never';

export interface FakeBot {
  readonly url: string;
  readonly origin: string;
  readonly received: readonly Received[];
  /** The outcomes that were told, in order. */
  readonly outcomes: () => readonly Json[];
  close(): Promise<void>;
}

const callback = 'https://bot.example/api/calls/more?x=1';

/** Answers the first request with the first answer and so on, and all later ones with nothing. */
export async function fakeBot(...answers: readonly (Answer | ((request: Received) => Answer | Promise<Answer>))[]): Promise<FakeBot> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const text = body.toString('latin1');
    const json = text.startsWith('--') ? /\r\n\r\n(\{.*?\})\r\n--/s.exec(text)?.[1] : body.toString();
    const one: Received = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body, json: JSON.parse(json ?? 'null') as Json };
    received.push(one);
    const given = answers[received.length - 1] ?? '';
    const answer = typeof given === 'function' ? await given(one) : given;
    if (answer === 'never') return;
    if (typeof answer === 'number') return void response.writeHead(answer).end('not this time');
    const isList = Array.isArray(answer);
    response.setHeader('content-type', 'application/json');
    response.end(typeof answer === 'string' ? answer : JSON.stringify(isList ? { links: { callback }, actions: answer, appState: 'opaque' } : answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/api/calls`,
    origin,
    received,
    outcomes: () => received.flatMap(({ json }) => (json['operationOutcome'] === undefined ? [] : [json['operationOutcome'] as Json])),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const answer: Json = { action: 'answer', operationId: 'op-answer' };
export const reject: Json = { action: 'reject', operationId: 'op-reject' };
export const hangup: Json = { action: 'hangup', operationId: 'op-hangup' };
export const play = (...texts: readonly string[]): Json => ({ action: 'playPrompt', operationId: 'op-play', prompts: texts.map((value) => ({ value })) });
const nested = (text: string | undefined) => (text === undefined ? {} : { playPrompt: { ...play(text), operationId: 'op-nested' } });
export const menu = (text?: string, more: Json = {}): Json => ({
  action: 'recognize',
  operationId: 'op-ask',
  ...nested(text),
  choices: [{ name: 'sales', dtmfVariation: '1', speechVariation: ['sales', 'the shop'] }, { name: 'help', dtmfVariation: '2' }],
  ...more,
});
export const digits = (collectDigits: Json, text?: string, more: Json = {}): Json => ({ action: 'recognize', operationId: 'op-digits', ...nested(text), collectDigits, ...more });
export const record = (more: Json = {}, text?: string): Json => ({ action: 'record', operationId: 'op-record', ...nested(text), recordingFormat: 'wav', ...more });
