/**
 * Behind — a machine in this process, served as it is deployed, behind an emulated calling service that is its own.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { cleanupTask } from '../machines/index.ts';
import { type AroundTask, azure, botframework, type CallServer, type CallService, type CallsOptions, defaultPath, serve, twilio } from '../transport/index.ts';
import { emulator } from './emulator.ts';
import type { CallingService, PlacingService } from './switchboard.ts';

/** An emulated service that is open, and what a bot is served with for it. */
interface Opened {
  readonly service: CallingService | PlacingService;
  readonly calling: CallService;
}

/** How a service is emulated for a machine in this process. */
interface Emulated {
  open(): Promise<Opened>;
}

/** An address that is never looked up: what is sent there is taken to where the bot was called. */
const nowhere = 'https://localhost';

const emulated = {
  botframework: {
    open: async () => {
      const service = await emulator();
      const { appId, appPassword, metadataUrl, issuer } = service;
      return { service, calling: botframework({ appId, appPassword, callbackUrl: nowhere + defaultPath, openIdMetadataUrl: metadataUrl, issuer }) };
    },
  },
  twilio: {
    open: async () => {
      const service = await emulator({ service: 'twilio', publicUrl: nowhere });
      const { accountSid, authToken, apiUrl } = service;
      return { service, calling: twilio({ accountSid, authToken, publicUrl: nowhere, apiUrl }) };
    },
  },
  azure: {
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
  /** Waits for the cleanup of the bot, and closes. */
  close(): Promise<void>;
}

/** What a machine is served with here, and how long its cleanup is waited for, ms of real time. Default 5,000. */
type BehindOptions = Omit<CallsOptions, 'service' | 'bots' | 'chat'> & { readonly cleanupMs?: number };

/** Serves `bot` behind the service `name`. @throws as `serve` does, for a bot that the service cannot carry for one */
export const serveBehind = async (name: EmulatedName, bot: AnyStateMachine, { cleanupMs = 5_000, ...options }: BehindOptions = {}): Promise<Behind> => {
  const { service, calling } = await emulated[name].open();
  const cleanups = new Set<Promise<unknown>>();
  try {
    const server = await serve({ ...options, aroundTask: watching(cleanups, options.aroundTask), service: calling, bots: bot, chat: service.chat, port: 0 });
    return {
      service,
      endpoint: server.url + (calling.path ?? defaultPath),
      place: server.place,
      close: async () => {
        if (!(await settled(cleanups, cleanupMs))) process.stderr.write(`the cleanup of \`${bot.id}\` is not done after ${cleanupMs / 1_000} s, and is waited for no longer\n`);
        await service.close();
        await server.close();
      },
    };
  } catch (error) {
    await service.close();
    throw error;
  }
};

/** Runs tasks as `around` has it, and keeps the cleanups that run among `cleanups`. */
const watching = (cleanups: Set<Promise<unknown>>, around: AroundTask = (_ref, _task, _signal, run) => run()): AroundTask => (ref, task, signal, run) => {
  const result = around(ref, task, signal, run);
  if (task.name !== cleanupTask) return result;
  const cleanup = result.finally(() => cleanups.delete(cleanup));
  cleanups.add(cleanup);
  return cleanup;
};

/** Whether all of `works` are done `withinMs` from now. */
const settled = async (works: ReadonlySet<Promise<unknown>>, withinMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, withinMs, false)));
  const done = Promise.allSettled(works).then(() => true as const);
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
};

/** Whether bots place calls at `service`. */
export const placesCalls = (service: CallingService | PlacingService): service is PlacingService => 'answer' in service;
