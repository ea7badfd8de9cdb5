/**
 * PostgreSQL — a server of its own for a test: in a temporary folder, on a loopback port, gone with the test. Its tables
 * are not flushed to the disk, so that tests are quick: what the kernel has survives the death of any process.
 *
 * @module
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface PostgresServer {
  /** For whoever may do everything: over the network, with a password. */
  readonly url: string;
  readonly port: number;
  /** Where its files are: `data`, and its log. */
  readonly folder: string;
  /** kill -9, of all its processes. Resolves when it is dead. */
  kill(): Promise<void>;
  /** Starts it again, after `kill` or in order; resolves when it takes connections. */
  restart(): Promise<void>;
  /** The process that all others of the server hang on: for signals. Undefined while it does not run. */
  pid(): number | undefined;
  /** What a superuser says, by `psql`; gives what it answers, a row a line. */
  sql(text: string): Promise<string>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Settings in place of what `postgresql.conf` says. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Fills the new folder `data` in place of `initdb`: to copy another server, say. */
  readonly fill?: (data: string) => Promise<void>;
}

/** Known, so that a test can look for it where it must not be. */
export const password = 'correct-horse-battery';

const run = promisify(execFile);

/** Debian keeps the programs of a server out of the path, one folder a version. */
const debian = '/usr/lib/postgresql';

const folders = (): readonly string[] => {
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : [];
  return [...versions.map((version) => join(debian, version, 'bin')), ...(process.env['PATH'] ?? '').split(':')];
};

/** The folder of PostgreSQL's programs; undefined where it is not installed, and elsewhere than on Linux, whose means are used here. */
export const postgresPrograms: string | undefined = process.platform !== 'linux' ? undefined : folders().find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));

/** Passes a suite over where PostgreSQL is not installed and need not be. Where the checks of this project run, it has to be there. */
export function needsPostgres(suite: Mocha.Context): void {
  if (postgresPrograms !== undefined || process.env['CALLCHART_SERVERS'] !== undefined) return;
  console.error('      PostgreSQL is not installed here: the tests of its store are passed over');
  suite.skip();
}

/** Who owns the files of a server: PostgreSQL refuses to run for root. */
export const owner = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
};

/** Runs one of its programs to the end, as the user that owns the server's files. */
export const runProgram = (name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ readonly stdout: string }> => {
  if (postgresPrograms === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return run(join(postgresPrograms, name), args, { ...owner(), cwd: '/', encoding: 'utf8', env: { ...process.env, ...env }, timeout: 120_000 });
};

/** A port that nobody listens on, of the system's choice. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** Makes a folder that the server may write. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'callchart-postgres-'));
  const user = owner();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Starts a server, empty but for the database `postgres`. It dies with this process, however that dies. */
export async function startPostgres({ settings = {}, fill = initialise }: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = ownFolder();
  const data = join(folder, 'data');
  const port = await freePort();
  await fill(data);
  const given = Object.entries({ fsync: 'off', max_connections: '60', shared_buffers: '16MB', log_min_messages: 'warning', ...settings });
  let server: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, ...given.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const until = Date.now() + 60_000;
    for (;;) {
      const started = spawn('setpriv', ['--pdeathsig', 'QUIT', join(postgresPrograms ?? '', 'postgres'), ...args], { ...owner(), cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      started.stderr?.on('data', (text: Buffer) => (said = `${said}${text.toString('utf8')}`.slice(-4_000)));
      server = started;
      while (started.exitCode === null && started.signalCode === null) {
        if (await isReady()) return;
        if (Date.now() > until) throw new Error(`PostgreSQL does not start: ${said}`);
        await pause();
      }
      // What the one before has left dies a little later than it, and holds its memory until then.
      if (Date.now() > until || !said.includes('shared memory')) throw new Error(`PostgreSQL does not start: ${said}`);
      await pause();
    }
  };

  const isReady = (): Promise<boolean> => runProgram('pg_isready', ['-q', '-h', '127.0.0.1', '-p', String(port), '-d', 'postgres']).then(() => true, () => false);

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = server;
    if (ending === undefined) return;
    server = undefined;
    if (ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await gone;
  };

  await start();
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    folder,
    kill: async () => {
      // Those that serve connections outlive it by a moment, and would answer.
      const children = server?.pid === undefined ? [] : childrenOf(server.pid);
      const gone = end('SIGKILL');
      for (const child of children) process.kill(child, 'SIGKILL');
      await gone;
    },
    restart: async () => {
      await end('SIGINT');
      await start();
    },
    pid: () => server?.pid,
    sql: async (text) => (await runProgram('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', folder, '-p', String(port), '-U', 'postgres', '-d', 'postgres', '-c', text])).stdout.trimEnd(),
    stop: async () => {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

const initialise = async (data: string): Promise<void> => {
  const secret = join(data, '..', 'password');
  writeFileSync(secret, password);
  await runProgram('initdb', ['-D', data, '-U', 'postgres', '--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${secret}`, '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8']);
  if (!readFileSync(join(data, 'PG_VERSION'), 'utf8')) throw new Error('initdb made nothing');
};

const childrenOf = (pid: number): readonly number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((child) => child !== '').map(Number);

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
