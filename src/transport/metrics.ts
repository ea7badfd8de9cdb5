/**
 * Metrics — what happens behind a server of bots, counted for Prometheus by `prom-client`, an optional peer that is loaded when
 * metrics are asked for.
 *
 * No label grows with the number of calls: bots, tasks and codes are as many as their authors wrote, and no call, number, path or
 * word of a service is one. {@link metricTable} has them all, and the page of operations shows it.
 *
 * @module
 */
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CallError, isCallError } from '../errors.ts';
import type { AroundTask } from './host.ts';
import { aroundStore, type StoreOperation } from './engines/around.ts';
import type { Stepped } from './engines/engine-options.ts';
import type { CallStore } from './engines/store.ts';
import type { TransportEvent } from './log.ts';

/** A registry of prom-client, as far as it is known here. */
export interface MetricsRegistry {
  readonly contentType: string;
  metrics(): Promise<string>;
  registerMetric(metric: never): void;
}

export interface MetricsOptions {
  /** Where the metrics are registered. Default: a registry of their own. */
  readonly registry?: MetricsRegistry;
  /** Whether the process is measured as well (CPU, memory, the event loop). Default: with a registry of their own, yes. */
  readonly ofProcess?: boolean;
}

/** Metrics, for `calls({ metrics })`, of as many servers as there are. */
export interface CallMetrics {
  /** As Prometheus scrapes it. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Begins to count for a server of bots on `service`, which has `inHand()` requests in hand. */
  count(service: string, inHand: () => number): CallCounting;
}

/** What one server of bots is counted by. */
export interface CallCounting {
  readonly onEvent: (event: TransportEvent) => void;
  readonly onStep: (stepped: Stepped) => void;
  readonly aroundTask: AroundTask;
  /** `store`, measured. */
  store(store: CallStore): CallStore;
  /** The server has ended, and has nothing in hand. */
  close(): void;
}

/** What kind of metric, its labels, what it says, and the upper bounds of a histogram. */
interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  readonly buckets?: readonly number[];
}

/** A caller notices a second, and a service waits for 10 to 15. */
const replySeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15] as const;
const storeSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] as const;
const callSeconds = [5, 10, 20, 30, 60, 120, 180, 300, 600, 1_200, 3_600] as const;
const workSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

/** How long a call counts as active of which this process hears nothing more, ms. */
const activeMs = 300_000;

/** Every metric. */
export const metricTable = {
  callchart_exchange_duration_seconds: { type: 'histogram', labels: ['service', 'bot', 'kind', 'status'], buckets: replySeconds, help: 'From a request of the service to its reply; what is held back for a task is in it. kind: taken, repeated, ignored, unknown, refused or failed' },
  callchart_exchanges_refused_total: { type: 'counter', labels: ['service', 'code'], help: 'Requests that were refused, by the code of the refusal' },
  callchart_exchanges_in_hand: { type: 'gauge', labels: ['service'], help: 'Requests that this process is answering now, those that are held back among them' },
  callchart_calls_begun_total: { type: 'counter', labels: ['service', 'bot'], help: 'Calls that began in this process' },
  callchart_calls_ended_total: { type: 'counter', labels: ['service', 'bot', 'reason'], help: 'Calls whose end this process committed, by who or what ended them' },
  callchart_call_duration_seconds: { type: 'histogram', labels: ['service', 'bot'], buckets: callSeconds, help: 'How long calls lasted, from the first request to the end' },
  callchart_calls_active_here: { type: 'gauge', labels: ['service'], help: 'Calls of which this process took an event in the last five minutes and has not seen the end; one that goes on in another process counts in both for so long' },
  callchart_placed_calls_unanswered_total: { type: 'counter', labels: ['service', 'reason'], help: 'Calls that were placed and did not come about' },
  callchart_task_duration_seconds: { type: 'histogram', labels: ['service', 'bot', 'task'], buckets: workSeconds, help: 'How long tasks of bots took in this process' },
  callchart_tasks_failed_total: { type: 'counter', labels: ['service', 'bot', 'task'], help: 'Tasks that failed, as their bots were told' },
  callchart_bot_failures_total: { type: 'counter', labels: ['service', 'bot', 'code'], help: 'Steps of bots that were given up; the caller heard the apology' },
  callchart_calls_moved_total: { type: 'counter', labels: ['service', 'bot'], help: 'Calls that went on with another version of their bot' },
  callchart_calls_quarantined_total: { type: 'counter', labels: ['service', 'reason'], help: 'Calls that nobody could go on with: the record was put aside, and the caller heard the apology' },
  callchart_commands_refused_total: { type: 'counter', labels: ['service', 'bot'], help: 'Requests of ours that the service refused, or that could not be sent' },
  callchart_timer_lateness_seconds: { type: 'histogram', labels: ['service'], buckets: replySeconds, help: 'How much later than they were due timers of calls went off' },
  callchart_store_duration_seconds: { type: 'histogram', labels: ['service', 'operation'], buckets: storeSeconds, help: 'How long the store of calls took, by what it was asked for' },
  callchart_store_conflicts_total: { type: 'counter', labels: ['service'], help: 'Commits that were lost to another writer, after which the event is taken anew' },
  callchart_store_failures_total: { type: 'counter', labels: ['service', 'operation', 'reason'], help: 'Operations of the store that failed or were given up' },
  callchart_recordings_total: { type: 'counter', labels: ['service', 'outcome'], help: 'Recordings, kept or lost' },
  callchart_hooks_failed_total: { type: 'counter', labels: ['service', 'moment'], help: 'Hooks of the application that failed beside a call' },
  callchart_details_lost_total: { type: 'counter', labels: ['service'], help: 'Detail records that were not kept' },
  callchart_events_unknown_total: { type: 'counter', labels: ['service'], help: 'Requests that told something for which this version has no word' },
} as const satisfies Readonly<Record<string, Metric>>;

