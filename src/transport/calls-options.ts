/**
 * Calls options — what answers calls is made from, and what is wrong with that before anything is made of it.
 *
 * @module
 */
import type { Tracer } from '@opentelemetry/api';
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { isMachine, requireKnown } from '../machines/index.ts';
import type { BotsByPath } from './bots.ts';
import type { CallLogs } from './call-logs.ts';
import type { EngineOptions, MakeEngine } from './engines/engine-options.ts';
import type { CallStore } from './engines/store.ts';
import type { OnRecording } from './exchange.ts';
import { checkHooks, type Hooks } from './hooks.ts';
import type { BodyLimit } from './koa.ts';
import { type Log, stderrLog, steady, type TransportEvent } from './log.ts';
import type { CallMetrics } from './metrics.ts';
import type { RecordingStore } from './recordings.ts';
import type { CallService } from './service.ts';
import type { VersionsOptions } from './versions.ts';

/** One bot, or bots by path. */
export type AnyBots = AnyStateMachine | BotsByPath;

/** What answers calls, and how. */
export interface CallsOptions<Service extends CallService = CallService, B extends AnyBots = AnyBots> extends BodyLimit, VersionsOptions, Pick<EngineOptions, 'tombstoneMs' | 'quarantineMs' | 'silentCallMs' | 'marginMs' | 'roundMs' | 'liveCalls' | 'chat' | 'clock' | 'aroundTask' | 'onStep' | 'onDetail' | 'callLogs'> {
  readonly service: Service;
  /**
   * One bot, on the path of the service (`/api/calls`, `/api/twilio`, `/api/azure`); or bots by path, and there by called number. A bot that needs more than the service can do
   * does not compile here where both are known to the compiler, and does not start anywhere.
   */
  readonly bots: B;
  /** Where calls are kept. Default: in memory, which does not survive the process. */
  readonly store?: CallStore;
  /** What keeps calls in place of a `store`: an engine that has its own timers and its own order. */
  readonly engine?: MakeEngine;
  /**
   * What seals the secrets that bots ask for: 32 bytes in base64 or hex; of several with commas between, the first seals and
   * all open. Needed where a bot asks for a secret and `store` outlives the process; `callchart serve` takes it from
   * `CALLCHART_SECRET_KEY`. Default: a key that is forgotten with the process.
   */
  readonly secretKey?: string | undefined;
  /** Where recordings are kept. Default: in memory. */
  readonly recordings?: RecordingStore;
  /** Where lines go. Default: warnings and errors to standard error; `silentLog` writes none. */
  readonly log?: Log;
  /** Functions of the application around requests, replies, and the beginning and end of calls. */
  readonly hooks?: Hooks;
  /**
   * Told of each recording once its bytes are kept, on every service: `recordings.open(ref)` reads them, and `ref` is that of the
   * event. A file that comes apart from its event may come before or after it, and may come again: what is thrown then is the failure of the request that
   * announced the file, which the service may send again. Of one that came with its event it is told once; the caller does not wait, `close()` does,
   * and what is thrown is logged as `hook failed`.
   */
  readonly onRecording?: OnRecording;
  /** Told what happens, for metrics. What it throws is logged and harms nothing. */
  readonly onEvent?: (event: TransportEvent) => void;
  /** OpenTelemetry's: gets a span for each exchange, each state that a call is in, and each task. What it throws is logged once and harms nothing. */
  readonly tracer?: Tracer;
  /** Counts for Prometheus: `await metrics()`. */
  readonly metrics?: CallMetrics | undefined;
  readonly now?: () => number;
}

const known = {
  service: 0, bots: 0, store: 0, engine: 0, secretKey: 0, recordings: 0, log: 0, hooks: 0, onRecording: 0, onEvent: 0, tracer: 0, metrics: 0, now: 0, bodyLimitBytes: 0, versions: 0, moves: 0, unknownVersions: 0, tombstoneMs: 0, quarantineMs: 0, silentCallMs: 0,
  marginMs: 0, roundMs: 0, liveCalls: 0, chat: 0, clock: 0, aroundTask: 0, onStep: 0, onDetail: 0, callLogs: 0,
} satisfies Record<keyof CallsOptions, 0>;

/** Where a single bot listens, where its service says nothing else. */
export const defaultPath = '/api/calls';

/** The options, if they are some. @throws `ERR_OPTION_INVALID` */
export const given = <O extends CallsOptions>(options: O): O => {
  if (typeof options !== 'object' || options === null) throw new CallError('ERR_OPTION_INVALID', 'the options are not an object: `service` and `bots` are required', { option: 'options' });
  return options;
};

