/**
 * Behind — a machine in this process, served as it is deployed, behind an emulated calling service that is its own.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { cleanupTask } from '../machines/index.ts';
import { type AroundTask, type CallServer, type CallsOptions, defaultPath, serve } from '../transport/index.ts';
import { callingService, type EmulatedName, openService } from './emulated.ts';
import type { CallingService, PlacingService } from './switchboard.ts';

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
  const { service, settings } = await openService(name);
  const cleanups = new Set<Promise<unknown>>();
  try {
    const calling = await callingService(name, settings);
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
