/**
 * Restate — a server of Restate as an engine of the harness: applications that are empty, one address a mode for the processes
 * of each, and what the server has on record, by its own queries.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { restateDocuments } from 'callchart/transport';
import { readKept } from '../../src/transport/engines/restate/kept.ts';
import { namesOf } from '../../src/transport/engines/restate/messages.ts';
import { type RestateServer, startRestate, startRestateCluster } from '../servers/restate.ts';
import { startBalancer } from './balancer.ts';
import type { EngineKind, Looked, RestateSpec } from './engines.ts';
import { type Mode, modes } from './services.ts';

/** So long a query is tried again, ms: what is kept is moved about while nodes of a cluster come and go, and is nowhere for a moment. */
const movedWithinMs = 20_000;

/** What the server is asked in SQL; every value is text. It refuses while parts are moved, or breaks off in its answer. */
const asking = (admin: string) => async (query: string): Promise<readonly Readonly<Record<string, string>>[]> => {
  for (const until = Date.now() + movedWithinMs; ; await sleep(200)) {
    try {
      const response = await fetch(`http://${admin}/query`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify({ query }), signal: AbortSignal.timeout(20_000) });
      const text = await response.text();
      if (response.ok) return (JSON.parse(text) as { readonly rows: readonly Readonly<Record<string, string>>[] }).rows;
      throw new Error(`the query was answered with ${response.status}: ${text.slice(0, 500)}`);
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Starts a server, of which each engine is an application of its own. */
export const restateKind = async (): Promise<EngineKind> => {
  const server = await startRestate();
  return {
    name: 'restate',
    without: ['loaded', 'committing', 'committed', 'writing a document', 'wrote a document', 'found due', 'claiming', 'claimed', 'gave back', 'counting', 'counted', 'forgetting', 'finding one dead', 'found one dead'],
    make: async () => {
      const application = await applicationOn([server]);
      return { ...application, kill: () => server.kill(), restart: () => server.restart(), heals: () => answersFor(application.spec.name, [server]) };
    },
    cluster: async () => {
      const servers = await startRestateCluster();
      const application = await applicationOn(servers);
      const [first] = servers;
      return {
        ...application, kill: () => first!.kill(), restart: () => first!.restart(), heals: () => answersFor(application.spec.name, servers.filter(({ pid }) => pid !== undefined)),
        close: async () => {
          await application.close();
          for (const one of servers) await one.stop();
        },
      };
    },
    close: () => server.stop(),
  };
};

let applications = 0;

/** An application that is new on `servers`, which are one cluster where there are several. */
const applicationOn = async (servers: readonly RestateServer[]) => {
  const name = `Faults${(applications += 1)}`;
  const addresses = new Map(await Promise.all(modes.map(async (mode) => [mode, await startBalancer()] as const)));
  const admin = servers.at(-1)!.admin;
  const spec: RestateSpec = { ingresses: servers.map(({ ingress }) => `http://${ingress}`), admin: `http://${admin}`, name, shared: Object.fromEntries([...addresses].map(([mode, { url }]) => [mode, url])) as Record<Mode, string> };
  return {
    spec, store: looked(name, admin), underWay: underWay(name, admin),
    joins: (who: string, ports: Readonly<Record<Mode, number>>) => {
      for (const [mode, address] of addresses) address.add(who, ports[mode]);
    },
    leaves: (who: string) => {
      for (const address of addresses.values()) address.remove(who);
    },
    close: async () => {
      for (const address of addresses.values()) await address.close();
    },
  };
};

/** What is on record of an application: calls by the keys that stores have for them. */
const looked = (name: string, admin: string): Looked => {
  const ask = asking(admin);
  const of = (key: string): readonly [service: string, callId: string] => [namesOf(name, key.slice(0, key.indexOf(':'))).call, key.slice(key.indexOf(':') + 1)];
  return {
    load: async (key) => {
      const [service, callId] = of(key);
      const [row] = await ask(`SELECT value_utf8 FROM state WHERE service_name = ${quoted(service)} AND service_key = ${quoted(callId)} AND key = 'call'`);
      return row && readKept(row['value_utf8'] ?? '');
    },
    list: async (prefix) => (await ask(`SELECT DISTINCT service_key FROM state WHERE service_name = ${quoted(of(prefix)[0])}`)).map((row) => row['service_key'] ?? ''),
    due: async () => [], // what is due is a message, and of a call that is forgotten it finds nothing
  };
};

/** What the server has under way for a call: each of its invocations, and of its tasks', with how it stands. */
const underWay = (name: string, admin: string) => async (callId: string): Promise<readonly string[]> => {
  const ask = asking(admin);
  const kept = await ask(`SELECT value_utf8 FROM state WHERE service_name LIKE ${quoted(`${name}Call_%`)} AND service_key = ${quoted(callId)} AND key = 'call'`);
  const tasks = kept.flatMap((row) => Object.values(readKept(row['value_utf8'] ?? '').tasks)).map(quoted);
  const rows = await ask(`SELECT CAST(target AS VARCHAR) AS target, CAST(status AS VARCHAR) AS status, CAST(retry_count AS VARCHAR) AS tries, CAST(last_start_at AS VARCHAR) AS started, CAST(next_retry_at AS VARCHAR) AS next, last_failure AS failure FROM sys_invocation WHERE (target_service_name LIKE ${quoted(`${name}%`)} AND target_service_key = ${quoted(callId)})${tasks.length === 0 ? '' : ` OR id IN (${tasks.join(', ')})`}`);
  return rows.map(({ target, status, tries, started, next, failure }) => `under way: ${target} is ${status}, tried ${tries ?? 0} times, last begun ${started ?? 'never'}, next ${next ?? 'never'}${failure === undefined || failure === null ? '' : `: ${failure.slice(0, 300)}`}`);
};

/** Documents enough that each part of what the servers keep has some. */
const probes = Array.from({ length: 24 }, (_, index) => `probe ${index}`);

/** Resolves when `servers` answer for everything, also for what was another's. */
const answersFor = async (name: string, servers: readonly RestateServer[]): Promise<void> => {
  const stores = await Promise.all(servers.map(({ ingress }) => restateDocuments({ ingress: `http://${ingress}`, name })));
  for (;;) {
    const asked = stores.flatMap((store) => probes.map((key) => within(1_000, store.load(key))));
    if ((await Promise.all(asked)).every(Boolean)) return;
    await sleep(50);
  }
};

/** Whether `work` is done within `ms`. */
const within = (ms: number, work: Promise<unknown>): Promise<boolean> => Promise.race([work.then(() => true, () => false), sleep(ms, false, { ref: false })]);
