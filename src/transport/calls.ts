/**
 * Calls — puts the pieces together: bots behind a service, as a Koa middleware, as a handler for any other framework, or as
 * a server of their own.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Tracer } from '@opentelemetry/api';
import Koa, { type Middleware } from 'koa';
import type { AnyStateMachine } from 'xstate';
import { coverageAsked, type CoverageFolder } from '../coverage-folder.ts';
import { CallError } from '../errors.ts';
import { isMachine, requireKnown, type Served } from '../machines/index.ts';
import { urlOf } from './address.ts';
import { type Bots, type BotsByPath, gatherBots, refusedActions } from './bots.ts';
import type { CallLogs } from './call-logs.ts';
import { machineClock } from './clock.ts';
import { type Engine, ending } from './deliver.ts';
import { boundedStore } from './engines/bounded.ts';
import { embeddedEngine } from './engines/embedded.ts';
import type { EngineOptions, MakeEngine } from './engines/engine-options.ts';
import { memoryStore } from './engines/memory.ts';
import type { CallStore } from './engines/store.ts';
import type { OnRecording } from './exchange.ts';
import { checkHooks, type Hooks } from './hooks.ts';
import { bothAround } from './host.ts';
import { requestsInHand } from './in-hand.ts';
import { type BodyLimit, koaMiddleware } from './koa.ts';
import { type Log, stderrLog, steady, thrown, type TransportEvent } from './log.ts';
import type { CallMetrics } from './metrics.ts';
import type { RecordingStore } from './recordings.ts';
import { memoryRecordings } from './recordings-memory.ts';
import { secretsFor } from './secrets.ts';
import type { CallService, Placing } from './service.ts';
import { exchangeSpans } from './spans.ts';
import { leastPatienceMs, timelyEngine } from './timely.ts';
import type { VersionsOptions } from './versions.ts';

/** One bot, or bots by path. */
type AnyBots = AnyStateMachine | BotsByPath;

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

const callsOptions = {
  service: 0, bots: 0, store: 0, engine: 0, secretKey: 0, recordings: 0, log: 0, hooks: 0, onRecording: 0, onEvent: 0, tracer: 0, metrics: 0, now: 0, bodyLimitBytes: 0, versions: 0, moves: 0, unknownVersions: 0, tombstoneMs: 0, quarantineMs: 0, silentCallMs: 0,
  marginMs: 0, roundMs: 0, liveCalls: 0, chat: 0, clock: 0, aroundTask: 0, onStep: 0, onDetail: 0, callLogs: 0,
} satisfies Record<keyof CallsOptions, 0>;

/** What an application can do beside answering calls. */
interface Desk {
  /**
   * Has the service place a call. Resolves to the id that the call will have; it begins for the bot of `path` when it is
   * answered, and one that is not is told by the event `call.unanswered`.
   *
   * @throws `ERR_CAPABILITY_MISSING` where the service places no calls, `ERR_ROUTE_UNKNOWN`, `ERR_CALL_UNPLACED`, `ERR_OPTION_INVALID`
   */
  readonly place: (placing: PlaceOptions) => Promise<string>;
  /**
   * The process is about to end: {@link Desk.check} rejects from now on, calls that begin are refused (503 `ERR_DRAINING`, `Retry-After`), so that a load balancer
   * gives them to another process, and so are calls to be placed; connections are closed with their next response. Events of calls on record are taken until {@link Desk.close}.
   */
  readonly drain: () => void;
  /** Resolves when calls are taken now. @throws `ERR_DRAINING`, `ERR_STORE_UNAVAILABLE` */
  readonly check: () => Promise<void>;
  /** Finishes what is in hand (a reply that is held back has its filler), lets go of what calls still wait for, and closes the store. */
  readonly close: () => Promise<void>;
}

/** A call to be placed: {@link Placing}, where a single bot has no need of its path. */
export type PlaceOptions = Omit<Placing, 'path'> & Partial<Pick<Placing, 'path'>>;

