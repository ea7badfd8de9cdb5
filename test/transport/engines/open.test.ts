import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openStore } from '../../../src/transport/engines/open.ts';
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

  it('postgres and restate are not there yet, and the refusal says so without the password', async () => {
    for (const spec of ['postgres://bot:secret@db/calls', 'restate://localhost:8080']) {
      const failure = await failureOf(openStore(spec));
      expect(failure.code).to.equal('ERR_OPTION_INVALID');
      expect(failure.message).to.match(/does not have yet/).and.to.match(/lmdb:<folder>/).and.not.to.match(/secret/);
    }
  });

  it('anything else is refused with the words that would do', async () => {
    for (const spec of ['', 'Memory', 'memory ', 'lmdb', 'lmdb:', 'redis://secret@x', '/var/calls', 'xpostgres://secret@x']) {
      const failure = await failureOf(openStore(spec));
      expect(failure.code).to.equal('ERR_OPTION_INVALID');
      expect(failure.message).to.match(/'memory' nor 'lmdb:<folder>'/).and.not.to.match(/secret/);
    }
  });
});
