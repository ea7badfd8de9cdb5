/**
 * Exchange — whole exchanges a second and server CPU an exchange, for an IVR of five exchanges, beside a raw server, a bare
 * Koa, and the SDK that spoke this protocol before.
 *
 * Run with `npm run bench -- exchange`, or after a build with `node --import tsx bench/exchange.ts [--json] [--quick]`;
 * `--profile <contestant>` shows where the server's time goes instead. Callchart is measured as published (`dist`), each
 * server in a process of its own without flags; CPU is that process' own count, all its threads, around the load. In each
 * round every server is driven once, in an order that turns; ratios are taken within a round, and medians over rounds.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { audience as appId, keyServer } from '../test/helpers/tokens.ts';
import { call, exchangesPerCall } from './exchange/caller.ts';
import { type Contestant, startContestant } from './exchange/contestant.ts';
import { openLine } from './exchange/line.ts';
import { summarize } from './exchange/profile.ts';
import { atLeast, isQuick, median, progress, report, type Requirement, round, shown, type Spread, spread, table } from './figures.ts';

const connections = 16;
const rounds = isQuick ? 3 : 9;
/** Of one server in one round: the same time for all, so that a busy machine takes the same from all. */
const driveMs = isQuick ? 400 : 1_500;
const warmUpMs = isQuick ? 1_500 : 4_000;
const mostCalls = 100_000;
const path = '/api/calls';
const callbackUrl = 'https://bot.example.test/api/calls';

/** What one server did in one round. */
interface Drive {
  readonly perSecond: number;
  readonly cpuMs: number;
  /** Of one core. Near 1, the server is what limits the throughput, and not the load. */
  readonly serverCpuShare: number;
  readonly exchanges: number;
}

const peers = fileURLToPath(new URL('peers', import.meta.url));

/** Installs the peer as its lockfile says; false, with a line on stderr, where that cannot be done. */
const hasPeers = (): boolean => {
  if (existsSync(join(peers, 'node_modules', 'botbuilder-calling')) && existsSync(join(peers, 'node_modules', 'express'))) return true;
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: peers, stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 });
    return true;
  } catch {
    process.stderr.write('skipped: botbuilder-calling 3.0.1 (`npm ci` in bench/peers failed)\n');
    return false;
  }
};

/** Rings on all lines for `ms`; calls that began are finished. */
const drive = async (contestant: Contestant, token: string, ms: number): Promise<Drive> => {
  const fixed = `authorization: Bearer ${token}\r\ncontent-type: application/json; charset=utf-8\r\naccept: application/json\r\nuser-agent: Microsoft-Skype/3.0,(Calling/1.0)\r\n`;
  const lines = await Promise.all(Array.from({ length: connections }, () => openLine(contestant.port, path, fixed)));
  let calls = 0;
  const ring = async (line: (typeof lines)[number]): Promise<void> => {
    while (performance.now() < until && calls < mostCalls) {
      calls += 1;
      await call(line, appId);
    }
  };
  let driving = true;
  /** The load never sleeps: else the server's kernel wakes it at each answer, and pays for that more than the raw server does for all. */
  const stayAwake = (): void => {
    if (driving) setImmediate(stayAwake);
  };
  const cpuBefore = await contestant.cpu();
  stayAwake();
  const began = performance.now();
  const until = began + ms;
  await Promise.all(lines.map(ring));
  const seconds = (performance.now() - began) / 1_000;
  driving = false;
  const cpu = (await contestant.cpu()) - cpuBefore;
  for (const line of lines) line.close();
  const exchanges = calls * exchangesPerCall;
  return { perSecond: exchanges / seconds, cpuMs: cpu / 1_000 / exchanges, serverCpuShare: cpu / 1e6 / seconds, exchanges };
};

/** The five replies of one call to `contestant`, parsed: what the raw servers answer with. */
const recordReplies = async ({ port }: Contestant, token: string): Promise<{ readonly replies: readonly unknown[]; readonly bytes: number }> => {
  const line = await openLine(port, path, `authorization: Bearer ${token}\r\ncontent-type: application/json\r\n`);
  const bodies = await call(line, appId);
  line.close();
  return { replies: bodies.filter((body) => body !== '').map((body) => JSON.parse(body) as unknown), bytes: bodies.reduce((sum, body) => sum + body.length, 0) };
};

const keys = await keyServer();
const token = await keys.sign();
const folder = await mkdtemp(join(tmpdir(), 'callchart-bench-'));
const common = { appId, callbackUrl, metadataUrl: keys.metadataUrl };
const withPeers = hasPeers();

const contestants = new Map<string, Contestant>();
const start = async (name: string, script: string, options: object): Promise<Contestant> => {
  const contestant = await startContestant(script, { ...common, ...options });
  contestants.set(name, contestant);
  return contestant;
};

