/**
 * Worker — a process that serves the bot over the engine that is named, and that dies where it is told to: its argument is
 * its duty, everything else comes by messages.
 *
 * @module
 */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { machineClock } from '../../src/transport/clock.ts';
import { type Engine, type MakeEngine, openStore, restateEngine, silentLog, stderrLog } from 'callchart/transport';
import type { EngineHere, RestateSpec } from './engines.ts';
import { startNode } from './node.ts';
import type { Point } from './points.ts';
import { type Mode, modes } from './services.ts';

/** What a worker is begun with, as JSON. */
export interface Duty {
  readonly engine: EngineHere['spec'];
  /** Where the harness is. */
  readonly url: string;
  /** Which of the processes it is, from 0. */
  readonly index: number;
  /** The version that is served, and those beside it. */
  readonly versions?: readonly [served: string, ...loaded: string[]];
  /** How long a call is remembered when it is over, ms. */
  readonly rememberedMs?: number;
}

/** What the harness tells a worker. */
export type Order =
  /** Die at the `nth` time that `point` comes from now on. */
  | { readonly type: 'die'; readonly point: Point; readonly nth: number }
  /** Your clock is so many ms ahead. */
  | { readonly type: 'jump'; readonly ms: number };

/** What a worker tells the harness. */
export type Word =
  /** It takes calls. */
  | { readonly port: number }
  /** It listens there for the server that keeps the calls. */
  | { readonly listens: Readonly<Record<Mode, number>> }
  /** It counts in this name. */
  | { readonly named: string }
  /** Those who count in the names have the work of the call, and nobody else, since a moment of the machine's clock. */
  | { readonly leased: string; readonly names: readonly string[]; readonly since: number }
  /** It begins the task `work` of the call, or sends the command of that id. */
  | { readonly of: string; readonly begins: string }
  /** It was late with what was due, by so many ms: the machine had other things to do. */
  | { readonly lateMs: number };

const { engine, url, index, versions, rememberedMs } = JSON.parse(process.argv[2] ?? '{}') as Duty;
let ahead = 0;
let doom: { readonly point: Point; nth: number } | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  if (order.type === 'jump') ahead = order.ms;
  else doom = { point: order.point, nth: order.nth };
});

const say = (word: Word): void => void process.send?.(word);

const meet = (point: Point): void => {
  if (doom?.point !== point) return;
  doom.nth -= 1;
  if (doom.nth === 0) process.kill(process.pid, 'SIGKILL');
};

const made: Engine[] = [];

/** An engine for each mode, at an address that is its own and stands behind one that all processes share. */
const onRestate = async ({ ingresses, admin, name, shared }: RestateSpec): Promise<Readonly<Record<Mode, MakeEngine>>> => {
  const opened = await Promise.all(modes.map(async (mode) => {
    const port = await freePort();
    const make = await restateEngine({ ingress: ingresses[index % ingresses.length]!, admin, name, listen: `127.0.0.1:${port}`, endpoint: shared[mode] });
    const kept: MakeEngine = (options) => {
      const one = make(options);
      made.push(one);
      return one;
    };
    return [mode, kept, port] as const;
  }));
  say({ listens: Object.fromEntries(opened.map(([mode, , port]) => [mode, port])) as Record<Mode, number> });
  return Object.fromEntries(opened.map(([mode, kept]) => [mode, kept])) as Record<Mode, MakeEngine>;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const listener = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as AddressInfo;
      listener.close(() => resolve(port));
    });
  });

const { port } = await startNode({
  store: typeof engine === 'string' ? await openStore(engine) : await onRestate(engine), url, meet, clock: machineClock(() => Date.now() + ahead), 
  witnessed: { named: (name) => say({ named: name }), leases: (leased, names, since) => say({ leased, names, since }), begins: (callId, work) => say({ of: callId, begins: work }) },
  log: process.env['CALLCHART_FAULTS_LOG'] === undefined ? silentLog : stderrLog, ...(versions !== undefined && { versions }), ...(rememberedMs !== undefined && { rememberedMs }),
});
for (const one of made) while (!(await one.check().then(() => true, () => false))) await sleep(20);
say({ port });

/** Who is late for so long and has worked for most of it was held up by nobody else, ms. */
const longMs = 500;

let due = performance.now() + 50;
let worked = process.cpuUsage();
setInterval(() => {
  const lateMs = Math.round(performance.now() - due);
  const { user, system } = process.cpuUsage(worked);
  worked = process.cpuUsage();
  if (lateMs > 25 && (lateMs < longMs || (user + system) / 1_000 < lateMs / 2)) say({ lateMs });
  due = performance.now() + 50;
}, 50).unref();
