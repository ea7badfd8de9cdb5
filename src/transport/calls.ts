/**
 * Calls — puts the pieces together: bots behind a service, as a Koa middleware for an app that exists already.
 *
 * @module
 */
import type { Served } from '../machines/index.ts';
import { gatherBots, refusedActions } from './bots.ts';
import { type AnyBots, botsByPath, type CallsOptions, checkOptions, logOf } from './calls-options.ts';
import { machineClock } from './clock.ts';
import { counted } from './counted.ts';
import { type Engine, ending } from './deliver.ts';
import { boundedStore } from './engines/bounded.ts';
import { embeddedEngine } from './engines/embedded.ts';
import type { EngineOptions } from './engines/engine-options.ts';
import { memoryStore } from './engines/memory.ts';
import { requestsInHand } from './in-hand.ts';
import { koaMiddleware, type Middleware } from './koa.ts';
import type { Log } from './log.ts';
import { place, type PlaceOptions } from './placing.ts';
import { memoryRecordings } from './recordings-memory.ts';
import { secretsFor } from './secrets.ts';
import type { CallService } from './service.ts';
import { exchangeSpans } from './spans.ts';
import { inTime, leastPatienceMs } from './timely.ts';

/** What an application can do beside answering calls. */
export interface Desk {
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

/** A Koa middleware with a store behind it that has to be closed. */
export type CallsMiddleware = Middleware & Desk;

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
export const calls = <Service extends CallService, B extends AnyBots>(options: CallsOptions<Service, B & Served<B, Service>>): CallsMiddleware => answering(options, logOf(options));

/** As {@link calls}, with `log` in place of the one in `options`. */
export const answering = (options: CallsOptions, log: Log): CallsMiddleware => {
  checkOptions(options);
  const { service, marginMs = 500, engine: makeEngine, recordings = memoryRecordings(), clock = machineClock(options.now), hooks, onRecording, tracer } = options;
  const { now } = clock;
  const bots = gatherBots(botsByPath(options), service, options.chat, options);
  for (const bot of bots.loaded) for (const refusal of refusedActions(bot, (batch) => service.check(batch))) throw refusal;
  const kept = options.store === undefined ? memoryStore() : boundedStore(options.store, Math.max(service.replyWithinMs - marginMs, leastPatienceMs));
  const secrets = secretsFor(options.secretKey, makeEngine === undefined ? kept : { durable: true }, bots.confidential);
  const inHand = requestsInHand();
  const counting = counted(options, () => inHand.count);
  const { observers } = counting;
  const engineOptions: EngineOptions = { ...options, ...observers, bots, secrets, log, clock };
  const made = makeEngine === undefined ? embeddedEngine({ ...engineOptions, store: counting.store(kept) }) : makeEngine(engineOptions);
  const engine: Engine = {
    deliver: (delivery) => inHand.deliver(inTime(made.deliver(delivery), delivery.deadlineAt, clock, marginMs)),
    drain: () => made.drain(),
    check: () => made.check(),
    close: () => made.close(),
  };
  const spans = tracer && exchangeSpans(tracer, service.name, log);
  const underWay = new Set<Promise<void>>();
  const working = (work: Promise<void>): void => {
    const ours = work.finally(() => underWay.delete(ours));
    underWay.add(ours);
    clock.working?.(ours);
  };
  const middleware = koaMiddleware({ service, bots, engine, recordings, log, now, hooks, onRecording, onEvent: observers.onEvent, spans, working }, { ...options, inHand, leaves: () => draining });
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
      counting.close();
    },
  });
};

/** A request that takes longer than this to arrive, or to be answered once everything is decided, is not waited for by a process that ends, ms. */
const longestArrivalMs = 5_000;
