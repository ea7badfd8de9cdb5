/**
 * Behind — a machine in this process, served as it is deployed, behind an emulated calling service that is its own.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { azure, botframework, type CallServer, type CallService, type CallsOptions, defaultPath, serve, twilio } from '../transport/index.ts';
import { emulator } from './emulator.ts';
import type { CallingService, PlacingService } from './switchboard.ts';

/** An emulated service that is open, and what a bot is served with for it. */
interface Opened {
  readonly service: CallingService | PlacingService;
  readonly calling: CallService;
}

/** How a service is emulated for a machine in this process. */
interface Emulated {
  /** Where the bot listens. */
  readonly path: string;
  open(): Promise<Opened>;
}

/** An address that is never looked up: what is sent there is taken to where the bot was called. */
const nowhere = 'https://localhost';

const emulated = {
  botframework: {
    path: defaultPath,
    open: async () => {
      const service = await emulator();
      const { appId, appPassword, metadataUrl, issuer } = service;
      return { service, calling: botframework({ appId, appPassword, callbackUrl: nowhere + defaultPath, openIdMetadataUrl: metadataUrl, issuer }) };
    },
  },
  twilio: {
    path: '/api/twilio',
    open: async () => {
      const service = await emulator({ service: 'twilio', publicUrl: nowhere });
      const { accountSid, authToken, apiUrl } = service;
      return { service, calling: twilio({ accountSid, authToken, publicUrl: nowhere, apiUrl }) };
    },
  },
  azure: {
    path: '/api/azure',
    open: async () => {
      const service = await emulator({ service: 'azure' });
      const { connectionString, resourceId, eventGridSecret, metadataUrl, issuer } = service;
      const settings = { connectionString, resourceId, eventGridSecret, issuer, publicUrl: nowhere, openIdMetadataUrl: metadataUrl, allowInsecureConnection: true };
      // A speech service is nowhere asked: it has to be named for anything to be said.
      return { service, calling: await azure({ ...settings, cognitiveServicesUrl: nowhere }) };
    },
  },
} as const satisfies Readonly<Record<string, Emulated>>;

/** A service that is emulated. */
export type EmulatedName = keyof typeof emulated;

/** All of them. */
export const emulatedNames = Object.keys(emulated) as readonly EmulatedName[];

/** A machine that is served. */
export interface Behind extends Pick<CallServer, 'place'> {
  readonly service: CallingService | PlacingService;
  /** Where the machine takes calls. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Serves `bot` behind the service `name`. @throws as `serve` does, for a bot that the service cannot carry for one */
export const serveBehind = async (name: EmulatedName, bot: AnyStateMachine, options: Omit<CallsOptions, 'service' | 'bots' | 'chat'>): Promise<Behind> => {
  const { path, open } = emulated[name];
  const { service, calling } = await open();
  try {
    const server = await serve({ ...options, service: calling, bots: { [path]: bot }, chat: service.chat, port: 0 });
    return {
      service,
      endpoint: server.url + path,
      place: server.place,
      close: async () => {
        await service.close();
        await server.close();
      },
    };
  } catch (error) {
    await service.close();
    throw error;
  }
};

/** Whether bots place calls at `service`. */
export const placesCalls = (service: CallingService | PlacingService): service is PlacingService => 'answer' in service;
