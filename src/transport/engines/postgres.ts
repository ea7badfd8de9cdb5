/**
 * PostgreSQL — the store of calls on a server, for bots that run on several machines.
 *
 * A commit is one statement, which changes the row if its revision is still the expected one, and is durable when it
 * resolves; no lock is held while JavaScript decides. Each is a transaction by itself, so a pooler may lend a connection for
 * one at a time. Records are text and never `jsonb`, which orders keys anew and would not give back the same bytes.
 *
 * Claims are made and compared by the server's clock, so that no two clocks are.
 *
 * @module
 */
import { CallError } from '../../errors.ts';
import { connectTo } from './postgres-connections.ts';
import { prepareSchema } from './postgres-migrations.ts';
import { escaped, idOf, rowOf, unescaped } from './postgres-text.ts';
import type { CallStore, DueCall } from './store.ts';

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`; `PGHOST`, `PGUSER` and the others of its clients count where it says nothing. */
  readonly url?: string;
  /** What a pool of the npm package `pg` takes besides: `ssl`, say, or a `password` that is a function. */
  readonly connection?: object;
  /** The schema that holds the tables, made if absent: small letters, digits and `_`. Default `callchart`. */
  readonly schema?: string;
  /** The most connections at once. Default 10. */
  readonly poolSize?: number;
  /** How long a statement may take, the wait for a connection included, before it rejects, ms. A commit may be carried out yet: load the record to know. Default 3,000. */
  readonly timeoutMs?: number;
  /** Whether tables are made and brought to this version when the store is opened. Default true. */
  readonly migrate?: boolean;
}

/** Opens the store, or rejects with `ERR_STORE_UNAVAILABLE`, reason `open`, and a message that says what to do. Neither it nor any other error names the connection. */
export async function postgresStore(options: PostgresStoreOptions): Promise<CallStore> {
  const { url, connection, schema = 'callchart', poolSize = 10, timeoutMs = 3_000, migrate = true } = checked(options);
  const connections = await connectTo({ url, connection, poolSize, timeoutMs });
  try {
    await prepareSchema(connections, schema, migrate);
  } catch (error) {
    await connections.close();
    throw error;
  }
  const { ask } = connections;
  const { load, insert, update, due, claim, release, list, expire } = statementsFor(`"${schema}".records`);

  return {
    async load(id) {
      const { rows: [row] } = await ask<RecordRow>('read', load, [rowOf(id).key], 'load');
      return row && {
        revision: row.revision,
        text: unescaped(row.record),
        ...(row.due_at !== null && { dueAt: row.due_at }),
        ...(row.expires_at !== null && { expiresAt: row.expires_at }),
      };
    },

    async commit(id, expected, { revision, text, dueAt, expiresAt }) {
      const { key, longId } = rowOf(id);
      const values = [revision, escaped(text), time(dueAt), time(expiresAt), key];
      const { rowCount } = expected === 0 ? await ask('write', insert, [...values, longId], 'insert') : await ask('write', update, [...values, expected], 'update');
      return rowCount === 1;
    },

    async due(until, limit, after, prefix = '') {
      const { rows } = await ask<DueRow>('read', due, [until, ...startOf(after), limit, ...rangeOf(prefix)]);
      return rows.map(dueCall);
    },

    async claim(callIds, until, forMs) {
      const { rows } = await ask<KeyRow>('write', claim, [callIds.map(keyOf), until, forMs]);
      return rows.map(idIn);
    },

    async release(callIds) {
      await ask('write', release, [callIds.map(keyOf)]);
    },

    async list(prefix, limit, after) {
      const { rows } = await ask<KeyRow>('read', list, [...rangeOf(prefix), after === undefined ? null : keyOf(after), limit]);
      return rows.map(idIn);
    },

    async expire(now, limit) {
      const { rowCount } = await ask('write', expire, [now, limit]);
      return rowCount ?? 0;
    },

    close: () => connections.close(),
  };
}

interface KeyRow {
  readonly key: string;
  readonly long_id: string | null;
}

interface DueRow extends KeyRow {
  readonly due_at: number;
}

interface RecordRow {
  readonly revision: number;
  readonly record: string;
  readonly due_at: number | null;
  readonly expires_at: number | null;
}

/** What the store says to the server. A row that another works on is passed over where it would be taken away: it is looked at again in the next round. */
const statementsFor = (table: string) => ({
  load: `SELECT revision, record, due_at, expires_at FROM ${table} WHERE key = $1`,
  insert: `INSERT INTO ${table} (revision, record, due_at, expires_at, key, long_id) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
  update: `UPDATE ${table} SET revision = $1, record = $2, due_at = $3, expires_at = $4, claimed_until = NULL WHERE key = $5 AND revision = $6`,
  due: `SELECT key, long_id, due_at FROM ${table} WHERE due_at <= $1 AND (due_at, key) > ($2, $3) AND key >= $5 AND key < $6 ORDER BY due_at, key LIMIT $4`,
  claim: `
    WITH found AS (
      SELECT key FROM ${table} WHERE key = ANY($1::text[]) AND due_at <= $2 AND (claimed_until IS NULL OR claimed_until <= ${serverNow}) FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE ${table} AS row SET claimed_until = ${serverNow} + $3 FROM found WHERE row.key = found.key RETURNING row.key, row.long_id, row.due_at
    ) SELECT key, long_id FROM claimed ORDER BY due_at, key`,
  release: `UPDATE ${table} SET claimed_until = NULL WHERE key = ANY($1::text[]) AND claimed_until IS NOT NULL`,
  list: `SELECT key, long_id FROM ${table} WHERE key >= $1 AND key < $2 AND ($3::text IS NULL OR key > $3) ORDER BY key LIMIT $4`,
  expire: `
    WITH gone AS (SELECT key FROM ${table} WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM ${table} AS row USING gone WHERE row.key = gone.key`,
});

/** Epoch ms by the server's clock. */
const serverNow = '(extract(epoch FROM clock_timestamp()) * 1000)::double precision';

/** −0 is 0. */
const time = (at: number | undefined): number | null => (at === undefined ? null : at + 0);

/** Where a page of due calls begins: after this row. */
const startOf = (after: DueCall | undefined): readonly [number, string] => (after === undefined ? [-Infinity, ''] : [after.dueAt, keyOf(after.callId)]);

/** The bounds of the keys of ids with this prefix: from the first, up to before the second. */
const rangeOf = (prefix: string): readonly [string, string] => [escaped(prefix), `${escaped(prefix)}\u{10ffff}`];

const keyOf = (id: string): string => rowOf(id).key;

const idIn = ({ key, long_id: longId }: KeyRow): string => idOf({ key, longId });

const dueCall = (row: DueRow): DueCall => ({ callId: idIn(row), dueAt: row.due_at });

/** @throws `ERR_OPTION_INVALID` */
const checked = (options: PostgresStoreOptions): PostgresStoreOptions => {
  const { schema = 'callchart', poolSize = 10, timeoutMs = 3_000 } = options;
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new CallError('ERR_OPTION_INVALID', 'option `schema` is a name of small letters, digits and _', { option: 'schema' });
  for (const [option, value] of Object.entries({ poolSize, timeoutMs })) {
    if (!Number.isInteger(value) || value < 1) throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` is a whole number above 0`, { option });
  }
  return options;
};
