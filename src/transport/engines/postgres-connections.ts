/**
 * Connections — to one PostgreSQL, bounded in number and in time.
 *
 * Whoever asks hears within `timeoutMs`, if only that there was no answer. The connection then keeps its place until the
 * server answers: it may be waiting there for its standby, holding its row, and a new connection would wait behind it.
 * After a time it is given up all the same, since the other end may be gone without a word. A server that is still there keeps what
 * we gave up, and another connection comes to it: so that time doubles with every round of them that was given up in a row, and a
 * server that hangs is met by `poolSize` statements, by twice as many after 10 × `timeoutMs`, three times after 30, four times
 * after 70, and never by more than about 1 + log₂(1 + time ÷ (10 × `timeoutMs`)) times as many. Nothing is cancelled: to cancel a commit
 * that waits for the standby makes it count without it.
 *
 * @module
 */
import type { Pool, PoolClient, PoolConfig, QueryResult, QueryResultRow } from 'pg';
import { CallError } from '../../errors.ts';
import { within } from '../within.ts';
import { type Doing, isOfNames, isWorthAnotherTry, postgresFailure, unavailable } from './postgres-failure.ts';

export interface ConnectionOptions {
  readonly url?: string | undefined;
  readonly connection?: object | undefined;
  readonly poolSize: number;
  readonly timeoutMs: number;
}

export interface Connections {
  /**
   * Runs one statement. Rejects with `ERR_STORE_UNAVAILABLE`. Under its `name` the server keeps it for the connection and need not
   * read and plan it again: half as many again of them a second. A pooler may lend another connection then, so behind one no name is used.
   */
  ask<Row extends QueryResultRow>(doing: Doing, text: string, values: readonly unknown[], name?: string): Promise<QueryResult<Row>>;
  /** Runs `work` in one transaction, which takes `forMs` at most; what it throws undoes it. */
  transaction<T>(forMs: number, work: (client: PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A connection whose statement nobody waits for any more is left to it this many times as long as somebody did, at first. */
const patience = 10;

/** The times that patience doubles at most: 10 × 3 s are 11 days then. A timer cannot be set for much longer. */
const mostDoublings = 15;
const longestTimer = 2 ** 31 - 1;

/** Opens none yet: the first is made when it is needed. */
export async function connectTo({ url, connection, poolSize, timeoutMs }: ConnectionOptions): Promise<Connections> {
  const { Pool } = await loadClient();
  const config: PoolConfig = { application_name: 'callchart', keepAlive: true, ...(url !== undefined && { connectionString: url }), ...connection, max: poolSize, connectionTimeoutMillis: timeoutMs };
  const pool: Pool = new Pool(config);
  // The statement that runs on a connection which breaks rejects, and the pool makes another: there is nobody else to tell.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const underway = new Set<Promise<unknown>>();
  const held = new Set<() => void>();
  let overdue = 0;
  /** How many connections were given up in a row, and when the last one was, and how long it had been left to itself. */
  let givenUp = 0;
  let last = { at: 0, afterMs: 0 };
  let closed = false;
  /** Whether statements have names; not known before the first connection. */
  let named: boolean | undefined;

  const isOpen = (doing: Doing): void => {
    if (closed) throw unavailable('is closed', doing);
    if (overdue >= poolSize) throw late(timeoutMs, doing);
  };

  /** Lends a connection to `work`. One on which anything failed is not lent again. */
  const lend = async <T>(isWanted: () => boolean, doing: Doing, forMs: number, work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let lent = true;
    const giveBack = (broken: boolean): void => {
      if (!lent) return;
      lent = false;
      clearTimeout(timer);
      held.delete(destroy);
      client.release(broken);
    };
    const destroy = (): void => giveBack(true);
    const afterMs = Math.min(patience * forMs * 2 ** Math.min(Math.ceil(givenUp / poolSize), mostDoublings), longestTimer);
    const giveUp = (): void => {
      givenUp += 1;
      last = { at: performance.now(), afterMs };
      destroy();
    };
    const timer = setTimeout(giveUp, afterMs);
    held.add(destroy);
    if (!isWanted()) {
      giveBack(false);
      throw late(forMs, doing);
    }
    try {
      const result = await work(client);
      // What reads, or changes nothing, is served by a server that waits for its standby too: it has to go well for a while.
      if (performance.now() - last.at > 2 * last.afterMs) givenUp = 0;
      giveBack(false);
      return result;
    } catch (error) {
      giveBack(true);
      throw error;
    }
  };

  /** Has `work` done with a connection, and waits for it for `forMs`. */
  const bounded = async <T>(doing: Doing, forMs: number, work: (client: PoolClient) => Promise<T>): Promise<T> => {
    isOpen(doing);
    let wanted = true;
    const isWanted = (): boolean => wanted;
    const once = (): Promise<T> => lend(isWanted, doing, forMs, work);
    const working = once().catch((error: unknown) => {
      if (isOfNames(error)) named = false;
      return wanted && (isOfNames(error) || isWorthAnotherTry(error)) ? once() : Promise.reject(error);
    });
    underway.add(working);
    const ended = (): boolean => underway.delete(working);
    working.then(ended, ended);
    try {
      return await within(working, forMs, () => late(forMs, doing));
    } catch (error) {
      wanted = false;
      if (underway.has(working)) {
        overdue += 1;
        const caughtUp = (): number => (overdue -= 1);
        working.then(caughtUp, caughtUp);
      }
      throw postgresFailure(error, doing);
    }
  };

  return {
    ask: <Row extends QueryResultRow>(doing: Doing, text: string, values: readonly unknown[], name?: string) =>
      bounded(doing, timeoutMs, async (client) => {
        if (name !== undefined) named ??= await isDirect(client);
        return client.query<Row>({ text, values: [...values], ...(name !== undefined && named === true && { name }) });
      }),

    transaction: (forMs, work) =>
      bounded('open', forMs, async (client) => {
        await client.query('BEGIN');
        const result = await work(client); // a connection that is given up takes what it began with it
        await client.query('COMMIT');
        return result;
      }),

    async close() {
      if (closed) return;
      closed = true;
      // What does not end by itself is broken off, and the end is silent.
      await within(Promise.allSettled(underway), timeoutMs, () => late(timeoutMs, 'write')).catch(() => {});
      for (const destroy of held) destroy();
      await within(pool.end(), timeoutMs, () => late(timeoutMs, 'write')).catch(() => {});
    },
  };
}

/** Whether nobody stands between: a pooler tells a number of its own in place of that of the server's process. */
const isDirect = async (client: PoolClient & { readonly processID?: number }): Promise<boolean> => (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid === client.processID;

const loadClient = async (): Promise<typeof import('pg').default> => {
  try {
    return (await import('pg')).default;
  } catch (cause) {
    throw missing('pg', cause);
  }
};

/** @throws always: the package that is not there, and how to have it. */
export const missing = (name: string, cause: unknown): CallError =>
  new CallError('ERR_STORE_UNAVAILABLE', `the npm package ${name} cannot be loaded, which calls in PostgreSQL need: npm install pg node-pg-migrate`, { reason: 'open' }, { cause });

const late = (timeoutMs: number, doing: Doing): CallError => unavailable(`has not answered for ${timeoutMs} ms: it cannot be reached, it is overloaded, or it waits for a standby that is away`, doing);