/** Where lines go. @throws `ERR_OPTION_INVALID` */
export const logOf = (options: CallsOptions): Log => steady(given(options).log ?? stderrLog);

/** @throws `ERR_OPTION_INVALID` */
export const checkOptions = (options: CallsOptions): void => {
  requireKnown('calls', options, known);
  if (!isService(options.service)) throw new CallError('ERR_OPTION_INVALID', options.service === undefined ? 'option `service` is required: `botframework(…)`, `twilio(…)` or `await azure(…)`' : 'option `service` is a calling service; `azure` gives a promise of one, which is waited for', { option: 'service' });
  checkNumbers(options);
  checkHooks(options.hooks);
  if (options.tracer !== undefined && typeof (options.tracer as Partial<Tracer> | null)?.startSpan !== 'function') throw new CallError('ERR_OPTION_INVALID', 'option `tracer` is a tracer of @opentelemetry/api', { option: 'tracer' });
  if (options.store !== undefined && !isStore(options.store)) throw new CallError('ERR_OPTION_INVALID', 'option `store` is a store of calls; `lmdbStore` and `openStore` give a promise of one, which is waited for', { option: 'store' });
  if (options.engine !== undefined && (typeof options.engine !== 'function' || options.store !== undefined)) throw new CallError('ERR_OPTION_INVALID', 'option `engine` is a function that makes an engine, in place of `store`; `restateEngine` gives a promise of one, which is waited for', { option: 'engine' });
  if (options.callLogs !== undefined && typeof (options.callLogs as Partial<CallLogs> | null)?.append !== 'function') throw new CallError('ERR_OPTION_INVALID', 'option `callLogs` keeps logs of calls: `folderCallLogs({ folder })`', { option: 'callLogs' });
  if (options.metrics !== undefined && typeof (options.metrics as Partial<CallMetrics> | null)?.count !== 'function') throw new CallError('ERR_OPTION_INVALID', 'option `metrics` counts calls; `metrics()` gives a promise of them, which is waited for', { option: 'metrics' });
};

const checkNumbers = (options: CallsOptions): void => {
  for (const option of ['bodyLimitBytes', 'tombstoneMs', 'quarantineMs', 'silentCallMs', 'marginMs', 'roundMs', 'liveCalls'] as const) {
    const value = options[option] ?? 0;
    if (!Number.isFinite(value) || value < 0) throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` is a number from 0`, { option });
  }
  if (options.marginMs !== undefined && options.marginMs < leastMarginMs) throw new CallError('ERR_OPTION_INVALID', `option \`marginMs\` is a number from ${leastMarginMs}: the filler is committed meanwhile, and goes back to the service`, { option: 'marginMs' });
  if (options.tombstoneMs !== undefined && options.tombstoneMs < leastTombstoneMs) throw new CallError('ERR_OPTION_INVALID', `option \`tombstoneMs\` is a number from ${leastTombstoneMs}: what is told late of a call is still told of it then`, { option: 'tombstoneMs' });
};

/** A commit to a disk of its own takes no longer, ms. */
const leastMarginMs = 20;

/** Longer than a store is away that fails over: what a service has to tell of a call that ended meanwhile comes after that, ms. */
const leastTombstoneMs = 30_000;

const isService = (service: unknown): boolean => {
  const { name, capabilities, ...more } = (service ?? {}) as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && capabilities instanceof Set && ['authenticate', 'check', 'decode'].every((method) => typeof more[method] === 'function');
};

const isStore = (store: unknown): boolean => ['load', 'commit', 'due', 'list', 'expire', 'close'].every((method) => typeof (store as Readonly<Record<string, unknown>> | null)?.[method] === 'function');

/** The bots by path. @throws `ERR_OPTION_INVALID` where nothing is by path, or nothing is on one */
export const botsByPath = ({ bots, service }: CallsOptions): BotsByPath => {
  if (isMachine(bots)) return { [service.path ?? defaultPath]: bots };
  const table: unknown = bots;
  if (table === undefined) throw notBots(`option \`bots\` is required: ${neither}`);
  if (!isTable(table)) throw notBots(`option \`bots\` is ${neither}`);
  for (const [path, onPath] of Object.entries(table)) if (!isTable(onPath)) throw notBots(`option \`bots\`: what is on \`${path}\` is neither a machine that \`callMachine\` made nor machines by number`);
  return bots;
};

const neither = 'a machine that `callMachine` made, or machines by path';

const notBots = (sentence: string): CallError<'ERR_OPTION_INVALID'> => new CallError('ERR_OPTION_INVALID', sentence, { option: 'bots' });

/** Whether `value` has things by name. What is yet to come has none. */
const isTable = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value) && typeof (value as { readonly then?: unknown }).then !== 'function';
