/**
 * Emulator — a calling service on your laptop: it calls a bot at the bot's real HTTP endpoint, in the service's own words,
 * with real tokens or signatures.
 *
 * The bot is told where the emulation's keys or its API are ({@link Emulator.metadataUrl}, {@link TwilioEmulator.apiUrl},
 * {@link AzureEmulator.connectionString}), and is otherwise the
 * bot that is deployed. Everything listens on 127.0.0.1, and nothing else is sent anywhere than to the bot.
 *
 * @example
 *
 * ```ts
 * const service = await emulator();
 * const report = await service.call('http://127.0.0.1:3978/api/calls', { clock: 'script', caller: scriptedCaller(parseScript('press 2')) });
 * console.log(report.endedBy, report.transcript);
 * await service.close();
 * ```
 *
 * @module
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { azureEmulator, type AzureEmulator, type AzureEmulatorOptions } from './azure.ts';
import { issueKeys, type KeyIssuerOptions } from './keys.ts';
import { type CallingService, openSwitchboard } from './switchboard.ts';
import { twilioEmulator, type TwilioEmulator, type TwilioEmulatorOptions } from './twilio.ts';
import { botframeworkWire } from './wires/botframework.ts';
import type { Wire } from './wires/wire.ts';

/** What the emulator and the bot know of each other. */
export interface EmulatorOptions {
  readonly service?: 'botframework';
  /** The bot's app id: the audience of every token. Default: a new one. */
  readonly appId?: string;
  /** The bot's app password, which the emulator has no use for but to hand it to the bot. Default: a new one. */
  readonly appPassword?: string;
  /** `iss` of the tokens. Default: the calling service's own. */
  readonly issuer?: string;
  /** The service's words. Default: Bot Framework calling. */
  readonly wire?: Wire;
  /** A key that was made before, and a port that bots know. Default: a new key on a free port. */
  readonly keys?: Pick<KeyIssuerOptions, 'key' | 'port'>;
}

/** The Bot Framework calling service, as it runs. */
export interface Emulator extends CallingService {
  readonly metadataUrl: string;
  readonly issuer: string;
  readonly appId: string;
  readonly appPassword: string;
}

/** Starts a calling service; the Bot Framework's unless another is named. */
export function emulator(options?: EmulatorOptions): Promise<Emulator>;
export function emulator(options: TwilioEmulatorOptions & { readonly service: 'twilio' }): Promise<TwilioEmulator>;
export function emulator(options: AzureEmulatorOptions & { readonly service: 'azure' }): Promise<AzureEmulator>;
export function emulator(options: EmulatorOptions | (TwilioEmulatorOptions & { readonly service: 'twilio' }) | (AzureEmulatorOptions & { readonly service: 'azure' }) = {}): Promise<Emulator | TwilioEmulator | AzureEmulator> {
  switch (options.service) {
    case 'twilio': {
      const { service: _, ...twilio } = options;
      return twilioEmulator(twilio);
    }
    case 'azure': {
      const { service: _, ...azure } = options;
      return azureEmulator(azure);
    }
    default:
      return botframeworkEmulator(options);
  }
}

const botframeworkEmulator = async ({ appId = randomUUID(), appPassword = randomBytes(18).toString('base64url'), issuer, keys: signing, wire = botframeworkWire() }: EmulatorOptions): Promise<Emulator> => {
  const keys = await issueKeys({ ...(issuer !== undefined && { issuer }), ...signing });
  const { name, modalities, call, chat, close } = openSwitchboard({
    wire,
    parties: { from: '8:callchart.caller', to: `28:${appId}` },
    persistence: { replyTimeoutMs: 10_000, tries: 3, retryDelayMs: 200 },
    authorization: async () => `Bearer ${await keys.issueToken({ audience: appId })}`,
    stop: () => keys.close(),
  });
  return { name, modalities, call, chat, close, metadataUrl: keys.metadataUrl, issuer: keys.issuer, appId, appPassword };
};