/** A Koa middleware with a store behind it that has to be closed. */
export type CallsMiddleware = Middleware & Desk;

/** Where a single bot listens, where its service says nothing else. */
export const defaultPath = '/api/calls';

/**
 * A Koa middleware that answers calls on the bots' paths, for an app that exists already.
 *
 * With `CALLCHART_COVERAGE` in the environment what calls come by is counted in that folder.
 *
 * @throws `ERR_BOT_INVALID`, `ERR_CAPABILITY_MISSING`, `ERR_OPTION_INVALID`, `ERR_SECRET_KEY`; `ERR_BATCH_ILLEGAL` for an action that the
 *   service would refuse in every call
 * @example
 * ```ts
 * app.use(calls({ service: botframework({ appId, appPassword, callbackUrl, openIdMetadataUrl, issuer }), bots: acme }));
 * ```
 */
export const calls = <Service extends CallService, B extends AnyBots>(options: CallsOptions<Service, B & Served<B, Service>>): CallsMiddleware => answering(options, steady(given(options).log ?? stderrLog));

/** The options, if they are some. @throws `ERR_OPTION_INVALID` */
const given = <O extends CallsOptions>(options: O): O => {
  if (typeof options !== 'object' || options === null) throw new CallError('ERR_OPTION_INVALID', 'the options are not an object: `service` and `bots` are required', { option: 'options' });
  return options;
};

const answering = (options: CallsOptions, log: Log): CallsMiddleware => {
  requireKnown('calls', options, callsOptions);
  if (!isService(options.service)) throw new CallError('ERR_OPTION_INVALID', options.service === undefined ? 'option `service` is required: `botframework(…)`, `twilio(…)` or `await azure(…)`' : 'option `service` is a calling service; `azure` gives a promise of one, which is waited for', { option: 'service' });
  checkNumbers(options);
  checkHooks(options.hooks);
  if (options.tracer !== undefined && typeof (options.tracer as Partial<Tracer> | null)?.startSpan !== 'function') throw new CallError('ERR_OPTION_INVALID', 'option `tracer` is a tracer of @opentelemetry/api', { option: 'tracer' });
  if (options.store !== undefined && !isStore(options.store)) throw new CallError('ERR_OPTION_INVALID', 'option `store` is a store of calls; `lmdbStore` and `openStore` give a promise of one, which is waited for', { option: 'store' });
  if (options.engine !== undefined && (typeof options.engine !== 'function' || options.store !== undefined)) throw new CallError('ERR_OPTION_INVALID', 'option `engine` is a function that makes an engine, in place of `store`; `restateEngine` gives a promise of one, which is waited for', { option: 'engine' });
  if (options.callLogs !== undefined && typeof (options.callLogs as Partial<CallLogs> | null)?.append !== 'function') throw new CallError('ERR_OPTION_INVALID', 'option `callLogs` keeps logs of calls: `folderCallLogs({ folder })`', { option: 'callLogs' });
  if (options.metrics !== undefined && typeof (options.metrics as Partial<CallMetrics> | null)?.count !== 'function') throw new CallError('ERR_OPTION_INVALID', 'option `metrics` counts calls; `metrics()` gives a promise of them, which is waited for', { option: 'metrics' });
  const { service, marginMs = 500, engine: makeEngine, recordings = memoryRecordings(), clock = machineClock(options.now), hooks, onRecording, tracer } = options;
  const { now } = clock;
  const bots = gatherBots(isMachine(options.bots) ? { [service.path ?? defaultPath]: options.bots } : byPath(options.bots), service, options.chat, options);
  for (const bot of bots.loaded) for (const refusal of refusedActions(bot, (batch) => service.check(batch))) throw refusal;
  const kept = options.store === undefined ? memoryStore() : boundedStore(options.store, Math.max(service.replyWithinMs - marginMs, leastPatienceMs));
  const secrets = secretsFor(options.secretKey, makeEngine === undefined ? kept : { durable: true }, bots.confidential);
  const inHand = requestsInHand();
  const counting = options.metrics?.count(service.name, () => inHand.count);
  const store = counting === undefined ? kept : counting.store(kept);
  const onEvent = both(counting?.onEvent, options.onEvent);
  const counted = coverageAsked({ pauseMs: 1_000 });
  const onStep = both(counting?.onStep, counted === undefined ? options.onStep : countedSteps(counted, options.onStep));
  const aroundTask = bothAround(counting?.aroundTask, options.aroundTask);
  const engineOptions: EngineOptions = { ...options, ...(onStep !== undefined && { onStep }), ...(onEvent !== undefined && { onEvent }), ...(aroundTask !== undefined && { aroundTask }), bots, secrets, log, clock };
  const made = makeEngine === undefined ? embeddedEngine({ ...engineOptions, store }) : makeEngine(engineOptions);
  const timely = timelyEngine(made, clock, marginMs);
  const engine: Engine = { ...timely, deliver: (delivery) => inHand.deliver(timely.deliver(delivery)) };
  const spans = tracer && exchangeSpans(tracer, service.name, log);
  const underWay = new Set<Promise<void>>();
  const working = (work: Promise<void>): void => {
    const ours = work.finally(() => underWay.delete(ours));
    underWay.add(ours);
    clock.working?.(ours);
  };
  const middleware = koaMiddleware({ service, bots, engine, recordings, log, now, hooks, onRecording, onEvent, spans, working }, { ...options, inHand, leaves: () => draining });
  const closing = new AbortController();
  let draining = false;
  const drain = (): void => {
    draining = true;
    engine.drain();
  };
  return Object.assign(middleware, {
    place: async (placing: PlaceOptions) => {
      if (draining) throw ending();
      return place(placing, service, bots, closing.signal);
    },
    drain,
    check: async () => {
      if (draining) throw ending();
      await engine.check();
    },
    close: async () => {
      drain();
      closing.abort();
      await inHand.delivered(Math.min(service.replyWithinMs, longestArrivalMs));
      await engine.close();
      await inHand.answered(longestArrivalMs);
      await Promise.all(underWay);
      counting?.close();
      counted?.write();
    },
  });
};

