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
import { type AnsweredBy, requireKnown } from '../machines/index.ts';
import { usualCall } from '../machines/paths/usual-call.ts';
import type { Script, TaskStubs } from '../testing/index.ts';
import { checkStubs, stoodFor } from '../testing/stubs.ts';
import { type AroundTask, silentLog, type Stepped } from '../transport/index.ts';
import { serveBehind } from './behind.ts';
import { type EmulatedName, emulatedNames, placesCalls } from './emulated.ts';
import type { CallReport } from './line.ts';
import type { LineAction } from './line-action.ts';
import { type LivePhone, livePhone } from './phone.ts';
import type { CallingService, CallOptions, PlacingService, PlayOptions } from './switchboard.ts';
import { distantWorld, localWorld, type World } from './world.ts';

/** Who calls, and through which calling service. */
export interface RingOptions extends Pick<CallOptions, 'from' | 'to' | 'name' | 'language' | 'trouble'> {
  /**
   * The calling service. Of a machine its name, `botframework` unless another is said. Where the bot is an endpoint, the emulation that runs: the one
   * whose keys or API the bot was started with.
   */
  readonly service?: EmulatedName | CallingService | PlacingService;
  /** With `outbound` the bot places the call, and the script is that of the one who is called. An endpoint is left to place it by itself. */
  readonly direction?: 'inbound' | 'outbound';
  /** Who takes a call that the bot places, where it wants to know. */
  readonly answeredBy?: AnsweredBy;
  /** What stands for the tasks of a machine, by name, as in a test: a result, or a function that gives it. The others are run. */
  readonly tasks?: TaskStubs;
}

const ringOptions = { from: 0, to: 0, name: 0, language: 0, trouble: 0, service: 0, direction: 0, answeredBy: 0, tasks: 0 } satisfies Record<keyof RingOptions, 0>;

/**
 * Calls `target` and plays `script`; the caller hangs up where the script ends. Resolves when the call is over.
 *
 * @throws `ERR_EXPECTATION` for what did not go by the script, as in a test; `ERR_OPTION_INVALID` for an endpoint without the service that calls it
 * @example
 * ```ts
 * const script: Script = (caller) => caller.hears(/Acme/).staysSilent().hears(/Acme/).presses('2').hears(/support/i).isHungUp();
 * script(dial(acme));
 * await ring(acme, script);
 * await ring(acme, script, { service: 'twilio' });
 * await ring('http://127.0.0.1:3978/api/calls', script, { service });
 * ```
 */
export const ring = async (target: AnyStateMachine | string, script: Script, options: RingOptions = {}): Promise<CallReport> => {
  requireKnown('ring', options, ringOptions);
  if (typeof target !== 'string') return ringMachine(target, script, options);
  const { service, tasks } = options;
  if (service === undefined || typeof service === 'string') throw new CallError('ERR_OPTION_INVALID', 'option `service` is required for an endpoint: the emulator whose `metadataUrl` and `appId`, or whose account, the bot was started with', { option: 'service' });
  if (tasks !== undefined) throw new CallError('ERR_OPTION_INVALID', 'option `tasks` is for a machine: an endpoint runs its own', { option: 'tasks' });
  return played(service, target, livePhone(script, target, options.direction), options);
};

const ringMachine = async (bot: AnyStateMachine, script: Script, options: RingOptions): Promise<CallReport> => {
  const { tasks = {}, service: name = 'botframework', direction, from = usualCall.from, to = usualCall.to, answeredBy } = options;
  if (typeof name !== 'string') throw new CallError('ERR_OPTION_INVALID', 'option `service` is for an endpoint: a machine is served with a calling service of its own, which is said by its name', { option: 'service' });
  if (!emulatedNames.includes(name)) throw new CallError('ERR_OPTION_INVALID', `option \`service\` is one of ${emulatedNames.map((one) => `\`${one}\``).join(', ')}`, { option: 'service' });
  checkStubs(bot, tasks);
  const phone = livePhone(script, bot.id, direction);
  const world = localWorld();
  const aroundTask: AroundTask = (ref, task, signal, run) => world.aroundTask(ref, task, signal, () => stoodFor(tasks, task, { callId: ref.call, signal }) ?? run());
  const onStep = (stepped: Stepped): void => {
    const { error } = stepped.result;
    if (error !== undefined) phone.fails(error);
    world.sees(stepped);
  };
  const behind = await serveBehind(name, bot, { log: silentLog, onStep, clock: world.clock, roundMs: 3_600_000, aroundTask });
  try {
    const call = played(behind.service, behind.endpoint, phone, options, world);
    if (direction === 'outbound') {
      call.catch(() => {}); // what comes of the placing comes first
      await behind.place({ from, to, ...(answeredBy !== undefined && { detectMachine: true }) });
    }
    return await call;
  } finally {
    await behind.close();
  }
};

const played = async (service: CallingService | PlacingService, url: string, { caller, watch }: LivePhone, options: RingOptions, world: World = distantWorld()): Promise<CallReport> => {
  const { service: _, tasks: __, direction, answeredBy, trouble, ...parties } = options;
  const fault = (action: LineAction): undefined => void watch(action); // none is made: it is where actions are seen before they are done
  const playing: PlayOptions = { clock: 'script', caller, fault, world, ...(trouble !== undefined && { trouble }) };
  if (direction !== 'outbound') return service.call(url, { ...playing, from: usualCall.from, ...parties });
  if (!placesCalls(service)) throw new CallError('ERR_CAPABILITY_MISSING', `the service \`${service.name}\` places no calls`, { service: service.name, action: 'place', state: '' });
  return service.answer(url, { ...playing, ...(answeredBy !== undefined && { answeredBy }) });
};
