/**
 * Engines — events a second, latency and CPU an event over each engine that keeps calls, in one interleaved run; and what
 * gathering commits and keeping calls live gain.
 *
 * Run with `npm run bench -- engines`, or after a build with `node --import tsx bench/engines.ts [--json] [--quick]`. An event is
 * one request over HTTP of the call of five exchanges that `bench/exchange` makes, every answer checked, without tokens. Each
 * node is a process of its own; CPU is that of the nodes and of the server behind them. In each round every engine is driven
 * once at each concurrency, in an order that turns; ratios are taken within a round, and medians over rounds. PostgreSQL and
 * Restate are measured where they are installed, and the row says by name why not; Restate's SDK needs Node 22.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgres, restate, type Server } from './engines/servers.ts';
import { call, exchangesPerCall } from './exchange/caller.ts';
import { type Contestant, startContestant } from './exchange/contestant.ts';
import { type Line, openLine } from './exchange/line.ts';
import { atLeast, isQuick, median, progress, report, round, shown, type Spread, spread, table } from './figures.ts';

const concurrencies = isQuick ? [16] : [1, 16, 64];
const rounds = isQuick ? 3 : 7;
const driveMs = isQuick ? 400 : 1_000;
const warmUpMs = isQuick ? 1_000 : 3_000;
const appId = 'the-app-id';
const path = '/api/calls';
const common = { appId, callbackUrl: 'https://bot.example.test/api/calls', metadataUrl: 'http://127.0.0.1/none' };

/** Nodes over one place for calls. */
interface Engine {
  readonly name: string;
  readonly nodes: readonly Contestant[];
  /** Whether the events of one call come to any node, or all to one. */
  readonly routing: 'sticky' | 'random';
  readonly server: Server | undefined;
}

/** What an engine did in one round at one concurrency. */
interface Drive {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly p50: number;
  readonly p99: number;
}

const folder = await mkdtemp(join(tmpdir(), 'callchart-bench-'));
const engines: Engine[] = [];
const servers: Server[] = [];
const absent: { readonly name: string; readonly why: string }[] = [];

const add = async (name: string, keeps: object, { nodes = 1, routing = 'sticky', server, ...options }: { readonly nodes?: number; readonly routing?: Engine['routing']; readonly server?: Server; readonly liveCalls?: number; readonly isSerial?: boolean } = {}): Promise<void> => {
  const all: Contestant[] = [];
  for (let node = 0; node < nodes; node += 1) all.push(await startContestant('../engines/node.mjs', { ...common, keeps, ...options }));
  engines.push({ name, nodes: all, routing, server });
};

const lmdb = (name: string, durability: 'flushed' | 'process' = 'flushed') => ({ in: 'lmdb', folder: join(folder, name), durability });

const addServer = async (name: string, started: Awaited<ReturnType<typeof postgres>>, routings: readonly Engine['routing'][]): Promise<void> => {
  if ('absent' in started) {
    absent.push({ name, why: started.absent });
    return;
  }
  servers.push(started);
  for (const routing of routings) await add(`${name}, 2 nodes, ${routing}`, started.keeps, { nodes: 2, routing, server: started });
};

/** A line of the caller to some node of `engine`, which says how long each answer took. */
const lineTo = async ({ nodes, routing }: Engine, number: number, took: number[]): Promise<Line> => {
  const headers = 'content-type: application/json; charset=utf-8\r\naccept: application/json\r\nuser-agent: Microsoft-Skype/3.0,(Calling/1.0)\r\n';
  const to = routing === 'sticky' ? [nodes[number % nodes.length]!] : nodes;
  const lines = await Promise.all(to.map(({ port }) => openLine(port, path, headers)));
  return {
    post: async (more, body) => {
      const began = performance.now();
      const answer = await lines[Math.floor(Math.random() * lines.length)]!.post(more, body);
      took.push(performance.now() - began);
      return answer;
    },
    close: () => {
      for (const line of lines) line.close();
    },
  };
};

const cpuOf = async ({ nodes, server }: Engine): Promise<number> => {
  let cpu = server?.cpu() ?? 0;
  for (const node of nodes) cpu += await node.cpu();
  return cpu;
};

/** Rings on `concurrency` lines for `ms`; calls that began are finished. */
const drive = async (engine: Engine, concurrency: number, ms: number): Promise<Drive> => {
  const took: number[] = [];
  const lines = await Promise.all(Array.from({ length: concurrency }, (_, number) => lineTo(engine, number, took)));
  const cpuBefore = await cpuOf(engine);
  const began = performance.now();
  let calls = 0;
  const ring = async (line: Line): Promise<void> => {
    for (; performance.now() - began < ms; calls += 1) await call(line, appId);
  };
  await Promise.all(lines.map(ring));
  const seconds = (performance.now() - began) / 1_000;
  const cpu = (await cpuOf(engine)) - cpuBefore;
  for (const line of lines) line.close();
  const events = calls * exchangesPerCall;
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { perSecond: events / seconds, cpuMs: cpu / 1_000 / events, p50: at(0.5), p99: at(0.99) };
};

