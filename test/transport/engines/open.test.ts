import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lmdbStore } from '../../../src/transport/engines/lmdb.ts';
import { openKeeping, openStore } from '../../../src/transport/engines/open.ts';
import { freePort } from '../../servers/postgres.ts';
import { failureOf } from './kit.ts';

describe('the setting CALLCHART_STORE names a store', () => {
  it('memory is one that the process keeps', async () => {
    const store = await openStore('memory');
    expect(await store.commit('a', 0, { revision: 1, text: 'one' })).to.equal(true);
    expect(await store.load('a')).to.deep.equal({ revision: 1, text: 'one' });
    await store.close();
  });

  it('lmdb and a folder is one on disk, made if the folder is not there', async () => {
    const base = await mkdtemp(join(tmpdir(), 'callchart-open-'));
    const folder = join(base, 'with a.dot', 'and:colon');
    const store = await openStore(`lmdb:${folder}`);
    expect(await store.commit('a', 0, { revision: 1, text: 'one' })).to.equal(true);
    expect((await stat(join(folder, 'data.mdb'))).isFile()).to.equal(true);
    await store.close();
    await rm(base, { recursive: true });
  });

  it('lmdb may say what a commit survives, and a folder may have a question mark in its name all the same', async () => {
    const base = await mkdtemp(join(tmpdir(), 'callchart-open-'));
    for (const [spec, folder, durability] of [
      ['fast?durability=process', 'fast', 'process'],
      ['safe?durability=flushed', 'safe', 'flushed'],
      ['what?', 'what?', 'flushed'],
      ['who? me', 'who? me', 'flushed'],
      ['a?b=c/calls', 'a?b=c/calls', 'flushed'],
      ['d?e=f?durability=process', 'd?e=f', 'process'],
    ] as const) {
      await (await openStore(`lmdb:${join(base, spec)}`)).close();
      await (await lmdbStore({ folder: join(base, folder), durability })).close();
    }
    expect(await readdir(base)).to.have.members(['fast', 'safe', 'what?', 'who? me', 'a?b=c', 'd?e=f']);
    await rm(base, { recursive: true });
  });

  it('an option of lmdb that does not exist, and a durability that is none, are refused before a folder is made', async () => {
    const base = await mkdtemp(join(tmpdir(), 'callchart-open-'));
    for (const [option, rule] of [
      ['durabilty=process', /durability=process/],
      ['durability=Process', /'flushed' or 'process'/],
      ['durability=', /'flushed' or 'process'/],
      ['mapSize=1', /durability=process/],
    ] as const) {
      const failure = await failureOf(openStore(`lmdb:${join(base, 'calls')}?${option}`));
      expect(failure.code).to.equal('ERR_OPTION_INVALID');
      expect(failure.message).to.match(rule).and.to.match(/^CALLCHART_STORE/);
    }
    expect((await failureOf(openStore('lmdb:?durability=process'))).message).to.match(/lmdb:<folder>/);
    expect(await readdir(base)).to.deep.equal([]);
    await rm(base, { recursive: true });
  });

  it('postgres and an address is one on a server; one that is not there is told without the password', async () => {
    const port = await freePort();
    for (const scheme of ['postgres', 'postgresql']) {
      const failure = await failureOf(openStore(`${scheme}://bot:secret@127.0.0.1:${port}/calls`));
      expect(failure).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'open' });
      expect(failure.message).to.match(/PostgreSQL cannot be opened: nothing listens/).and.not.to.match(/secret/);
    }
  });

  it('restate is an engine and no store: for what opens a store it is refused, and for a server its settings are named where one is wrong', async () => {
    expect((await failureOf(openStore('restate://localhost:8080'))).message).to.match(/no store that can be opened/).and.to.match(/lmdb:<folder>/);
    for (const [setting, environment] of [
      ['CALLCHART_RESTATE_LISTEN', { CALLCHART_RESTATE_LISTEN: '9080' }],
      ['CALLCHART_RESTATE_IDENTITY_KEYS', { CALLCHART_RESTATE_LISTEN: '0.0.0.0:9080' }],
      ['CALLCHART_RESTATE_ADMIN', { CALLCHART_RESTATE_ADMIN: 'secret' }],
      ['CALLCHART_RESTATE_ENDPOINT', { CALLCHART_RESTATE_ENDPOINT: 'secret' }],
      ['CALLCHART_RESTATE_NAME', { CALLCHART_RESTATE_NAME: 'a secret' }],
    ] as const) {
      const failure = await failureOf(openKeeping('restate://localhost:8080', environment));
      expect(failure.code).to.equal('ERR_OPTION_INVALID');
      expect(failure.message).to.include(setting).and.not.to.match(/secret|option/);
    }
    expect((await failureOf(openKeeping('restate://bot:secret@localhost:8080', {}))).message).to.include('CALLCHART_STORE').and.not.to.include('secret');
  });

  it('restate without a port, or with more than a host and a port, is told as it is to be written', async () => {
    for (const spec of ['restate://127.0.0.1', 'restate://127.0.0.1:28081/x', 'restate://127.0.0.1:28081?x', 'restate://:8080', 'restate://127.0.0.1:99999', 'restate://']) {
      const failure = await failureOf(openKeeping(spec, {}));
      expect(failure.code, spec).to.equal('ERR_OPTION_INVALID');
      expect(failure.message, spec).to.match(/CALLCHART_STORE is not 'restate:\/\/host:port'/).and.not.to.include('http');
    }
  });

  it('a password that is not percent-encoded is told so, and not what it is', async () => {
    for (const spec of ['postgres://bot:sec#ret@localhost/calls', 'postgres://bot:sec/ret@localhost/calls', 'postgres://bot:sec?ret@localhost/calls', 'postgres://bot:12#ret@localhost/calls', 'postgresql://bot:12/ret@localhost/calls']) {
      const failure = await failureOf(openStore(spec));
      expect(failure.code, spec).to.equal('ERR_OPTION_INVALID');
      expect(failure.message, spec).to.match(/CALLCHART_STORE .*percent-encoded, as %23 %2F/).and.not.to.match(/sec|ret|12/);
    }
    const port = await freePort();
    expect((await failureOf(openStore(`postgres://bot:sec%23ret%2F@127.0.0.1:${port}/calls`))).message).to.match(/nothing listens/);
  });

  it('a server that misspells it hears of Restate too', async () => {
    const failure = await failureOf(openKeeping('mysql://bot:secret@localhost/calls', {}));
    expect(failure.message).to.include("or 'restate://host:port'").and.not.to.include('secret');
  });

  it('anything else is refused with the words that would do', async () => {
    for (const spec of ['', 'Memory', 'memory ', 'lmdb', 'lmdb:', 'redis://secret@x', '/var/calls', 'xpostgres://secret@x', 'postgres:secret@x', 'postgres://']) {
      const failure = await failureOf(openStore(spec));
      expect(failure.code).to.equal('ERR_OPTION_INVALID');
      expect(failure.message).to.match(/'memory' nor 'lmdb:<folder>'/).and.not.to.match(/secret/);
    }
  });
});
