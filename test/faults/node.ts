/**
 * Node — one server of the bot, for all three modes, through the real transport; in the process of the tests or in one
 * of its own.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CallService, type CallsOptions, type CallStore, type Clock, type MakeEngine, requestListener } from 'callchart/transport';
import { machineClock } from '../../src/transport/clock.ts';
import { first, survivor, type Witness, type WrapUp } from './bot.ts';
import { type Meet, metClock, metReplies, metService, metStore, metTask, type Witnessed } from './points.ts';
import { marginMs, type Mode, modes, places, serviceOf } from './services.ts';

/** How long a call is remembered when it is over, ms. */
export const rememberedMs = 600_000;

export interface NodeOptions extends Pick<CallsOptions, 'log'> {
  /** Where calls are kept: in one store, or by an engine a mode. */
  readonly store: CallStore | Readonly<Record<Mode, MakeEngine>>;
  /** Where the harness takes commands and is told what the bot does. */
  readonly url: string;
  readonly meet?: Meet;
  readonly clock?: Clock;
  readonly modes?: readonly Mode[];
  /** The version that is served, and those that are loaded beside it. */
  readonly versions?: readonly [served: string, ...loaded: string[]];
  readonly witnessed?: Witnessed;
  readonly rememberedMs?: number;
  /** Something else in place of a service: what the oracle is to find. */
  readonly spoilt?: (service: CallService) => CallService;
}

/** Tells the harness over HTTP. It is not told: then it will be, by whoever does the task again. */
export const witnessAt = (url: string): Witness => {
  const tell = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${url}/${path}`, { method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    if (!response.ok) throw new Error('the harness did not take it');
  };
  return { worked: (callId, taskId) => tell('worked', { callId, taskId }), wrappedUp: (callId, told: WrapUp) => tell('wrapped', { callId, ...told }) };
};

const unseen: Witnessed = { named: () => {}, leases: () => {}, begins: () => {} };

/** Serves the bot on a port of its own. */
export const startNode = async ({ store, url, meet = () => {}, clock = machineClock(), modes: some = modes, log, spoilt = (service) => service, versions: [served, ...loaded] = [first], witnessed = unseen, rememberedMs: tombstoneMs = rememberedMs }: NodeOptions) => {
  const isCall = (key: string): boolean => modes.some((mode) => key.startsWith(`${places[mode].name}:`));
  const kept = 'commit' in store ? { store: metStore(store, isCall, meet, witnessed) } : store;
  const [bot, ...others] = [served, ...loaded].map((version) => survivor(witnessAt(url), version));
  const listeners = new Map(some.map((mode) => [
    places[mode].path,
    requestListener({
      service: metService(spoilt(serviceOf(mode, url)), meet, witnessed.begins), bots: bot!, versions: others, ...('store' in kept ? { store: kept.store } : { engine: kept[mode] }),
      clock: metClock(clock, meet), aroundTask: metTask(meet, witnessed.begins), hooks: metReplies(meet), roundMs: 150, marginMs, tombstoneMs, ...(log !== undefined && { log }),
    }),
  ]));
  const server = createServer((request, response) => {
    response.once('finish', () => meet('replied'));
    const listener = listeners.get(request.url ?? '');
    if (listener === undefined) return void response.writeHead(404).end();
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const listener of listeners.values()) await listener.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
