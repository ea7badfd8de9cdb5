/**
 * PgBouncer — the pooler in front of a PostgreSQL of a test, in transaction mode: a connection to the server is lent for
 * one transaction, and there are two for all.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, ownFolder, owner, password, type PostgresServer } from './postgres.ts';

export interface Pooler {
  readonly url: string;
  stop(): Promise<void>;
}

const hasPgbouncer = spawnSync('/usr/sbin/pgbouncer', ['--version']).status === 0;

/** Passes over where it is not installed and need not be. */
export function needsPgbouncer(suite: Mocha.Context): void {
  if (hasPgbouncer || process.env['CALLCHART_SERVERS'] !== undefined) return;
  console.error('      PgBouncer is not installed here: what goes through it is passed over');
  suite.skip();
}

/** Starts it in front of `server`. It dies with this process. */
export async function startPgbouncer(server: PostgresServer): Promise<Pooler> {
  const folder = ownFolder();
  const port = await freePort();
  writeFileSync(join(folder, 'users'), `"postgres" "${password}"\n`);
  writeFileSync(join(folder, 'pgbouncer.ini'), [
    '[databases]', `postgres = host=127.0.0.1 port=${server.port}`,
    '[pgbouncer]', 'listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir =', 'auth_type = scram-sha-256', `auth_file = ${join(folder, 'users')}`,
    'pool_mode = transaction', 'default_pool_size = 2', 'max_client_conn = 100', '',
  ].join('\n'));
  const pooler: ChildProcess = spawn('setpriv', ['--pdeathsig', 'KILL', '/usr/sbin/pgbouncer', join(folder, 'pgbouncer.ini')], { ...owner(), cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  pooler.stderr?.on('data', (text: Buffer) => (said += text.toString('utf8')));
  while (!(await takes(port))) {
    if (pooler.exitCode !== null) throw new Error(`PgBouncer does not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      const gone = new Promise((resolve) => pooler.once('exit', resolve));
      if (pooler.exitCode === null && pooler.kill('SIGKILL')) await gone;
      rmSync(folder, { recursive: true });
    },
  };
}

const takes = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false)).once('connect', () => socket.destroy());
  });