try {
  const ours = await start('callchart', './callchart.mjs', { tokens: true });
  const { replies, bytes } = await recordReplies(ours, token);
  await start('callchart, stub', './callchart.mjs', { tokens: false });
  await start('callchart on LMDB', './callchart.mjs', { tokens: true, folder });
  await start('raw node:http', './raw.mjs', { replies });
  await start('Koa + bodyparser', './koa.mjs', { replies });
  if (withPeers) {
    await start('botbuilder-calling', '../peers/botbuilder.cjs', { tokens: true });
    await start('botbuilder-calling, stub', '../peers/botbuilder.cjs', { tokens: false });
  }
  const profiled = process.argv.indexOf('--profile');
  if (profiled >= 0) await profile(process.argv[profiled + 1] ?? 'callchart');
  else await compare(bytes);
} finally {
  for (const contestant of contestants.values()) await contestant.stop();
  await keys.close();
  await rm(folder, { recursive: true, force: true });
}

async function compare(replyBytes: number): Promise<void> {
  const drives = new Map([...contestants.keys()].map((name): [string, Drive[]] => [name, []]));
  for (const [name, contestant] of contestants) {
    progress(`warming ${name}`);
    await drive(contestant, token, warmUpMs);
  }
  const names = [...contestants.keys()];
  for (let number = 0; number < rounds; number += 1) {
    const turned = [...names.slice(number % names.length), ...names.slice(0, number % names.length)];
    for (const name of number % 2 === 0 ? turned : turned.toReversed()) {
      const one = await drive(contestants.get(name)!, token, driveMs);
      progress(`round ${number + 1} ${name}: ${Math.round(one.perSecond)}/s, ${one.cpuMs.toFixed(4)} ms`);
      drives.get(name)!.push(one);
    }
  }
  /** Of two contestants in the same round. */
  const ratio = (a: string, b: string, of: 'perSecond' | 'cpuMs'): Spread => spread(drives.get(a)!.map((one, number) => one[of] / drives.get(b)![number]![of]));
  const rows = names.map((name) => {
    const all = drives.get(name)!;
    return {
      name, perSecond: spread(all.map(({ perSecond }) => perSecond)), cpuMs: spread(all.map(({ cpuMs }) => cpuMs)),
      throughputOfRaw: ratio(name, 'raw node:http', 'perSecond'), cpuOfRaw: ratio(name, 'raw node:http', 'cpuMs'),
      serverCpuShare: round(median(all.map(({ serverCpuShare }) => serverCpuShare)), 2),
    };
  });
  const peer = withPeers
    ? {
      cpuWithTokens: ratio('botbuilder-calling', 'callchart', 'cpuMs'),
      cpuWithStub: ratio('botbuilder-calling, stub', 'callchart, stub', 'cpuMs'),
      throughputWithTokens: ratio('callchart', 'botbuilder-calling', 'perSecond'),
      throughputWithStub: ratio('callchart, stub', 'botbuilder-calling, stub', 'perSecond'),
    }
    : undefined;
  const required: Requirement[] = [
    ...(peer === undefined ? [] : [atLeast('times less server CPU an exchange than botbuilder-calling, with tokens', peer.cpuWithTokens.median, 2, 4)]),
    atLeast('of the throughput of raw node:http, with the stub verifier', rows.find(({ name }) => name === 'callchart, stub')!.throughputOfRaw.median, 0.25, 0.5),
  ];
  const text = [
    table([
      ['', 'exchanges/s', 'CPU ms/exchange', '× raw throughput', '× raw CPU', 'core used'],
      ...rows.map(({ name, perSecond, cpuMs, throughputOfRaw, cpuOfRaw, serverCpuShare }) => [name, shown(perSecond), shown(cpuMs), shown(throughputOfRaw), shown(cpuOfRaw), String(serverCpuShare)]),
    ]),
    ...(peer === undefined ? ['botbuilder-calling 3.0.1: skipped, not installed'] : [`botbuilder-calling takes ${shown(peer.cpuWithTokens)} times our CPU with tokens, ${shown(peer.cpuWithStub)} times with the stub on both sides`]),
    `medians (min–max) of ${rounds} rounds of ${driveMs / 1_000} s each on ${connections} connections; ${replyBytes} bytes of replies a call`,
  ].join('\n');
  report({ name: 'exchange', rounds, driveMs, connections, replyBytes, contestants: rows, ...(peer !== undefined && { peer }), required }, text);
}

async function profile(name: string): Promise<void> {
  const contestant = contestants.get(name);
  if (contestant === undefined) throw new Error(`no contestant “${name}”: ${[...contestants.keys()].join(' · ')}`);
  await drive(contestant, token, warmUpMs);
  const file = join(folder, 'server.cpuprofile');
  await contestant.profile();
  const { cpuMs, exchanges } = await drive(contestant, token, driveMs * 4);
  await contestant.profiled(file);
  process.stdout.write(`${name}: ${(cpuMs * 1_000).toFixed(0)} µs of CPU an exchange while profiled\n\n${summarize(file, exchanges)}\n`);
}
