/**
 * Servers — those that engines need beside the nodes, started for the bench where they are installed, and what they cost.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { postgresPrograms, startPostgres } from '../../test/servers/postgres.ts';
import { startRestate, withoutRestate } from '../../test/servers/restate.ts';

/** A server that runs for the bench. */
export interface Server {
  /** What a node is told to keep its calls there. */
  readonly keeps: object;
  /** User and system time so far of the server and all that it started, microseconds. */
  cpu(): number;
  stop(): Promise<void>;
}

/** Why there is none. */
export interface Absent {
  readonly absent: string;
}

/** PostgreSQL as Debian has it, but for its memory: what is committed is on disk. */
export const postgres = async (): Promise<Server | Absent> => {
  if (postgresPrograms === undefined) return { absent: 'PostgreSQL is not installed here (apt-get install postgresql)' };
  const server = await startPostgres({ settings: { fsync: 'on', shared_buffers: '128MB' } });
  return { keeps: { in: 'postgres', url: server.url }, cpu: () => cpuOf(server.pid()), stop: () => server.stop() };
};

/** Restate with one server. */
export const restate = async (): Promise<Server | Absent> => {
  if (withoutRestate !== undefined) return { absent: withoutRestate };
  const server = await startRestate();
  return { keeps: { in: 'restate', ingress: `http://${server.ingress}`, admin: `http://${server.admin}`, name: 'Bench' }, cpu: () => cpuOf(server.pid), stop: () => server.stop() };
};

/** A tick of `/proc`, microseconds; it has been this for as long as Linux tells it. */
const tick = 10_000;

/** The time of `root` and its descendants, those that have ended too. Of other systems than Linux it is not known, and nothing is counted. */
const cpuOf = (root: number | undefined): number => {
  if (root === undefined || process.platform !== 'linux') return 0;
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => statOf(pid));
  const family = new Set([root]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => family.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) * tick;
};

/** What `/proc` says of one; nothing once it has gone. */
const statOf = (pid: string): readonly { readonly pid: number; readonly parent: number; readonly ticks: number }[] => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(pid), parent: Number(fields[1]), ticks: [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0) }];
  } catch {
    return [];
  }
};
