/**
 * Emulated — the calling services that are emulated, and what a bot is served with for each: settings that can be sent to another process.
 *
 * @module
 */
import { azure, botframework, type CallService, defaultPath, twilio } from '../transport/index.ts';
import { emulator } from './emulator.ts';
import type { CallingService, PlacingService } from './switchboard.ts';

/** What a bot is told of a service that is emulated: its secrets and where it is. Strings and switches alone. */
export type EmulatedSettings = Readonly<Record<string, string | boolean>>;

/** A service that is open. */
export interface OpenedService {
  readonly service: CallingService | PlacingService;
  readonly settings: EmulatedSettings;
}

/** How a service is emulated, and a bot served for it. */
interface Emulated {
  open(): Promise<OpenedService>;
  calling(settings: EmulatedSettings): CallService | Promise<CallService>;
}

/** An address that is never looked up: what is sent there is taken to where the bot was called. */
const nowhere = 'https://localhost';

const emulated = {
  botframework: {
    open: async () => {
      const service = await emulator();
      const { appId, appPassword, metadataUrl, issuer } = service;
      return { service, settings: { appId, appPassword, callbackUrl: nowhere + defaultPath, openIdMetadataUrl: metadataUrl, issuer } };
    },
    calling: (settings) => botframework(settings as unknown as Parameters<typeof botframework>[0]),
  },
  twilio: {
    open: async () => {
      const service = await emulator({ service: 'twilio', publicUrl: nowhere });
      const { accountSid, authToken, apiUrl } = service;
      return { service, settings: { accountSid, authToken, publicUrl: nowhere, apiUrl } };
    },
    calling: (settings) => twilio(settings as unknown as Parameters<typeof twilio>[0]),
  },
  azure: {
    open: async () => {
      const service = await emulator({ service: 'azure' });
      const { connectionString, resourceId, eventGridSecret, metadataUrl, issuer } = service;
      const settings = { connectionString, resourceId, eventGridSecret, issuer, publicUrl: nowhere, openIdMetadataUrl: metadataUrl, allowInsecureConnection: true };
      // A speech service is nowhere asked: it has to be named for anything to be said.
      return { service, settings: { ...settings, cognitiveServicesUrl: nowhere } };
    },
    calling: (settings) => azure(settings as unknown as Parameters<typeof azure>[0]),
  },
} as const satisfies Readonly<Record<string, Emulated>>;

/** A service that is emulated. */
export type EmulatedName = keyof typeof emulated;

/** All of them. */
export const emulatedNames = Object.keys(emulated) as readonly EmulatedName[];

/** Starts the service `name`. */
export const openService = (name: EmulatedName): Promise<OpenedService> => emulated[name].open();

/** The service `name` as a bot is served with it, in this process or another. @throws as `botframework`, `twilio` and `azure` do */
export const callingService = async (name: EmulatedName, settings: EmulatedSettings): Promise<CallService> => emulated[name].calling(settings);

/** Whether bots place calls at `service`. */
export const placesCalls = (service: CallingService | PlacingService): service is PlacingService => 'answer' in service;