try {
  await add('memory', { in: 'memory' });
  await add('LMDB, flushed', lmdb('flushed'));
  await add('LMDB, process', lmdb('process', 'process'));
  await add('LMDB, flushed, 2 nodes, sticky', lmdb('shared'), { nodes: 2 });
  await addServer('PostgreSQL', await postgres(), ['sticky', 'random']);
  await addServer('Restate', await restate(), ['sticky']);
  await add('memory, no call kept live', { in: 'memory' }, { liveCalls: 0 });
  await add('LMDB, flushed, no call kept live', lmdb('cold'), { liveCalls: 0 });
  await add('LMDB, flushed, one commit at a time', lmdb('serial'), { isSerial: true });
  await compare();
} finally {
  for (const { nodes } of engines) for (const node of nodes) await node.stop();
  for (const server of servers) await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function compare(): Promise<void> {
  for (const engine of engines) {
    progress(`warming ${engine.name}`);
    await drive(engine, 16, warmUpMs);
  }
  const drives = new Map(engines.flatMap(({ name }) => concurrencies.map((concurrency): [string, Drive[]] => [`${name} ${concurrency}`, []])));
  for (let number = 0; number < rounds; number += 1) {
    const turn = number % engines.length;
    const turned = [...engines.slice(turn), ...engines.slice(0, turn)];
    for (const concurrency of concurrencies) {
      for (const engine of number % 2 === 0 ? turned : turned.toReversed()) {
        const one = await drive(engine, concurrency, driveMs);
        progress(`round ${number + 1}, ${concurrency} at once, ${engine.name}: ${Math.round(one.perSecond)}/s, ${one.p50.toFixed(2)} ms, ${one.cpuMs.toFixed(3)} ms of CPU`);
        drives.get(`${engine.name} ${concurrency}`)!.push(one);
      }
    }
  }
  const of = (name: string, concurrency: number): readonly Drive[] => drives.get(`${name} ${concurrency}`)!;
  /** Of two engines in the same round. */
  const ratio = (a: string, b: string, concurrency: number, what: keyof Drive): Spread => spread(of(a, concurrency).map((one, number) => one[what] / of(b, concurrency)[number]![what]));
  const rows = concurrencies.flatMap((concurrency) => engines.map(({ name }) => {
    const all = of(name, concurrency);
    const middle = (what: keyof Drive): number => round(median(all.map((one) => one[what])));
    return { name, concurrency, perSecond: spread(all.map(({ perSecond }) => perSecond)), p50Ms: middle('p50'), p99Ms: middle('p99'), cpuMs: middle('cpuMs'), throughputOfMemory: ratio(name, 'memory', concurrency, 'perSecond') };
  }));
  const gains = concurrencies.map((concurrency) => ({
    concurrency,
    groupCommit: ratio('LMDB, flushed', 'LMDB, flushed, one commit at a time', concurrency, 'perSecond'),
    liveCallsInMemory: ratio('memory', 'memory, no call kept live', concurrency, 'perSecond'),
    liveCallsOnDisk: ratio('LMDB, flushed', 'LMDB, flushed, no call kept live', concurrency, 'perSecond'),
  }));
  const required = concurrencies.filter((concurrency) => concurrency > 1).map((concurrency) =>
    atLeast(`events a second of LMDB, flushed, of those in memory, ${concurrency} at once`, ratio('LMDB, flushed', 'memory', concurrency, 'perSecond').median, 0.4));
  const text = [
    table([
      ['', 'at once', 'events/s', '× memory', 'p50 ms', 'p99 ms', 'CPU ms/event'],
      ...rows.map(({ name, concurrency, perSecond, throughputOfMemory, p50Ms, p99Ms, cpuMs }) => [name, String(concurrency), shown(perSecond), shown(throughputOfMemory), String(p50Ms), String(p99Ms), String(cpuMs)]),
    ]),
    ...gains.map(({ concurrency, groupCommit, liveCallsInMemory, liveCallsOnDisk }) => `${concurrency} at once: gathering commits gains ${shown(groupCommit)} times, keeping calls live ${shown(liveCallsInMemory)} in memory, ${shown(liveCallsOnDisk)} on disk`),
    ...absent.map(({ name, why }) => `${name}: not measured, ${why}`),
    `medians (min–max) of ${rounds} rounds of ${driveMs / 1_000} s each`,
  ].join('\n');
  report({ name: 'engines', rounds, driveMs, rows, gains, absent, required }, text);
}