/** A request that takes longer than this to arrive, or to be answered once everything is decided, is not waited for by a process that ends, ms. */
const longestArrivalMs = 5_000;

/** Tells the one and then the other. */
const both = <T>(first: ((told: T) => void) | undefined, second: ((told: T) => void) | undefined): ((told: T) => void) | undefined => {
  if (first === undefined || second === undefined) return first ?? second;
  return (told) => {
    first(told);
    return second(told); // one that is async gives a promise, whose failure is told
  };
};

const placeOptions = { to: 0, from: 0, path: 0, detectMachine: 0, timeoutMs: 0 } satisfies Record<keyof Placing, 0>;

const place = async (options: PlaceOptions, service: CallService, bots: Bots, signal: AbortSignal): Promise<string> => {
  requireKnown('place', options, placeOptions);
  for (const option of ['to', 'from'] as const) if (typeof options[option] !== 'string' || options[option].trim() === '') throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` is required`, { option });
  const { path = bots.pathOf(bots.all[0]?.id ?? '') } = options;
  if (!bots.hasPath(path)) throw new CallError('ERR_ROUTE_UNKNOWN', 'no bot answers here', {});
  if (service.place === undefined) throw new CallError('ERR_CAPABILITY_MISSING', `the service \`${service.name}\` places no calls`, { service: service.name, action: 'place', state: '' });
  return service.place({ ...options, path }, signal);
};

