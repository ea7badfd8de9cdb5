/**
 * Engines — where the processes of the harness keep their calls: each is made empty, and taken away when the row is done.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallStore, openStore } from 'callchart/transport';
import type { Point } from './points.ts';
import type { Mode } from './services.ts';

export const engineNames = ['lmdb', 'postgres', 'restate'] as const;

export type EngineName = (typeof engineNames)[number];

/** Where a server of Restate is, and how it reaches the processes of one application: each mode at an address of its own. */
export interface RestateSpec {
  /** Of its servers; each process has one. */
  readonly ingresses: readonly string[];
  readonly admin: string;
  readonly name: string;
  readonly shared: Readonly<Record<Mode, string>>;
}

/** What the harness asks of calls that are on record. */
export interface Looked {
  load(key: string): Promise<{ readonly text: string } | undefined>;
  list: CallStore['list'];
  due: CallStore['due'];
}

/** One engine, empty. */
export interface EngineHere {
  /** What a process is given as its engine; a text is what names a store. */
  readonly spec: string | RestateSpec;
  /** The same calls, for the harness to look at. */
  readonly store: Looked;
  /** Whether one writes at a time, behind a lock that a frozen process keeps: LMDB, https://www.lmdb.tech/doc/ (“Caveats”). */
  readonly hasOneLock?: true;
  /** Told where a process listens for the server, and that it does no longer. */
  readonly joins?: (who: string, ports: Readonly<Record<Mode, number>>) => void;
  readonly leaves?: (who: string) => void;
  /** Kills its server, where it has one. */
  readonly kill?: () => Promise<void>;
  readonly restart?: () => Promise<void>;
  /** Resolves when its servers answer for everything again: those that are left for the one that was killed, or the one that was started again. */
  readonly heals?: () => Promise<void>;
  /** What the server has under way for a call, in sentences, where it can be asked. */
  readonly underWay?: (callId: string) => Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What makes empty engines of one kind. */
export interface EngineKind {
  readonly name: EngineName;
  /** Points that its processes do not come by. */
  readonly without: readonly Point[];
  make(): Promise<EngineHere>;
  /** Makes one over three servers, where they can be a cluster. */
  readonly cluster?: () => Promise<EngineHere>;
  close(): Promise<void>;
}

const lmdb: EngineKind = {
  name: 'lmdb',
  without: ['claiming', 'claimed', 'gave back'], // it gives a call to whoever asks
  make: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-faults-lmdb-'));
    const spec = `lmdb:${folder}`;
    const store = await openStore(spec);
    return {
      spec, store, hasOneLock: true,
      close: async () => {
        await store.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
  close: async () => {},
};

/** Why the engine `name` cannot be tried here, or what makes it. */
export const engineKind = async (name: EngineName): Promise<EngineKind | string> => {
  if (name === 'lmdb') return lmdb;
  if (name === 'restate') {
    const { withoutRestate } = await import('../servers/restate.ts');
    if (withoutRestate !== undefined) return withoutRestate;
    return (await import('./restate.ts')).restateKind();
  }
  const { postgresPrograms, startPostgres } = await import('../servers/postgres.ts');
  if (postgresPrograms === undefined) return 'PostgreSQL is not installed here: apt-get install postgresql';
  const server = await startPostgres();
  let databases = 0;
  return {
    name: 'postgres',
    without: [],
    make: async () => {
      const database = `faults_${(databases += 1)}`;
      await server.sql(`create database ${database}`);
      const spec = server.url.replace(/\/postgres$/, `/${database}`);
      const store = await openStore(spec);
      return { spec, store, kill: () => server.kill(), restart: () => server.restart(), close: () => store.close() };
    },
    close: () => server.stop(),
  };
};