type MetricName = keyof typeof metricTable;
type NamesOf<T extends Metric['type']> = { [N in MetricName]: (typeof metricTable)[N]['type'] extends T ? N : never }[MetricName];
type Labels<N extends MetricName> = Readonly<Record<(typeof metricTable)[N]['labels'][number], string>>;

/**
 * Counts what happens, for `calls({ metrics })`.
 *
 * @throws `ERR_OPTION_INVALID` when prom-client is not installed, or `registry` has such metrics already
 * @example
 * ```ts
 * const counted = await metrics();
 * const server = await serve({ service, bots, metrics: counted });
 * createServer(statusListener(server, { metrics: counted })).listen(9464, '127.0.0.1');
 * ```
 */
export const metrics = async ({ registry: given, ofProcess = given === undefined }: MetricsOptions = {}): Promise<CallMetrics> => {
  const client = await load();
  const registry = given === undefined ? new client.Registry() : (given as Registry);
  const taken = Object.keys(metricTable).find((name) => registry.getSingleMetric(name) !== undefined);
  if (taken !== undefined) throw new CallError('ERR_OPTION_INVALID', `option \`registry\` has \`${taken}\` already: one \`metrics()\` counts for any number of servers`, { option: 'registry' });
  if (ofProcess) client.collectDefaultMetrics({ register: registry });
  const countings = new Set<Counting>();
  const settled = (name: NamesOf<'gauge'>, of: (counting: Counting) => number): Partial<{ collect: () => void }> => ({
    collect: () => {
      const sums = new Map<string, number>();
      for (const counting of countings) sums.set(counting.service, (sums.get(counting.service) ?? 0) + of(counting));
      for (const [service, sum] of sums) gauges[name].set({ service }, sum);
    },
  });
  const made = <N extends MetricName>(name: N): { name: N; help: string; labelNames: string[]; registers: Registry[] } => ({ name, help: metricTable[name].help, labelNames: [...metricTable[name].labels], registers: [registry] });
  const ofType = <T extends Metric['type'], M>(type: T, make: (name: NamesOf<T>) => M): Readonly<Record<NamesOf<T>, M>> =>
    Object.fromEntries((Object.keys(metricTable) as MetricName[]).filter((name) => metricTable[name].type === type).map((name) => [name, make(name as NamesOf<T>)])) as Record<NamesOf<T>, M>;
  const gauges = ofType('gauge', (name): Gauge => new client.Gauge({ ...made(name), ...settled(name, name === 'callchart_exchanges_in_hand' ? ({ inHand }) => inHand() : ({ active }) => active.count()) }));
  const counters = ofType('counter', (name): Counter => new client.Counter(made(name)));
  const histograms = ofType('histogram', (name): Histogram => new client.Histogram({ ...made(name), buckets: [...metricTable[name].buckets] }));

  const sinks: Sinks = {
    add: (name, labels) => counters[name].inc(labels),
    measure: (name, labels, seconds) => histograms[name].observe(labels, Math.max(0, seconds)),
  };
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    count: (service, inHand) => {
      const active = activeCalls();
      const counting: Counting = { service, inHand, active };
      countings.add(counting);
      return {
        ...counted(service, active, sinks),
        close: () => {
          active.clear();
          counting.inHand = () => 0;
        },
      };
    },
  };
};

/** One server of bots. */
interface Counting {
  readonly service: string;
  inHand: () => number;
  readonly active: ActiveCalls;
}

/** Where numbers go. */
interface Sinks {
  add<N extends NamesOf<'counter'>>(name: N, labels: Labels<N>): void;
  measure<N extends NamesOf<'histogram'>>(name: N, labels: Labels<N>, seconds: number): void;
}

