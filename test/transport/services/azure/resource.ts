/**
 * Resource — Azure Communication Services on loopback, as far as the official client needs it: requests signed with the access
 * key, the exact status of each, and whatever a test has it answer instead.
 *
 * @module
 */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Json = Readonly<Record<string, unknown>>;

/** A request as it came. */
export interface Requested {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Json | undefined;
  /** What it asks for: the last words of its target. */
  readonly asks: string;
}

/** An answer in the place of the usual one; `'cut'` breaks the connection off. */
export type Instead = { readonly status: number; readonly body?: Json; readonly headers?: Readonly<Record<string, string>> } | 'cut' | undefined;

export const accessKey = Buffer.from('a key of the tests').toString('base64');
export const connection = 'conn-1';

/** Starts a resource. */
export const resource = async () => {
  const requests: Requested[] = [];
  const waiting = new Set<() => void>();
  let instead: (requested: Requested) => Instead | Promise<Instead> = () => undefined;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => void answer());
    const answer = async (): Promise<void> => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { method = '', url = '', headers } = incoming;
      const requested: Requested = { method, target: url, headers, body: text === '' ? undefined : (JSON.parse(text) as Json), asks: asked(method, url) };
      requests.push(requested);
      for (const look of waiting) look();
      const given = isSigned(method, url, headers, text) ? ((await instead(requested)) ?? usual(requested)) : { status: 401, body: { error: { code: '7509', message: 'HMAC' } } };
      if (given === 'cut') return void incoming.socket.destroy();
      response.writeHead(given.status, { 'content-type': 'application/json', ...given.headers });
      response.end(given.body === undefined ? '' : JSON.stringify(given.body));
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as AddressInfo).port;
  return {
    port,
    requests,
    connectionString: `endpoint=http://127.0.0.1:${port}/;accesskey=${accessKey}`,
    /** Has requests answered otherwise. */
    answers: (make: typeof instead) => void (instead = make),
    /** Resolves with the request number `count`, once it is there. */
    request: (count: number): Promise<Requested> =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`request ${count} never came; these did: ${requests.map(({ asks }) => asks).join(', ')}`)), 5_000);
        const look = (): void => {
          const found = requests[count - 1];
          if (found === undefined) return;
          clearTimeout(late);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export type Resource = Awaited<ReturnType<typeof resource>>;

/** `answer`, `play`, `participants:add`, …; `hangUp` and `stopRecording` have their method alone. */
const asked = (method: string, target: string): string => {
  const [path = ''] = target.split('?');
  if (method === 'DELETE') return path.includes('/recordings/') ? 'stopRecording' : 'hangUp';
  if (path.endsWith('/recordings')) return 'startRecording';
  if (path.endsWith('/callConnections')) return 'createCall';
  return /(participants)?:(\w+)$/.exec(path)?.[0].replace(/^:/, '') ?? path;
};

/** The signature as the service checks it: method, target, date, host and digest of the body, by the access key. */
const isSigned = (method: string, target: string, headers: IncomingHttpHeaders, text: string): boolean => {
  const digest = createHash('sha256').update(text).digest('base64');
  const signature = createHmac('sha256', Buffer.from(accessKey, 'base64')).update(`${method}\n${target}\n${String(headers['x-ms-date'])};${headers.host};${digest}`).digest('base64');
  return headers['x-ms-content-sha256'] === digest && headers.authorization === `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`;
};

const usual = ({ asks, body }: Requested): Exclude<Instead, 'cut' | undefined> => {
  const context = { operationContext: body?.['operationContext'] };
  switch (asks) {
    case 'answer':
      return { status: 200, body: { callConnectionId: connection, serverCallId: 'server-1', callConnectionState: 'connecting', callbackUri: body?.['callbackUri'] } };
    case 'createCall':
      return { status: 201, body: { callConnectionId: connection, serverCallId: 'server-1', callConnectionState: 'connecting', callbackUri: body?.['callbackUri'] } };
    case 'reject':
    case 'terminate':
    case 'hangUp':
    case 'stopRecording':
      return { status: 204 };
    case 'hold':
    case 'unhold':
      return { status: 200, body: {} };
    case 'startRecording':
      return { status: 200, body: { recordingId: 'recording-1', recordingState: 'active' } };
    case 'participants:add':
      return { status: 202, body: { ...context, invitationId: 'invitation-1', participant: { identifier: body?.['participantToAdd'], isMuted: false, isOnHold: false } } };
    case 'participants:cancelAddParticipant':
      return { status: 202, body: { ...context, invitationId: 'invitation-1' } };
    default:
      return { status: 202, body: context };
  }
};
