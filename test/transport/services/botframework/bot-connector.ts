/**
 * Bot Connector — the chat service of the tests, on loopback: a token endpoint and a connector, which hold what they are
 * sent against what the real ones require.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Json = Readonly<Record<string, unknown>>;

/** What was asked of the connector, and what it answered. */
export interface Asked {
  readonly path: string;
  readonly status: number;
  readonly body: Json;
}

/** Answers instead of the connector; undefined leaves it to the connector. */
export type Whim = (path: string) => { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string } | 'silence' | undefined;

export const appId = 'the-app-id';
export const appPassword = 'a secret & more=';
export const scope = 'https://api.botframework.com/.default';

export interface BotConnector {
  readonly serviceUrl: string;
  readonly tokenUrl: string;
  /** What the connector was asked, in order, whims included. */
  readonly asked: readonly Asked[];
  /** The activities that it took. */
  readonly activities: readonly Json[];
  /** How many tokens were asked for. */
  readonly tokens: () => number;
  /** Takes none of the tokens given so far any more. */
  revoke(): void;
  whim: Whim | undefined;
  /** The same for the token endpoint. */
  tokenWhim: Whim | undefined;
  expiresIn: number | string;
  /** The id of each conversation. */
  conversation: string;
  close(): Promise<void>;
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

export const botConnector = async (): Promise<BotConnector> => {
  const asked: Asked[] = [];
  const activities: Json[] = [];
  const valid = new Set<string>();
  let tokens = 0;

  const grant = (body: string, type: string | undefined): { readonly status: number; readonly body: string } => {
    const form = new URLSearchParams(body);
    const right = (type ?? '').startsWith('application/x-www-form-urlencoded') && form.get('grant_type') === 'client_credentials' && form.get('client_id') === appId && form.get('client_secret') === appPassword && form.get('scope') === scope;
    if (!right) return { status: 401, body: '{"error":"invalid_client"}' };
    const token = `token-${tokens}`;
    valid.add(token);
    return { status: 200, body: JSON.stringify({ token_type: 'Bearer', expires_in: connector.expiresIn, access_token: token }) };
  };

  const take = (path: string, body: Json, authorization: string | undefined): { readonly status: number; readonly body: string } => {
    if (!valid.has(/^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '')) return { status: 401, body: '{"error":{"code":"Unauthorized"}}' };
    const { id } = (body['bot'] ?? {}) as Json;
    const [member] = (body['members'] ?? []) as readonly Json[];
    if (path === '/bot/v3/conversations') return typeof id === 'string' && typeof member?.['id'] === 'string' ? { status: 201, body: JSON.stringify({ id: connector.conversation }) } : { status: 400, body: '{}' };
    if (path !== `/bot/v3/conversations/${encodeURIComponent(connector.conversation)}/activities`) return { status: 404, body: '{}' };
    if (body['type'] !== 'message') return { status: 400, body: '{}' };
    activities.push(body);
    return { status: 201, body: '{"id":"activity-1"}' };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    const text = await textOf(request);
    const isToken = path === '/tenant/oauth2/v2.0/token';
    if (isToken) tokens += 1;
    const whim = (isToken ? connector.tokenWhim : connector.whim)?.(path);
    const wrong = request.method !== 'POST' ? { status: 405, body: '' } : undefined;
    const given = whim ?? wrong ?? (isToken ? grant(text, request.headers['content-type']) : take(path, JSON.parse(text) as Json, request.headers.authorization));
    if (!isToken) asked.push({ path, status: given === 'silence' ? 0 : given.status, body: JSON.parse(text) as Json });
    if (given === 'silence') return;
    response.writeHead(given.status, { 'content-type': 'application/json', ...('headers' in given ? given.headers : {}) }).end(given.body);
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connector: BotConnector = {
    serviceUrl: `${url}/bot/`, tokenUrl: `${url}/tenant/oauth2/v2.0/token`, asked, activities,
    tokens: () => tokens,
    revoke: () => valid.clear(),
    whim: undefined, tokenWhim: undefined, expiresIn: 3_600, conversation: 'a:1/x?y#z',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return connector;
};
