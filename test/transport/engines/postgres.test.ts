/** Calls in PostgreSQL: the promises of every store and engine, what fails and how it is told, migrations, and a pooler in between. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';
import pg from 'pg';
import { callMachine, hangup, recognize } from 'callchart';
import { embeddedEngine, gatherBots, silentLog, type CallStore, type Engine } from 'callchart/transport';
import { postgresStore, type PostgresStoreOptions } from '../../../src/transport/engines/postgres.ts';
import { escaped, idOf, rowOf, unescaped } from '../../../src/transport/engines/postgres-text.ts';
import { needsPgbouncer, type Pooler, startPgbouncer } from '../../servers/pgbouncer.ts';
import { freePort, needsPostgres, ownFolder, owner, password, type PostgresServer, startPostgres } from '../../servers/postgres.ts';
import { type Relay, relayTo } from '../../servers/relay.ts';
import { answerOf, stubService, until } from '../rig.ts';
import { describeEngine, storesOf } from './engine-kit.ts';
import { describeStore, failureOf, oddStrings } from './kit.ts';

const run = promisify(execFile);

describe('calls in PostgreSQL', function () {
  this.timeout(60_000);
  let server: PostgresServer;
  let schemas = 0;
  before(async function () {
    needsPostgres(this);
    server = await startPostgres();
  });
  after(() => server?.stop());

  const newSchema = (): string => `calls_${(schemas += 1)}`;
  const opened: CallStore[] = [];
  const open = async (options: Partial<PostgresStoreOptions> = {}): Promise<CallStore> => {
    const store = await postgresStore({ url: server.url, schema: newSchema(), ...options });
    opened.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  describeStore('PostgreSQL', async () => {
    const store = await postgresStore({ url: server.url, schema: newSchema() });
    return { store, dispose: () => store.close() };
  });

  describeEngine('the engine over PostgreSQL', storesOf(async () => {
    const schema = newSchema();
    return { open: () => postgresStore({ url: server.url, schema, poolSize: 3 }), dispose: async () => {} };
  }));

  describe('a record stands in its row as it is', () => {
    it('JSON, which a record is, is written to the letter: it can be read and searched by hand', async () => {
      const schema = newSchema();
      const store = await open({ schema });
      const text = JSON.stringify({ z: 1, a: 'où ça? 📞 \u0000 \ud83d' });
      await store.commit('botframework:call-1', 0, { revision: 1, text });
      expect(await server.sql(`SELECT key, record FROM ${schema}.records`)).to.equal(`botframework:call-1|${text}`);
      await store.commit('botframework:call-2', 0, { revision: 1, text: '{"said":"où ça?"}' });
      expect(await server.sql(`SELECT record::json->>'said' FROM ${schema}.records WHERE key = 'botframework:call-2'`)).to.equal('où ça?');
    });

    it('any string comes back, also one that looks as if it had been escaped', () => {
      for (const text of [...oddStrings, '\ue000', '\ue0000000', '\ue000#', escaped('\0'), escaped(escaped('\ud83d'))]) {
        expect(unescaped(escaped(text)) === text).to.equal(true);
        expect(idOf(rowOf(text)) === text).to.equal(true);
        expect(Buffer.byteLength(rowOf(text).key)).to.be.below(2_000);
      }
      expect(escaped('a"\\\u2028📞é')).to.equal('a"\\\u2028📞é');
    });

    it('long ids are told apart by their ends, and are listed with the others', async () => {
      const store = await open();
      const ids = ['1', '2'].map((end) => `svc:${'x'.repeat(3_000)}${end}`);
      for (const id of ids) await store.commit(id, 0, { revision: 1, text: id });
      expect((await store.list('svc:', 10)).slice().sort()).to.deep.equal(ids);
      expect(await store.list('svc:', 10, (await store.list('svc:', 1))[0])).to.have.length(1);
    });

    it('a commit that leaves the times as they are touches no index', async () => {
      const schema = newSchema();
      const store = await open({ schema });
      for (let revision = 0; revision < 40; revision += 1) await store.commit('a', revision, { revision: revision + 1, text: 'x'.repeat(1_400), dueAt: 5 });
      await store.close();
      await until(async () => (await server.sql(`SELECT n_tup_upd FROM pg_stat_user_tables WHERE schemaname = '${schema}' AND relname = 'records'`)) === '39');
      expect(await server.sql(`SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE schemaname = '${schema}' AND relname = 'records'`)).to.equal('39');
    });
  });

  describe('what fails is told in time, with a reason, and without the connection', () => {
    const timeoutMs = 700;
    let relay: Relay;
    beforeEach(async () => {
      relay = await relayTo(server.port);
    });
    afterEach(() => relay.close());

    const through = (): string => server.url.replace(String(server.port), String(relay.port));

    /** The failure, which comes within a bounded time and tells nothing of the connection. */
    const refusal = async (asked: Promise<unknown>, withinMs = timeoutMs + 500) => {
      const from = performance.now();
      const failure = await failureOf(asked);
      expect(performance.now() - from, 'it comes in time').to.be.below(withinMs);
      expect(failure.code).to.equal('ERR_STORE_UNAVAILABLE');
      expect(failure.message).not.to.include(password).and.not.to.match(/postgres:\/\/|postgresql:|127\.0\.0\.1/);
      return failure;
    };

    it('nothing listens', async () => {
      const { reason, message } = await refusal(postgresStore({ url: `postgres://bot:${password}@127.0.0.1:${await freePort()}/calls` }));
      expect([reason, message]).to.deep.equal(['open', 'the store of calls in PostgreSQL cannot be opened: nothing listens at its address (ECONNREFUSED)']);
    });

    it('a password, a database or an address that is wrong', async () => {
      for (const [url, rule] of [
        [`postgres://postgres:${password}x@127.0.0.1:${server.port}/postgres`, /refuses the user or the password \(28P01\)/],
        [`postgres://postgres@127.0.0.1:${server.port}/postgres`, /asks for a password/],
        [`postgres://postgres:${password}@127.0.0.1:${server.port}/nowhere`, /no such database \(3D000\)/],
        [`postgres://postgres:${password}@127.0.0.1:${server.port}/postgres?sslmode=verify-full`, /cannot be made secure/],
        [`postgres://postgres:${password}@127.0.0.1:99999/postgres`, /its host or its port .* is none.*\(ERR_INVALID_URL\)/],
        [`postgres://postgres:${password}@127.0.0.1:${server.port}/postgres?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`, /a file that the connection's settings name.*cannot be read \(ENOENT\)/],
        [`postgres://postgres:${password}@/postgres?host=/nowhere`, /nothing listens on its socket \(ENOENT\)/],
      ] as const) {
        const { reason, message } = await refusal(postgresStore({ url, timeoutMs }));
        expect(message).to.match(rule);
        expect(reason).to.equal('open');
      }
    });

    it('the server dies: what is asked is refused at once, nothing ends the process, and with the server the store is back', async () => {
      const own = await startPostgres();
      try {
        const store = await open({ url: own.url, timeoutMs });
        await Promise.all(Array.from({ length: 10 }, (_, index) => store.commit(`call ${index}`, 0, { revision: 1, text: 'one' }))); // connections lie idle
        await own.kill();
        expect((await refusal(store.load('call 1'))).reason).to.equal('read');
        expect((await refusal(store.commit('call 1', 1, { revision: 2, text: 'two' }))).reason).to.equal('write');
        await own.restart();
        await until(() => store.load('call 1').then(() => true, () => false));
        expect(await store.load('call 1')).to.deep.equal({ revision: 1, text: 'one' });
        expect(await store.commit('call 1', 1, { revision: 2, text: 'two' })).to.equal(true);
      } finally {
        await own.stop();
      }
    });

    it('the answer to a commit is lost: it may have been carried out, and was', async () => {
      const schema = newSchema();
      const store = await open({ url: through(), schema, poolSize: 1 });
      await store.commit('a', 0, { revision: 1, text: 'one' });
      relay.hold('answers');
      const writing = refusal(store.commit('a', 1, { revision: 2, text: 'two' }));
      await until(async () => (await server.sql(`SELECT revision FROM ${schema}.records`)) === '2');
      relay.cut();
      expect((await writing).reason).to.equal('write');
      relay.release();
      expect(await store.load('a')).to.deep.equal({ revision: 2, text: 'two' });
    });

    it('the server hangs: who asks hears in time, others at once, connections are not heaped up, and it goes on where it was', async () => {
      const store = await open({ url: through(), timeoutMs, poolSize: 2 });
      await store.commit('a', 0, { revision: 1, text: 'one' });
      await Promise.all([store.load('a'), store.load('a')]); // both connections are there
      relay.hold();
      const [reading, writing] = await Promise.all([refusal(store.load('a')), refusal(store.commit('a', 1, { revision: 2, text: 'two' }))]);
      expect([reading.reason, writing.reason]).to.deep.equal(['read', 'write']);
      expect(reading.message).to.match(/has not answered for 700 ms/);
      await refusal(store.load('a'), 50);
      relay.release();
      await until(() => store.load('a').then((found) => found?.text === 'two', () => false)); // the late commit counts
      expect(Number(await server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'callchart'"))).to.be.at.most(2);
    });

    it('a line that went dead without a word is given up after a while, and new connections are made', async () => {
      const store = await open({ url: through(), timeoutMs: 150, poolSize: 1 });
      await store.commit('a', 0, { revision: 1, text: 'one' });
      relay.hold();
      await refusal(store.load('a'));
      relay.spare();
      const from = performance.now();
      await refusal(store.load('a'), 100);
      await until(() => store.load('a').then(() => true, () => false));
      expect(performance.now() - from).to.be.within(1_000, 5_000);
    });

    it('the standby that has to have it is away: the commit is refused and not seen, and counts when the standby is done without', async () => {
      const store = await open({ timeoutMs });
      await store.commit('a', 0, { revision: 1, text: 'one' });
      await server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
      try {
        await server.sql('SELECT pg_reload_conf()');
        await until(async () => (await server.sql('SHOW synchronous_standby_names')) === 'nobody');
        expect(await refusal(store.commit('a', 1, { revision: 2, text: 'two' }))).to.include({ reason: 'write' }).and.property('message').match(/waits for a standby/);
        expect(await store.load('a')).to.deep.equal({ revision: 1, text: 'one' });
        expect((await refusal(store.commit('a', 1, { revision: 2, text: 'other' }))).reason, 'it stands behind the first').to.equal('write');
      } finally {
        await server.sql('ALTER SYSTEM RESET synchronous_standby_names');
        await server.sql('SELECT pg_reload_conf()');
      }
      await until(async () => (await store.load('a'))?.revision === 2);
      expect(await store.load('a')).to.deep.equal({ revision: 2, text: 'two' });
    });

    it('its standby stays away: what is given up there comes to more and more seldom, and reading goes on', async () => {
      const store = await open({ timeoutMs: 60, poolSize: 2 });
      await store.commit('a', 0, { revision: 1, text: 'one' });
      await server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
      const waiting = async (): Promise<number> => Number(await server.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"));
      try {
        await server.sql('SELECT pg_reload_conf()');
        await until(async () => (await server.sql('SHOW synchronous_standby_names')) === 'nobody');
        let served = 0;
        for (const from = performance.now(), patienceMs = 600; performance.now() - from < 5.5 * patienceMs; ) {
          const tried = `new ${performance.now()}`;
          await Promise.all([store.commit(tried, 0, { revision: 1, text: 'one' }).catch(() => false), store.load('a').then(() => (served += 1), () => undefined)]);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        expect(await waiting(), 'after more than five patiences').to.be.within(2, 6);
        expect(served).to.be.above(0);
      } finally {
        await server.sql('ALTER SYSTEM RESET synchronous_standby_names');
        await server.sql('SELECT pg_reload_conf()');
      }
      await until(() => store.commit('b', 0, { revision: 1, text: 'two' }).then(() => true, () => false));
    });

    it('somebody holds the row: one call waits and is refused, the others go on', async () => {
      const schema = newSchema();
      const store = await open({ schema, timeoutMs });
      await store.commit('a', 0, { revision: 1, text: 'one' });
      const other = new pg.Client(server.url);
      await other.connect();
      await other.query(`BEGIN; SELECT * FROM ${schema}.records WHERE key = 'a' FOR UPDATE`);
      const stuck = refusal(store.commit('a', 1, { revision: 2, text: 'two' }));
      expect(await store.commit('b', 0, { revision: 1, text: 'one' })).to.equal(true);
      expect((await stuck).reason).to.equal('write');
      expect(await store.load('a')).to.deep.equal({ revision: 1, text: 'one' });
      await other.end();
      await until(async () => (await store.load('a'))?.revision === 2);
    });

    it('the role has no connection left, may not write, or has a limit of its own on statements', async () => {
      const schema = newSchema();
      await open({ schema });
      await server.sql(`CREATE ROLE ${schema} LOGIN PASSWORD '${password}'; GRANT USAGE ON SCHEMA ${schema} TO ${schema}; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${schema}; GRANT UPDATE, INSERT ON ${schema}.records TO ${schema}`);
      const url = server.url.replace('//postgres:', `//${schema}:`);
      const store = await open({ url, schema, poolSize: 2, timeoutMs });
      expect(await store.commit('a', 0, { revision: 1, text: 'one' })).to.equal(true);

      await server.sql(`ALTER ROLE ${schema} CONNECTION LIMIT 0`);
      expect(await refusal(postgresStore({ url, schema, timeoutMs }))).to.include({ reason: 'open' }).and.property('message').match(/no more connections.*\(53300\)/);
      await server.sql(`ALTER ROLE ${schema} CONNECTION LIMIT -1`);

      expect((await refusal(store.expire(1, 1))).message).to.match(/the role may not do this \(42501\)/);

      await server.sql(`ALTER ROLE ${schema} SET default_transaction_read_only = on; ALTER ROLE ${schema} SET statement_timeout = 100`);
      const standby = await open({ url, schema, timeoutMs });
      expect(await standby.load('a')).to.deep.equal({ revision: 1, text: 'one' });
      expect(await refusal(standby.commit('a', 1, { revision: 2, text: 'two' }))).to.include({ reason: 'write' }).and.property('message').match(/it is a standby.*\(25006\)/);

      await server.sql(`ALTER ROLE ${schema} RESET default_transaction_read_only`);
      const hurried = await open({ url, schema, timeoutMs: 5_000 });
      const other = new pg.Client(server.url);
      await other.connect();
      await other.query(`BEGIN; SELECT * FROM ${schema}.records WHERE key = 'a' FOR UPDATE`);
      expect(await refusal(hurried.commit('a', 1, { revision: 2, text: 'two' }), 2_000)).to.include({ reason: 'write' }).and.property('message').match(/statement_timeout \(57014\)/);
      await other.end();
    });

    it('a database whose transactions are serializable: a commit that another was in the way of is tried once more', async () => {
      const schema = newSchema();
      await open({ schema });
      await server.sql(`CREATE ROLE ${schema} SUPERUSER LOGIN PASSWORD '${password}'; ALTER ROLE ${schema} SET default_transaction_isolation = 'repeatable read'`);
      const store = await open({ url: server.url.replace('//postgres:', `//${schema}:`), schema });
      await store.commit('a', 0, { revision: 1, text: 'one' });
      const won = await Promise.all(['two', 'three'].map((text) => store.commit('a', 1, { revision: 2, text })));
      expect(won.filter((one) => one)).to.have.length(1);
    });

    it('the disk is full: the commit is refused, what was acknowledged is there, and with room it goes on', async function () {
      const disk = ownFolder();
      const user = owner();
      const mounted = user !== undefined && await run('mount', ['-t', 'tmpfs', '-o', `size=6m,uid=${user.uid},gid=${user.gid}`, 'tmpfs', disk]).then(() => true, () => false);
      if (!mounted) { // only root may make a small disk
        rmSync(disk, { recursive: true });
        return this.skip();
      }
      try {
        const schema = newSchema();
        const store = await open({ schema });
        await server.sql(`CREATE TABLESPACE ${schema} LOCATION '${disk}'`);
        await server.sql(`ALTER TABLE ${schema}.records SET TABLESPACE ${schema}`);
        const text = Array.from({ length: 30_000 }, (_, index) => ((index * 2_654_435_761) >>> 0).toString(36)).join('');
        let written = 0;
        const failure = await refusal((async () => {
          for (; written < 100; written += 1) await store.commit(`call ${written}`, 0, { revision: 1, text });
        })(), 30_000);
        expect(failure).to.include({ reason: 'full', message: 'the store of calls in PostgreSQL cannot be written: its disk is full (53100)' });
        expect(written).to.be.above(5);
        for (let call = 0; call < written; call += 1) expect((await store.load(`call ${call}`))?.text === text).to.equal(true);
        expect(await store.load(`call ${written}`)).to.equal(undefined);
        await run('mount', ['-o', 'remount,size=40m', disk]);
        expect(await store.commit(`call ${written}`, 0, { revision: 1, text })).to.equal(true);
        await store.close();
        await server.sql(`DROP SCHEMA ${schema} CASCADE`);
      } finally {
        await run('umount', ['-l', disk]);
        rmSync(disk, { recursive: true });
      }
    });

    it('options that cannot be are refused', async () => {
      for (const [options, option] of [[{ schema: 'a"b' }, 'schema'], [{ poolSize: 0 }, 'poolSize'], [{ timeoutMs: 1.5 }, 'timeoutMs']] as const) {
        const failure = await failureOf(postgresStore({ url: server.url, ...options }));
        expect(failure.code).to.equal('ERR_OPTION_INVALID');
        expect(failure.message).to.include(`\`${option}\``);
      }
    });
  });

  describe('the packages it needs', () => {
    it('that are not installed are named, with the command that installs them', async () => {
      const entry = new URL('../../../src/transport/engines/postgres.ts', import.meta.url).href;
      const module = (text: string): string => `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
      for (const absent of ['pg', 'node-pg-migrate']) {
        const hooks = `export const resolve = (name, context, next) => { if (name === '${absent}') throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context); };`;
        const register = `import { register } from 'node:module'; register('${module(hooks)}');`;
        const script = `const { postgresStore } = await import('${entry}'); await postgresStore({ url: process.env.URL, schema: process.env.SCHEMA }).catch((error) => console.log(error.code, error.details.reason, error.message));`;
        const { stdout } = await run(process.execPath, ['--import', 'tsx', '-C', '@callchart/source', '--import', module(register), '--input-type=module', '-e', script], { env: { ...process.env, URL: server.url, SCHEMA: newSchema() }, timeout: 50_000 });
        expect(stdout).to.equal(`ERR_STORE_UNAVAILABLE open the npm package ${absent} cannot be loaded, which calls in PostgreSQL need: npm install pg node-pg-migrate\n`);
      }
    });
  });

  describe('its tables', () => {
    it('are made once when ten nodes start at once, and a later start changes nothing', async () => {
      const schema = newSchema();
      await Promise.all(Array.from({ length: 10 }, () => open({ schema, poolSize: 2 })));
      expect(await server.sql(`SELECT count(*) FROM ${schema}.migrations`)).to.equal('1');
      const before = await server.sql(`SELECT * FROM ${schema}.migrations`);
      await open({ schema });
      expect(await server.sql(`SELECT * FROM ${schema}.migrations`)).to.equal(before);
    });

    it('may be made by one who may, for those who may not', async () => {
      const schema = newSchema();
      const failure = await failureOf(postgresStore({ url: server.url, schema, migrate: false }));
      expect(failure).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'open' });
      expect(failure.message).to.match(/Start one process that may migrate/);
      await server.sql(`CREATE ROLE ${schema} LOGIN PASSWORD '${password}'`);
      const url = server.url.replace('//postgres:', `//${schema}:`);
      expect((await failureOf(postgresStore({ url, schema }))).message).to.match(/may not do this \(42501\)/);
      await server.sql(`CREATE SCHEMA ${schema} AUTHORIZATION ${schema}`);
      const store = await open({ url, schema });
      expect(await store.commit('a', 0, { revision: 1, text: 'one' })).to.equal(true);
      expect(await (await open({ url, schema, migrate: false })).load('a')).to.deep.equal({ revision: 1, text: 'one' });
    });

    it('of a later version are left alone, and the refusal says what to do', async () => {
      const schema = newSchema();
      await open({ schema });
      await server.sql(`INSERT INTO ${schema}.migrations (name, run_on) VALUES ('0999_from_the_future', now())`);
      const failure = await failureOf(postgresStore({ url: server.url, schema }));
      expect(failure).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'open' });
      expect(failure.message).to.match(/later version of callchart. Run that version, or give another schema/);
    });

    it('are not made half: a table that is in the way stops it, and what was made is undone', async () => {
      const schema = newSchema();
      await server.sql(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.records (mine text)`);
      const failure = await failureOf(postgresStore({ url: server.url, schema }));
      expect(failure).to.include({ reason: 'open' });
      expect(failure.message).to.match(/tables already .* Give another schema.* \(42P07\)/);
      expect(await server.sql(`SELECT table_name FROM information_schema.tables WHERE table_schema = '${schema}'`)).to.equal('records');
    });

    it('are not made in a database of another encoding', async () => {
      const name = newSchema();
      await server.sql(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
      expect((await failureOf(postgresStore({ url: server.url.replace(/postgres$/, name) }))).message).to.match(/not UTF8/);
    });
  });

  describe('through a pooler that lends connections for one transaction', () => {
    let pooler: Pooler;
    before(async function () {
      needsPgbouncer(this);
      pooler = await startPgbouncer(server);
    });
    after(() => pooler?.stop());

    it('nodes that start at once make the tables once, and leave nothing behind on its connections', async () => {
      const schema = newSchema();
      await Promise.all(Array.from({ length: 6 }, () => open({ url: pooler.url, schema })));
      expect(await server.sql(`SELECT count(*) FROM ${schema}.migrations`)).to.equal('1');
      const client = new pg.Client(pooler.url);
      await client.connect();
      expect((await client.query<{ search_path: string }>('SHOW search_path')).rows[0]?.search_path).to.equal('"$user", public');
      expect((await client.query<{ held: string }>("SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory'")).rows[0]?.held).to.equal('0');
      await client.end();
    });

    it('three nodes of ten connections each share two, and each call is won once a revision', async () => {
      const schema = newSchema();
      const nodes = await Promise.all([1, 2, 3].map(() => open({ url: pooler.url, schema })));
      const increment = async (store: CallStore): Promise<void> => {
        for (;;) {
          const before = await store.load('sum');
          const revision = before?.revision ?? 0;
          if (await store.commit('sum', revision, { revision: revision + 1, text: String(Number(before?.text ?? '0') + 1), dueAt: revision })) return;
        }
      };
      await Promise.all(Array.from({ length: 30 }, (_, index) => increment(nodes[index % 3]!)));
      expect(await nodes[0]!.load('sum')).to.deep.equal({ revision: 30, text: '30', dueAt: 29 });
      expect(await nodes[1]!.claim!((await nodes[1]!.due(100, 5)).map(({ callId }) => callId), 100, 60_000)).to.have.length(1);
      expect(await nodes[2]!.claim!((await nodes[2]!.due(100, 5)).map(({ callId }) => callId), 100, 60_000)).to.have.length(0);
    });

    it('gives no statement a name, which the server would look for on another connection', async () => {
      const relay = await relayTo(Number(new URL(pooler.url).port));
      const store = await open({ url: pooler.url.replace(/:\d+\//, `:${relay.port}/`) });
      await store.commit('a', 0, { revision: 1, text: 'one' });
      await store.load('a');
      expect(relay.statements.length).to.be.above(2);
      expect([...relay.names]).to.deep.equal([]);
      await relay.close();
    });

    describeStore('PostgreSQL behind PgBouncer', async () => {
      const store = await postgresStore({ url: pooler.url, schema: newSchema() });
      return { store, dispose: () => store.close() };
    });
  });

  describe('an event costs', () => {
    let relay: Relay;
    before(async () => {
      relay = await relayTo(server.port);
    });
    after(() => relay?.close());

    const bot = callMachine('counting', {
      initial: 'ask',
      states: { ask: recognize({ prompt: 'Press 1.', choices: { again: '1', stop: '2' }, on: { again: { target: 'ask', reenter: true }, stop: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') },
    });

    it('no plan: what is said all the time has a name that the server knows it by; where it forgets the name it is said anew', async () => {
      const clients: pg.Client[] = [];
      class Kept extends pg.Client {
        constructor(...options: ConstructorParameters<typeof pg.Client>) {
          super(...options);
          clients.push(this);
        }
      }
      const own = await relayTo(server.port);
      const store = await open({ url: server.url.replace(String(server.port), String(own.port)), poolSize: 1, connection: { Client: Kept } });
      await store.commit('a', 0, { revision: 1, text: 'one' });
      await store.commit('a', 1, { revision: 2, text: 'two' });
      await store.load('a');
      expect([...own.names]).to.deep.equal(['insert', 'update', 'load']);
      await clients.at(-1)!.query('DEALLOCATE ALL');
      expect(await store.commit('a', 2, { revision: 3, text: 'three' })).to.equal(true);
      expect(await store.load('a')).to.deep.equal({ revision: 3, text: 'three' });
      expect([...own.names]).to.deep.equal(['insert', 'update', 'load']);
      await own.close();
    });

    it('one statement where the node has the call in its memory, as with sticky routing, and two where another had it', async () => {
      const schema = newSchema();
      const service = stubService({ replyWithinMs: 5_000 });
      const node = async (): Promise<Engine> => {
        const store = await open({ url: server.url.replace(String(server.port), String(relay.port)), schema });
        return embeddedEngine({ store, service, bots: gatherBots({ '/api/calls': bot }, service), log: silentLog, roundMs: 3_600_000 });
      };
      const [one, other] = [await node(), await node()];
      let latest = '';
      let events = 0;
      /** The statements that an event costs. */
      const cost = async (engine: Engine, event: (operationId: string) => object): Promise<readonly string[]> => {
        const from = relay.statements.length;
        const { body } = await engine.deliver({ arrival: { callId: 'call', eventId: `event ${(events += 1)}`, events: [event(latest) as never] }, chain: undefined, path: '/api/calls', bot: () => bot, deadlineAt: Date.now() + 5_000 });
        latest = answerOf(200, new Headers(), body).actions.at(-1)?.operationId ?? latest;
        return relay.statements.slice(from).map((statement) => statement.trim().split(' ')[0]!);
      };
      const rings = () => ({ type: 'call.incoming', call: { id: 'call', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } });
      const presses = (operationId: string) => ({ type: 'recognize.input', operationId, via: 'dtmf', input: { kind: 'choice', name: 'again' } });
      await until(async () => relay.statements.filter((statement) => /due_at <=|expires_at <=/.test(statement)).length >= 4); // both have looked for what is due
      for (const store of opened) await store.load('nothing'); // at the first, it is asked whether a pooler is in between
      expect(await cost(one, rings), 'a call that begins is looked for').to.deep.equal(['SELECT', 'INSERT']);
      expect(await cost(one, presses)).to.deep.equal(['UPDATE']);
      expect(await cost(one, presses)).to.deep.equal(['UPDATE']);
      expect(await cost(other, presses)).to.deep.equal(['SELECT', 'UPDATE']);
      expect(await cost(other, presses)).to.deep.equal(['UPDATE']);
      expect(await cost(one, presses), 'what it had in its memory is old: it knows no such question, cannot keep that it heard of it, looks, and takes it').to.deep.equal(['UPDATE', 'SELECT', 'UPDATE']);
      await Promise.all([one.close(), other.close()]);
    });
  });
});
