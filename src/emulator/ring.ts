/**
 * Ring — the scripts of `callchart/testing` at a live bot: over real HTTP, with real signed tokens, through the calling service
 * of `callchart call`. The bot is a machine, which is served in this process for one call, or an endpoint anywhere.
 *
 * The caller's clock waits for nothing, and neither does that of a machine: its timers go off when nobody works on anything. An endpoint
 * has a clock of its own, and there timers and tasks take the time that they take.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { requireKnown } from '../machines/index.ts';
import type { Script, TaskStubs } from '../testing/index.ts';
import { checkStubs, stoodFor } from '../testing/stubs.ts';
import { type AroundTask, botframework, defaultPath, serve, silentLog, type Stepped } from '../transport/index.ts';
import { emulator, type Emulator } from './emulator.ts';
import type { LineAction } from './line-action.ts';
import type { CallReport } from './line.ts';
import { type LivePhone, livePhone } from './phone.ts';
import type { CallOptions } from './switchboard.ts';
import { distantWorld, localWorld, type World } from './world.ts';

/** Who calls, and through which calling service. */
export interface RingOptions extends Pick<CallOptions, 'from' | 'to' | 'name' | 'language'> {
  /** The calling service, where the bot is an endpoint: the one whose `metadataUrl` and `appId` the bot was started with. */
  readonly service?: Emulator;
  /** What stands for the tasks of a machine, by name, as in a test: a result, or a function that gives it. The others are run. */
  readonly tasks?: TaskStubs;
}

const ringOptions = { from: 0, to: 0, name: 0, language: 0, service: 0, tasks: 0 } satisfies Record<keyof RingOptions, 0>;

/** Who calls, unless it is said: the same as in a test. */
const aCaller = '+15550100';

/**
 * Calls `target` and plays `script`; the caller hangs up where the script ends. Resolves when the call is over.
 *
 * @throws `ERR_EXPECTATION` for what did not go by the script, as in a test; `ERR_OPTION_INVALID` for an endpoint without the service that calls it
 * @example
 * ```ts
 * const script: Script = (caller) => caller.hears(/Acme/).staysSilent().hears(/Acme/).presses('2').hears(/support/i).isHungUp();
 * script(dial(acme));
 * await ring(acme, script);
 * await ring('http://127.0.0.1:3978/api/calls', script, { service });
 * ```
 */
export const ring = async (target: AnyStateMachine | string, script: Script, options: RingOptions = {}): Promise<CallReport> => {
  requireKnown('ring', options, ringOptions);
  if (typeof target !== 'string') return ringMachine(target, script, options);
  if (options.service === undefined) throw new CallError('ERR_OPTION_INVALID', 'option `service` is required for an endpoint: the emulator whose `metadataUrl` and `appId` the bot was started with', { option: 'service' });
  if (options.tasks !== undefined) throw new CallError('ERR_OPTION_INVALID', 'option `tasks` is for a machine: an endpoint runs its own', { option: 'tasks' });
  return played(options.service, target, livePhone(script, target), options);
};

const ringMachine = async (bot: AnyStateMachine, script: Script, options: RingOptions): Promise<CallReport> => {
  if (options.service !== undefined) throw new CallError('ERR_OPTION_INVALID', 'option `service` is for an endpoint: a machine is served with a calling service of its own', { option: 'service' });
  const { tasks = {} } = options;
  checkStubs(bot, tasks);
  const phone = livePhone(script, bot.id);
  const service = await emulator();
  try {
    const { appId, appPassword, metadataUrl, issuer } = service;
    // An address that is never looked up: the emulator takes a callback to where it called.
    const calling = botframework({ appId, appPassword, callbackUrl: `https://localhost${defaultPath}`, openIdMetadataUrl: metadataUrl, issuer });
    const world = localWorld();
    const aroundTask: AroundTask = (ref, task, signal, run) => world.aroundTask(ref, task, signal, () => stoodFor(tasks, task, { callId: ref.call, signal }) ?? run());
    const onStep = (stepped: Stepped): void => {
      const { error } = stepped.result;
      if (error !== undefined) phone.fails(error);
      world.sees(stepped);
    };
    const server = await serve({ service: calling, bots: bot, chat: service.chat, log: silentLog, onStep, port: 0, clock: world.clock, roundMs: 3_600_000, aroundTask });
    try {
      return await played(service, server.url + defaultPath, phone, options, world);
    } finally {
      await server.close();
    }
  } finally {
    await service.close();
  }
};

const played = (service: Emulator, url: string, { caller, watch }: LivePhone, options: RingOptions, world: World = distantWorld()): Promise<CallReport> => {
  const { service: _, tasks: __, ...parties } = options;
  const fault = (action: LineAction): undefined => void watch(action); // none is made: it is where actions are seen before they are done
  return service.call(url, { clock: 'script', from: aCaller, ...parties, caller, fault, world });
};
