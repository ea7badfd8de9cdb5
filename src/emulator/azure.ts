/**
 * Azure Communication Services, emulated: tells a bot of calls by Event Grid and of what becomes of them by callbacks with
 * tokens of its own, and has a REST interface on loopback that the official client drives.
 *
 * The bot is told the connection string (it leads to http on loopback, which the client has to be allowed), the resource and
 * where the keys of the callbacks' tokens are. Event Grid asks the bot whether it agrees before it tells it of the first call.
 *
 * @module
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { issueKeys, type KeyIssuerOptions } from './keys.ts';
import { openSwitchboard, type PlacingService, type Switchboard } from './switchboard.ts';
import { type Office, trunkOf } from './wires/azure/conduct.ts';
import type { Disorder } from './wires/azure/delivery.ts';
import { type GridSchema, handshake } from './wires/azure/event-grid.ts';
import { azureWire } from './wires/azure/index.ts';
import type { Manners } from './wires/azure/media.ts';
import { resource } from './wires/azure/resource.ts';
import { type Asked, serveResource, type Server, type Trouble } from './wires/azure/server.ts';

/** What the emulation and the bot know of each other, and what goes wrong. */
export interface AzureEmulatorOptions extends Disorder, Manners {
  /** The key of the resource, base64. Default: a new one. */
  readonly accessKey?: string;
  /** The immutable id of the resource: the audience of every token. Default: a new one. */
  readonly resourceId?: string;
  /** The secret in the address of the subscription. Default: a new one. */
  readonly eventGridSecret?: string;
  /** The schema of the subscription. Default: Event Grid's own. */
  readonly schema?: GridSchema;
  /** The numbers that calls may be placed from. Default: any. */
  readonly numbers?: readonly string[];
  /** `iss` of the tokens. Default: the service's own. */
  readonly issuer?: string;
  /** A key that was made before, and a port that bots know. Default: a new key on a free port. */
  readonly keys?: Pick<KeyIssuerOptions, 'key' | 'port'>;
  /** Port of 127.0.0.1 where the REST interface listens. Default: a free one. */
  readonly apiPort?: number;
  /** What goes wrong with a request of the bot. */
  readonly trouble?: (asked: Asked) => Trouble | undefined;
  /** Told of each request of the bot with its status. */
  readonly onRequest?: (asked: Asked, status: number) => void;
}

/** Azure Communication Services, as they run. */
export interface AzureEmulator extends PlacingService {
  /** `endpoint=…;accesskey=…`. */
  readonly connectionString: string;
  readonly resourceId: string;
  readonly eventGridSecret: string;
  /** OpenID metadata of the callbacks' tokens. */
  readonly metadataUrl: string;
  readonly issuer: string;
  /** Where the REST interface is. */
  readonly apiUrl: string;
}

const publicCloud = {
  issuer: 'https://acscallautomation.communication.azure.com',
  paths: { metadata: '/calling/.well-known/acsopenidconfiguration', keys: '/calling/keys' },
  /** Five minutes. */
  lifetimeMs: 300_000,
} as const;

/** Starts it. @throws `ERR_OPTION_INVALID` when a port is taken */
export const azureEmulator = async ({
  accessKey = randomBytes(32).toString('base64'), resourceId = randomUUID(), eventGridSecret = randomBytes(18).toString('base64url'), schema = 'eventgrid',
  issuer = publicCloud.issuer, keys: signing, apiPort = 0, numbers, trouble, onRequest, pauseIs, keepsStopTone, endsQuietly, ...disorder
}: AzureEmulatorOptions = {}): Promise<AzureEmulator> => {
  const keys = await issueKeys({ ...publicCloud, issuer, ...signing });
  const agreed = new Map<string, Promise<boolean | undefined>>();
  let attending = 0;
  const manners = { ...(pauseIs !== undefined && { pauseIs }), ...(keepsStopTone !== undefined && { keepsStopTone }), ...(endsQuietly !== undefined && { endsQuietly }) };

  const made = resource({
    filesAt: () => server.url, ...manners, ...(numbers !== undefined && { numbers }),
    carry: ({ correlationId, from, to }) => {
      const own = trunkOf(office);
      office.placed.set(correlationId, own);
      office.trunks.add(own);
      board.place({ id: correlationId, from, to });
      return own.carriage;
    },
  });

  const office: Office = {
    resource: made, disorder, schema, placed: new Map(), trunks: new Set(),
    token: () => keys.issueToken({ audience: resourceId }),
    subscription: (url) => {
      const address = new URL(url);
      address.searchParams.set('secret', eventGridSecret);
      return address.href;
    },
    isSubscribed: (address) => {
      const before = agreed.get(address) ?? agrees(address, schema);
      agreed.set(address, before);
      return before.then((isAgreed) => {
        if (isAgreed !== true) agreed.delete(address); // it is asked again the next time
        return isAgreed !== false;
      });
    },
    isAttending: () => attending > 0,
  };

  const stir = (): void => {
    for (const own of office.trunks) own.stir();
  };
  const server: Server = await serveResource({
    resource: made, accessKey, port: apiPort, early: disorder.early === true, ...(trouble !== undefined && { trouble }), ...(onRequest !== undefined && { onAnswer: onRequest }),
    attend: () => {
      attending += 1;
      stir();
      return () => {
        attending -= 1;
        stir();
      };
    },
  }).catch(async (error: unknown) => {
    await keys.close();
    throw error;
  });

  const board: Switchboard = openSwitchboard({
    wire: azureWire(office),
    parties: { from: '+15550100', to: '+15550199' },
    persistence: { replyTimeoutMs: 10_000, tries: 3, retryDelayMs: 200 },
    stop: async () => {
      await server.close();
      await keys.close();
    },
  });
  const { name, modalities, call, answer, chat, close } = board;
  return {
    name, modalities, call, answer, chat, close, resourceId, eventGridSecret, metadataUrl: keys.metadataUrl, issuer: keys.issuer, apiUrl: server.url,
    connectionString: `endpoint=${server.url}/;accesskey=${accessKey}`,
  };
};

/** How long the answer to a handshake is waited for, ms. */
const handshakeMs = 30_000;

/** Whether the bot at `address` agrees to be told of calls. One that cannot be reached has not said: it is told, and shows then that it cannot be. */
const agrees = async (address: string, schema: GridSchema): Promise<boolean | undefined> => {
  const { method, message: { headers, body }, isAgreed } = handshake(schema, Date.now());
  try {
    const response = await fetch(address, { method, headers, ...(method === 'POST' && { body }), redirect: 'manual', signal: AbortSignal.timeout(handshakeMs) });
    return isAgreed(response.status, response.headers, await response.text());
  } catch {
    return undefined;
  }
};
