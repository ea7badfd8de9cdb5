/**
 * A server of Restate for tests: a process of its own on loopback, in a folder that goes with it, with telemetry off.
 *
 * Its binary is what `CALLCHART_RESTATE_SERVER` names, or what `npm ci` in `test/servers/restate` has installed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that runs. */
export interface RestateServer {
  /** `host:port` where events are given to it. */
  readonly ingress: string;
  /** `host:port` where deployments are registered. */
  readonly admin: string;
  readonly pid: number | undefined;
  /** Kills it on the spot (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again, on the same ports and in the same folder. */
  restart(): Promise<void>;
  /** Kills it and starts it again, on the same ports and with nothing of what it had. */
  forget(): Promise<void>;
  /** Kills it and removes its folder. */
  stop(): Promise<void>;
}

const binary = process.env['CALLCHART_RESTATE_SERVER'] ?? join(import.meta.dirname, `restate/node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);

/** Whether there is one to start. */
export const hasRestate = existsSync(binary);

/** Why tests that need it are passed over; undefined where they are run: where the server is, or has to be. */
export const withoutRestate: string | undefined =
  !hasRestate && process.env['CALLCHART_SERVERS'] === undefined
    ? 'no server of Restate: npm ci in test/servers/restate, or name it in CALLCHART_RESTATE_SERVER'
    : Number(process.versions.node.split('.', 1)[0]) < 22
      ? 'the SDK of Restate needs Node 22'
      : undefined;

/** Passes a suite over where there is no server of Restate, and says why. */
export function needsRestate(suite: Mocha.Context): void {
  if (withoutRestate === undefined) return;
  process.stderr.write(`passed over: ${withoutRestate}\n`);
  suite.skip();
}

const startWithinMs = 60_000;

/** What else its settings say, for those who need it. */
export interface RestateSettings {
  /** Where the key is with which it signs what it asks of processes: PEM. */
  readonly identityKeyFile?: string;
}

/** Starts one. */
export const startRestate = async (more: RestateSettings = {}): Promise<RestateServer> => {
  const [ports] = await portsOf(1);
  const server = prepare(ports!, undefined, more);
  await server.start();
  return server;
};

/** Starts `count` that are one cluster: what is acknowledged is on most of them. There is no place for snapshots. */
export const startRestateCluster = async (count = 3): Promise<readonly RestateServer[]> => {
  const all = await portsOf(count);
  const servers = all.map((ports, index) => prepare(ports, { index, all }));
  try {
    await Promise.all(servers.map((server) => server.start()));
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
  return servers;
};

const portsOf = async (count: number): Promise<readonly Ports[]> => {
  const free = await freePorts(3 * count);
  return Array.from({ length: count }, (_, index) => ({ ingress: free[3 * index]!, admin: free[3 * index + 1]!, node: free[3 * index + 2]! }));
};

/** Where a server listens. */
interface Ports {
  readonly ingress: number;
  readonly admin: number;
  readonly node: number;
}

/** Which server of a cluster one is. */
interface Part {
  readonly index: number;
  readonly all: readonly Ports[];
}

/** A server in a folder of its own, which is not started yet. */
const prepare = (ports: Ports, part?: Part, { identityKeyFile }: RestateSettings = {}): RestateServer & { start(): Promise<void> } => {
  if (!hasRestate) throw new Error(`no server of Restate at ${binary}`);
  const folder = mkdtempSync(join(tmpdir(), 'callchart-restate-'));
  const { ingress, admin } = ports;
  const settings = join(folder, 'restate.toml');
  writeFileSync(settings, configuration(folder, ports, part, identityKeyFile));
  let child: ChildProcess | undefined;
  let said = '';

  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };

  const start = async (): Promise<void> => {
    const started = spawn(binary, ['--config-file', settings], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], HOME: folder } });
    child = started;
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (text: Buffer) => void (said = (said + text.toString()).slice(-20_000)));
    const until = Date.now() + startWithinMs;
    for (;;) {
      if (started.exitCode !== null || started.signalCode !== null) throw new Error(`Restate has ended: ${said}`);
      if ((await isHealthy(`http://127.0.0.1:${ingress}/restate/health`)) && (await isHealthy(`http://127.0.0.1:${admin}/health`))) return;
      if (Date.now() > until) {
        await kill();
        throw new Error(`Restate is not healthy after ${startWithinMs} ms: ${said}`);
      }
      await sleep(50);
    }
  };

  process.once('exit', () => child?.kill('SIGKILL'));
  return {
    ingress: `127.0.0.1:${ingress}`,
    admin: `127.0.0.1:${admin}`,
    get pid() { return child?.pid; },
    start,
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    forget: async () => {
      await kill();
      rmSync(join(folder, 'data'), { recursive: true, force: true, maxRetries: 3 });
      await start();
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
};

const isHealthy = (address: string): Promise<boolean> => fetch(address, { signal: AbortSignal.timeout(1_000) }).then(({ ok }) => ok, () => false);

/** Small: a test has a few calls, and the machine has other work. */
const configuration = (folder: string, { ingress, admin, node }: Ports, part: Part | undefined, identityKeyFile: string | undefined): string => `
node-name = "test-${part?.index ?? 0}"
cluster-name = "test"
${part === undefined ? '' : `auto-provision = ${part.index === 0}\ndefault-replication = ${Math.floor(part.all.length / 2) + 1}`}
base-dir = ${JSON.stringify(join(folder, 'data'))}
listen-mode = "tcp"
bind-address = "127.0.0.1:${node}"
advertised-address = "http://127.0.0.1:${node}/"
default-num-partitions = 4
disable-telemetry = true
rocksdb-total-memory-size = "256.0 MiB"
log-filter = "warn"
log-format = "compact"
log-disable-ansi-codes = true
${identityKeyFile === undefined ? '' : `request-identity-private-key-pem-file = ${JSON.stringify(identityKeyFile)}`}

[ingress]
bind-address = "127.0.0.1:${ingress}"
advertised-address = "http://127.0.0.1:${ingress}/"

[admin]
bind-address = "127.0.0.1:${admin}"
advertised-address = "http://127.0.0.1:${admin}/"
disable-web-ui = true

[worker.invoker]
connect-timeout = "2s"
http2-keep-alive-interval = "1s"
http2-keep-alive-timeout = "2s"

[admin.query-engine]
memory-size = "64.0 MiB"
${part === undefined ? '' : `
[bifrost]
default-provider = "replicated"

[metadata-client]
type = "replicated"
addresses = [${part.all.map((other) => `"http://127.0.0.1:${other.node}/"`).join(', ')}]
`}`;

/** Ports that were free a moment ago: they have to stay the same when the server is started again. */
const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => (server.listening ? undefined : once(server, 'listening'))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
};
