/**
 * Migrations — the tables of the store in PostgreSQL, and how they came to be: run by node-pg-migrate when a store is
 * opened, each once.
 *
 * All that are missing run in one transaction, behind a lock that lives as long as it: of nodes that start at once one
 * does the work and the others find it done, also through a pooler, which lends a connection for one transaction. (The
 * tool's own lock belongs to a session, which is not ours there; nor is a `search_path` that it would set.)
 *
 * A node of the version before goes on while these run, so a migration adds and takes nothing away that one before used.
 *
 * @module
 */
import { basename, dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationBuilder } from 'node-pg-migrate';
import type { PoolClient } from 'pg';
import { type Connections, missing } from './postgres-connections.ts';
import { unavailable } from './postgres-failure.ts';

interface Step {
  /** Counts, and says what it does; stands in the table `migrations` for ever. */
  readonly name: string;
  readonly sql: (schema: string) => string;
}

/**
 * `due_at`, `expires_at` and the claim stand in the row of the state, so that one statement changes all. Pages are filled
 * to 70 %: a commit that leaves the times as they are then finds room on its page, and touches no index.
 */
const steps: readonly Step[] = [
  {
    name: '0001_records',
    sql: (schema) => `
      CREATE TABLE ${schema}.records (
        key text COLLATE "C" PRIMARY KEY,
        long_id text,
        revision integer NOT NULL,
        record text NOT NULL,
        due_at double precision,
        expires_at double precision,
        claimed_until double precision
      ) WITH (fillfactor = 70);
      CREATE INDEX records_due ON ${schema}.records (due_at, key) WHERE due_at IS NOT NULL;
      CREATE INDEX records_expiring ON ${schema}.records (expires_at) WHERE expires_at IS NOT NULL;`,
  },
];

/** How long those that start wait for the one that migrates, ms. */
const migrationMs = 60_000;

/** Brings the schema to this version, or rejects with what to do. `migrate` false: it has to be there. */
export async function prepareSchema(connections: Connections, schema: string, migrate: boolean): Promise<void> {
  if (isComplete(await done(connections, schema))) return;
  if (!migrate) throw unavailable(`cannot be opened: the schema ${schema} is not that of this version, and migrate is false. Start one process that may migrate`, 'open');
  const { runner } = await loadRunner();
  await connections.transaction(migrationMs, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))', ['callchart', schema]);
    await runner({
      dbClient: client, direction: 'up', noLock: true, log: () => {},
      migrationsTable: 'migrations', migrationsSchema: schema, createMigrationsSchema: !(await hasSchema(client, schema)),
      ...thisFile, migrationLoaderStrategies: [{ extensions: [extname(file)], loader: () => Promise.resolve(steps.map((step) => unitOf(step, schema))) }],
    });
  });
  if (!isComplete(await done(connections, schema))) throw unavailable(`cannot be opened: the migrations of the schema ${schema} did not run`, 'open');
}

const file = fileURLToPath(import.meta.url);

/** The tool wants to find files. It finds this one, and is given what stands in it. */
const thisFile = { dir: dirname(file), ignorePattern: `(?!${basename(file).replaceAll('.', '\\.')}$).*` };

/** The transaction is ours: the tool is to begin none. */
const unitOf = ({ name, sql }: Step, schema: string) => ({
  id: `${name}.sql`,
  filePaths: [],
  actions: {
    up: (builder: MigrationBuilder) => {
      builder.noTransaction();
      builder.sql(sql(`"${schema}"`));
    },
  },
});

/** Names of the migrations that have run. */
const done = async (connections: Connections, schema: string): Promise<readonly string[]> => {
  const { rows: [first] } = await connections.ask<Server>('open', "SELECT to_regclass($1) IS NOT NULL AS known, pg_is_in_recovery() AS standby, current_setting('server_encoding') AS encoding", [`"${schema}".migrations`]);
  if (first?.standby === true) throw unavailable('cannot be opened: it is a standby, which takes no writes. Point the connection to the primary', 'open');
  if (first?.encoding !== 'UTF8') throw unavailable('cannot be opened: the encoding of its database is not UTF8. Give another database', 'open');
  if (!first.known) return [];
  const { rows } = await connections.ask<{ name: string }>('open', `SELECT name FROM "${schema}".migrations ORDER BY id`, []);
  return rows.map(({ name }) => name);
};

interface Server {
  readonly known: boolean;
  readonly standby: boolean;
  readonly encoding: string;
}

/** @throws when a later version was here. */
const isComplete = (names: readonly string[]): boolean => {
  if (names.some((name) => !steps.some((step) => step.name === name))) {
    throw unavailable('cannot be opened: its tables are of a later version of callchart. Run that version, or give another schema', 'open');
  }
  return names.length === steps.length;
};

/** Asked of the table itself: `to_regnamespace` answers from a cache, which does not know yet what was made while we waited for the lock. */
const hasSchema = async (client: PoolClient, schema: string): Promise<boolean> => (await client.query('SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema])).rowCount === 1;

const loadRunner = async (): Promise<typeof import('node-pg-migrate')> => {
  try {
    return await import('node-pg-migrate');
  } catch (cause) {
    throw missing('node-pg-migrate', cause);
  }
};