/** The bots by path. @throws `ERR_OPTION_INVALID` where nothing is by path, or nothing is on one */
const byPath = (bots: BotsByPath): BotsByPath => {
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

const isService = (service: unknown): boolean => {
  const { name, capabilities, ...more } = (service ?? {}) as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && capabilities instanceof Set && ['authenticate', 'check', 'decode'].every((method) => typeof more[method] === 'function');
};

const isStore = (store: unknown): boolean => ['load', 'commit', 'due', 'list', 'expire', 'close'].every((method) => typeof (store as Readonly<Record<string, unknown>> | null)?.[method] === 'function');

/** Counts each step, and tells `onStep` of it as before. */
const countedSteps = (folder: CoverageFolder, onStep: CallsOptions['onStep']): NonNullable<CallsOptions['onStep']> => (stepped) => {
  folder.count(stepped.machine, stepped.result);
  onStep?.(stepped);
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

/**
 * A handler of Node's requests, with a store behind it that has to be closed. What is not for a bot goes to `next` where
 * there is one, untouched; else it is a 404.
 */
export type CallsListener = ((request: IncomingMessage, response: ServerResponse, next?: () => void) => void) & Desk;

/**
 * {@link calls} for `node:http`, and for frameworks whose middleware is `(request, response, next)`: Express, Restify, Connect.
 *
 * Mount it in front of everything that parses bodies. Where a router takes a prefix off the address, the bots' paths are what
 * is left of it.
 *
 * @throws as {@link calls}
 * @example
 * ```ts
 * app.use(requestListener({ service, bots: acme }));
 * ```
 */
export const requestListener = <Service extends CallService, B extends AnyBots>(options: CallsOptions<Service, B & Served<B, Service>>): CallsListener => listening(options);

const listening = (options: CallsOptions): CallsListener => {
  const log = steady(given(options).log ?? stderrLog);
  const leaving = new WeakMap<IncomingMessage, () => void>();
  const app = new Koa();
  const middleware = answering(options, log);
  app.use(middleware);
  app.use((ctx) => {
    const leave = leaving.get(ctx.req);
    if (leave === undefined) return;
    ctx.respond = false;
    leave();
  });
  app.on('error', (error: unknown) => log.warn(thrown(error), 'connection failed')); // a caller's socket that broke while it was answered
  const carry = app.callback();
  // No promise is given back: Restify takes the end of one for `next`, and goes on with a request that is answered.
  const listener = (request: IncomingMessage, response: ServerResponse, next?: () => void): void => {
    if (next === undefined) return void carry(request, response);
    const { statusCode } = response;
    let isOurs = true;
    leaving.set(request, () => {
      isOurs = false;
      response.statusCode = statusCode; // Koa begins with 404
    });
    void carry(request, response).then(() => { if (!isOurs) next(); });
  };
  return Object.assign(listener, { place: middleware.place, drain: middleware.drain, check: middleware.check, close: middleware.close });
};

/** A server that takes calls. */
export interface CallServer extends Pick<Desk, 'place' | 'drain' | 'check'> {
  readonly url: string;
  readonly port: number;
  /** Takes no more connections, finishes what is in hand, then closes the store. */
  close(): Promise<void>;
}

/** Where a server listens. */
interface Place {
  readonly port?: number;
  readonly host?: string;
}

/** Serves bots on a port of their own. @throws as {@link calls} */
export const serve = <Service extends CallService, B extends AnyBots>(options: CallsOptions<Service, B & Served<B, Service>> & Place): Promise<CallServer> => serving(options);

const serving = async (all: CallsOptions & Place): Promise<CallServer> => {
  const { host = '127.0.0.1', port = 3978, ...options } = given(all);
  const listener = listening(options);
  const server: Server = createServer((request, response) => listener(request, response));
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  } catch (error) {
    await listener.close();
    throw error;
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: urlOf(host, bound),
    port: bound,
    place: listener.place,
    drain: listener.drain,
    check: listener.check,
    close: async () => {
      listener.drain();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await listener.close(); // what is held is answered
      server.closeIdleConnections();
      const impatient = setTimeout(() => server.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(impatient);
    },
  };
};
