/**
 * Memory — bytes of heap a call that is parked at its menu, in the store alone and in the cache of live calls; and what is
 * left of a call that has ended when its tombstone has gone.
 *
 * Calls go through the whole transport but HTTP. Run with `npm run bench -- memory`, or after a build with
 * `node --expose-gc --import tsx bench/memory.ts [--json] [--quick]`. The clock is injected; the round that drops
 * tombstones is the engine's own.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { botframework, type CallRequest, type CallStore, embeddedEngine, exchange, gatherBots, memoryRecordings, memoryStore, silentLog } from 'callchart/transport';
import { call } from './exchange/caller.ts';
import type { Line } from './exchange/line.ts';
import { atMost, isQuick, progress, report, round, table } from './figures.ts';

const parked = isQuick ? 10_000 : 100_000;
const batches = 5;
const finished = isQuick ? 10_000 : 100_000;
const liveCalls = 100;
const appId = 'the-app-id';
const path = '/api/calls';

const collect = globalThis.gc;
if (collect === undefined) throw new Error('run with --expose-gc');
const { default: bot } = (await import(new URL('./exchange/bot.mjs', import.meta.url).href)) as { readonly default: Parameters<typeof gatherBots>[0][string] };

/** Heap in use when nothing is left to collect, bytes. What external memory there is counts as well. */
const heap = async (): Promise<number> => {
  let before = Infinity;
  for (;;) {
    await sleep(20);
    collect();
    const { heapUsed, external } = process.memoryUsage();
    if (heapUsed + external > before - 10_000) return heapUsed + external;
    before = heapUsed + external;
  }
};

interface Exchange {
  /** A line of the bench's caller, without a socket. */
  readonly line: Line;
  readonly store: CallStore;
  readonly close: () => Promise<void>;
}

const open = (keep: number, now: () => number): Exchange => {
  const service = botframework({ appId, appPassword: 'a password of the bench', callbackUrl: 'https://bot.example.test/api/calls', openIdMetadataUrl: 'http://127.0.0.1/none', issuer: 'metadata', verify: async () => {} });
  const bots = gatherBots({ [path]: bot }, service);
  const store = memoryStore();
  const engine = embeddedEngine({ store, bots, service, log: silentLog, tombstoneMs: 1, liveCalls: keep, now });
  const line: Parameters<typeof exchange>[1] = { service, bots, engine, recordings: memoryRecordings(), log: silentLog, now };
  return {
    store,
    line: {
      post: async (headers, body) => {
        const fields = headers.trim().split('\r\n').map((header) => header.split(': ') as [string, string]);
        const request: CallRequest = { method: 'POST', path, query: '', headers: { 'content-type': 'application/json', ...Object.fromEntries(fields) }, text: async () => body, stream: () => { throw new Error('no recording'); } };
        return exchange(request, line);
      },
      close: () => {},
    },
    close: () => engine.close(),
  };
};

/** Bytes a call that waits at its menu; the caller never answers. */
const perParked = async (count: number, keep: number): Promise<number> => {
  const { line, close } = open(keep, Date.now);
  const halfCall: Line = {
    ...line,
    post: async (headers, body) => {
      const answer = await line.post(headers, body);
      if (!answer.body.includes('"recognize"')) throw new Error(`not at the menu: ${answer.status}`);
      throw parkedHere;
    },
  };
  const park = (): Promise<void> => call(halfCall, appId).then(() => {}, (reason: unknown) => {
    if (reason !== parkedHere) throw reason;
  });
  for (let warm = 0; warm < 2_000; warm += 1) await park();
  const before = await heap();
  for (let made = 0; made < count; made += 1) await park();
  const after = await heap();
  await close();
  return (after - before) / count;
};
const parkedHere = new Error('parked');

/** Bytes of each finished call while its tombstone stands, and when it has gone; over batches, as a server lives. */
const perFinished = async (count: number): Promise<{ readonly tombstone: number; readonly left: number }> => {
  let now = Date.now();
  const { line, store, close } = open(liveCalls, () => now);
  const finish = async (calls: number): Promise<void> => {
    for (let made = 0; made < calls; made += 1) await call(line, appId);
  };
  /** The engine's round runs once a second; it drops all that has expired. */
  const expire = async (): Promise<void> => {
    now += 3_600_000;
    for (let tries = 0; tries < 100; tries += 1) {
      await sleep(100);
      if (await isEmpty()) return;
    }
    throw new Error('tombstones do not go');
  };
  let last = '';
  const isEmpty = async (): Promise<boolean> => (await store.load(`botframework:${last}`)) === undefined;
  const remembering: Line = { ...line, post: (headers, body) => {
    last = (JSON.parse(body) as { readonly id: string }).id;
    return line.post(headers, body);
  } };
  const run = async (calls: number): Promise<void> => {
    await finish(calls - 1);
    await call(remembering, appId);
  };
  // The first batch widens what is widened once: hash tables keep the room that the busiest hour took.
  const batch = count / batches;
  await run(batch);
  await expire();
  const before = await heap();
  let standing = 0;
  for (let number = 0; number < batches; number += 1) {
    const empty = await heap();
    await run(batch);
    standing = Math.max(standing, (await heap()) - empty);
    await expire();
  }
  const after = await heap();
  await close();
  return { tombstone: standing / batch, left: (after - before) / count };
};

progress('parking calls');
const parkedBytes = await perParked(parked, liveCalls);
const keptLive = isQuick ? 2_000 : 10_000;
progress('keeping calls live');
const liveBytes = (await perParked(keptLive, 1_000_000)) - parkedBytes;
progress('finishing calls');
const { tombstone, left } = await perFinished(finished);

const result = { name: 'memory', parked, bytesPerParkedCall: round(parkedBytes), bytesPerLiveCallMore: round(liveBytes), finished, bytesPerTombstone: round(tombstone), bytesLeftPerFinishedCall: round(left, 2) };
report(
  { ...result, required: [atMost('bytes of heap a parked call beyond the live cache', parkedBytes, 2_048), atMost('bytes left of a finished call when its tombstone has gone (a leaked reference is 8 and more)', Math.max(left, 0), 8)] },
  table([
    ['', 'bytes'],
    [`a call parked at the menu (${parked} of them, ${liveCalls} kept live)`, String(result.bytesPerParkedCall)],
    ['.. more, if it is kept live', String(result.bytesPerLiveCallMore)],
    [`the tombstone of a finished call (${finished} of them)`, String(result.bytesPerTombstone)],
    ['what is left of it when the tombstone has gone', String(result.bytesLeftPerFinishedCall)],
  ]),
);
// The clock of the engine is not ours to wait for.
process.exit(0);