const counted = (service: string, active: ActiveCalls, { add, measure }: Sinks): Omit<CallCounting, 'close'> => {
  const exchange = (bot: string, kind: string, status: number, ms: number): void => measure('callchart_exchange_duration_seconds', { service, bot, kind, status: String(status) }, ms / 1_000);
  const counts: { readonly [T in TransportEvent['type']]: (event: Extract<TransportEvent, { readonly type: T }>) => void } = {
    'exchange': ({ bot, kind, status, ms }) => exchange(bot, kind, status, ms),
    'exchange.refused': ({ code, status, ms }) => {
      exchange('', 'refused', status, ms);
      add('callchart_exchanges_refused_total', { service, code });
    },
    'exchange.failed': ({ status, ms }) => exchange('', 'failed', status, ms),
    'exchange.ignored': ({ ms }) => exchange('', 'unknown', 200, ms),
    'event.unknown': () => add('callchart_events_unknown_total', { service }),
    'call.begun': ({ bot }) => add('callchart_calls_begun_total', { service, bot }),
    'call.ended': ({ bot, reason, durationMs }) => {
      add('callchart_calls_ended_total', { service, bot, reason });
      measure('callchart_call_duration_seconds', { service, bot }, durationMs / 1_000);
    },
    'call.moved': ({ bot }) => add('callchart_calls_moved_total', { service, bot }),
    'call.quarantined': ({ reason }) => add('callchart_calls_quarantined_total', { service, reason }),
    'call.unanswered': ({ reason }) => add('callchart_placed_calls_unanswered_total', { service, reason }),
    'recording.kept': () => add('callchart_recordings_total', { service, outcome: 'kept' }),
    'recording.lost': () => add('callchart_recordings_total', { service, outcome: 'lost' }),
    'command.refused': ({ bot }) => add('callchart_commands_refused_total', { service, bot }),
    'bot.failed': ({ bot, code }) => add('callchart_bot_failures_total', { service, bot, code }),
    'task.failed': ({ bot, task }) => add('callchart_tasks_failed_total', { service, bot, task }),
    'hook.failed': ({ moment }) => add('callchart_hooks_failed_total', { service, moment }),
    'detail.lost': () => add('callchart_details_lost_total', { service }),
  };
  const failed = (operation: StoreOperation, error: unknown): void => add('callchart_store_failures_total', { service, operation, reason: isCallError(error) && error.code === 'ERR_STORE_UNAVAILABLE' ? error.details.reason : 'other' });
  return {
    onEvent: (event) => (counts[event.type] as ((event: TransportEvent) => void) | undefined)?.(event),
    onStep: ({ event, result: { snapshot } }) => {
      active.saw(snapshot.call.id, snapshot.ended !== null);
      if (event.type === 'timer') measure('callchart_timer_lateness_seconds', { service }, (event.at - event.timer.dueAt) / 1_000);
    },
    aroundTask: async ({ bot }, { name: task }, signal, run) => {
      const began = performance.now();
      const result = await run();
      if (!signal.aborted) measure('callchart_task_duration_seconds', { service, bot, task }, (performance.now() - began) / 1_000);
      return result;
    },
    store: (store) =>
      aroundStore(store, async (operation, work) => {
        const began = performance.now();
        try {
          const result = await work();
          if (operation === 'commit' && !(result as boolean)) add('callchart_store_conflicts_total', { service });
          return result;
        } catch (error) {
          failed(operation, error);
          throw error;
        } finally {
          measure('callchart_store_duration_seconds', { service, operation }, (performance.now() - began) / 1_000);
        }
      }),
  };
};

/** The calls that a process was told of lately. */
interface ActiveCalls {
  /** A step of `call`, which has ended with it or before. */
  saw(call: string, hasEnded: boolean): void;
  count(): number;
  clear(): void;
}

/** So many are kept before those are swept away that have gone elsewhere. */
const sweepSize = 1_024;

const activeCalls = (now: () => number = performance.now.bind(performance)): ActiveCalls => {
  const seen = new Map<string, number>();
  let sweepAt = sweepSize;
  const sweep = (): void => {
    for (const [call, at] of seen) if (at + activeMs <= now()) seen.delete(call);
    sweepAt = sweepSize + 2 * seen.size;
  };
  return {
    saw: (call, hasEnded) => {
      if (hasEnded) return void seen.delete(call);
      if (seen.size >= sweepAt) sweep();
      seen.set(call, now());
    },
    count: () => {
      sweep();
      return seen.size;
    },
    clear: () => seen.clear(),
  };
};

const load = async (): Promise<typeof import('prom-client')> => {
  try {
    return await import('prom-client');
  } catch (cause) {
    throw new CallError('ERR_OPTION_INVALID', 'metrics are counted by the npm package prom-client, which is not installed: npm install prom-client', { option: 'metrics' }, { cause });
  }
};
