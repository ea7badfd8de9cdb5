/**
 * Failover (F7) — what is lost of acknowledged calls when the PostgreSQL that keeps them dies after the line to its standby was
 * cut, and the standby takes over: with asynchronous replication, and with a synchronous standby. On demand: `npm run failover`.
 */
import { expect } from 'chai';
import { type CallStore, embeddedEngine, gatherBots, postgresStore, silentLog } from 'callchart/transport';
import { isCallError } from '../../src/errors.ts';
import { counter } from '../helpers/counter-bot.ts';
import { needsPostgres, password, type PostgresServer, runProgram, startPostgres } from '../servers/postgres.ts';
import { relayTo } from '../servers/relay.ts';
import { answerOf, stubService, until } from '../transport/rig.ts';
import { failureOf } from '../transport/engines/kit.ts';

const callers = 16;
const eventsOfCall = 12;
/** How long calls go on before the line is cut, and after it, until the primary dies, ms. */
const [beforeMs, afterMs] = [2_000, 600];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls without end over two nodes, by a service that goes on only when it was answered. What it gives says how far each call had been acknowledged. */
const traffic = async (stores: readonly CallStore[]) => {
  const service = stubService({ replyWithinMs: 5_000 });
  const nodes = stores.map((store) => embeddedEngine({ store, service, bots: gatherBots({ '/api/calls': counter }, service), log: silentLog, roundMs: 3_600_000 }));
  const acknowledged = new Map<string, number>();
  let refused = 0;
  let over = false;
  const oneCall = async (id: string, node: (typeof nodes)[number]): Promise<void> => {
    let latest = '';
    for (let event = 0; event < eventsOfCall && !over; event += 1) {
      const told = event === 0 ? { type: 'call.incoming', call: { id, from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } } : { type: 'recognize.input', operationId: latest, via: 'dtmf', input: { kind: 'choice', name: 'up' } };
      const { body } = await node.deliver({ arrival: { callId: id, eventId: `${id} ${event}`, events: [told as never] }, chain: undefined, path: '/api/calls', bot: () => counter, deadlineAt: Date.now() + 5_000 });
      latest = answerOf(200, new Headers(), body).actions.at(-1)?.operationId ?? '';
      acknowledged.set(id, event + 1);
    }
  };
  const working = Promise.all(Array.from({ length: callers }, async (_, caller) => {
    for (let call = 0; !over; call += 1) {
      await oneCall(`call ${caller}-${call}`, nodes[caller % nodes.length]!).catch(async (error: unknown) => {
        if (!isCallError(error) || error.code !== 'ERR_STORE_UNAVAILABLE') throw error;
        refused += 1;
        await pause(20);
      });
    }
  }));
  return {
    acknowledged,
    stop: async (): Promise<number> => {
      over = true;
      await working;
      await Promise.all(nodes.map((node) => node.close()));
      return refused;
    },
  };
};

/** Lets the primary die after its line to the standby was cut, and gives what the standby knows of what was acknowledged. */
const failover = async (isSynchronous: boolean) => {
  const servers: PostgresServer[] = [];
  const stores: CallStore[] = [];
  const primary = await startPostgres({ settings: { wal_level: 'replica', max_wal_senders: '4' } });
  servers.push(primary);
  const line = await relayTo(primary.port);
  try {
    const standby = await startPostgres({ fill: async (data) => void (await runProgram('pg_basebackup', ['-D', data, '-R', '-X', 'stream', '--checkpoint=fast', '--no-sync', '-d', `host=127.0.0.1 port=${line.port} user=postgres password=${password} application_name=standby`])) });
    servers.push(standby);
    await until(async () => (await primary.sql('SELECT count(*) FROM pg_stat_replication')) === '1');
    if (isSynchronous) {
      await primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
      await primary.sql('SELECT pg_reload_conf()');
      await until(async () => (await primary.sql('SELECT sync_state FROM pg_stat_replication')) === 'sync');
    }
    for (let node = 0; node < 2; node += 1) stores.push(await postgresStore({ url: primary.url, timeoutMs: 1_000 }));
    expect((await failureOf(postgresStore({ url: standby.url }))).message).to.match(/it is a standby/);
    const calls = await traffic(stores);
    await pause(beforeMs);
    line.hold();
    const before = calls.acknowledged.size;
    await pause(afterMs);
    await primary.kill();
    const died = performance.now();
    await standby.sql('SELECT pg_promote()');
    const promotedMs = performance.now() - died;
    const refused = await calls.stop();
    const promoted = await postgresStore({ url: standby.url });
    stores.push(promoted);
    let [lost, lostEvents, events] = [0, 0, 0];
    for (const [id, acknowledged] of calls.acknowledged) {
      const known = (await promoted.load(`botframework:${id}`))?.revision ?? 0;
      events += acknowledged;
      if (known < acknowledged) [lost, lostEvents] = [lost + 1, lostEvents + acknowledged - known];
    }
    return { calls: calls.acknowledged.size, afterTheCut: calls.acknowledged.size - before, events, lost, lostEvents, refused, promotedMs };
  } finally {
    await Promise.all(stores.map((store) => store.close()));
    await line.close();
    for (const server of servers) await server.stop();
  }
};

describe('the PostgreSQL that keeps the calls dies, and its standby takes over, after the line between them was cut', function () {
  this.timeout(120_000);
  before(function () {
    needsPostgres(this);
  });

  const tell = (name: string, { calls, afterTheCut, events, lost, lostEvents, refused, promotedMs }: Awaited<ReturnType<typeof failover>>): void =>
    console.log(`      ${name}: ${calls} calls (${afterTheCut} begun after the cut), ${events} events acknowledged; lost ${lostEvents} events of ${lost} calls; ${refused} refused; promoted in ${Math.round(promotedMs)} ms`);

  it('asynchronous replication loses calls that were acknowledged', async () => {
    const outcome = await failover(false);
    tell('asynchronous', outcome);
    expect(outcome.lost, 'the control: without loss this test could not fail').to.be.above(0);
  });

  it('a synchronous standby has all that was acknowledged: what it could not have was refused', async () => {
    const outcome = await failover(true);
    tell('synchronous', outcome);
    expect(outcome.lost).to.equal(0);
    expect(outcome.events).to.be.above(100);
    expect(outcome.refused).to.be.above(0);
  });
});
