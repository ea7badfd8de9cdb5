import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lmdbStore } from '../../src/transport/index.ts';
import { runNext } from './run.ts';

describe('callchart calls backup', () => {
  let base: string;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'callchart-backup-'));
  });
  after(() => rm(base, { recursive: true }));

  it('copies a store while a process has it open, and the copy is a store', async () => {
    for (const [durability, more] of [['flushed', ''], ['process', '?durability=process']] as const) {
      const folder = join(base, durability);
      const store = await lmdbStore({ folder, durability });
      for (let call = 0; call < 20; call += 1) await store.commit(`twilio:${call}`, 0, { revision: 1, text: `call ${call}` });
      const to = join(base, `${durability} copied`);
      const { code, stdout, stderr } = await runNext(['calls', 'backup', '--store', `lmdb:${folder}${more}`, '--to', to]);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(/copied: 0\.\d MB, in \d+\.\d s\n$/);
      await store.close();
      const copy = await lmdbStore({ folder: to, durability });
      expect(await copy.list('twilio:', 100)).to.have.length(20);
      await copy.close();
      const again = await runNext(['calls', 'backup', '--store', `lmdb:${folder}${more}`, '--to', to]);
      expect(again.code).to.not.equal(0);
      expect(again.stderr).to.match(/there is something in .* already: give a folder that is not there yet/);
    }
  });

  it('says as JSON how large the copy is, and takes the store of the environment', async () => {
    const folder = join(base, 'of the environment');
    await (await lmdbStore({ folder })).close();
    const { stdout } = await runNext(['calls', 'backup', '--to', join(base, 'json'), '--json'], { env: { CALLCHART_STORE: `lmdb:${folder}` } });
    const { bytes, ...told } = JSON.parse(stdout) as { readonly bytes: number; readonly folder: string };
    expect(told.folder).to.equal(join(base, 'json'));
    expect(bytes).to.be.above(4_096);
  });

  it('makes no store where there is none, and says what is missing', async () => {
    const before = await readdir(base);
    for (const [args, rule] of [
      [['--store', `lmdb:${join(base, 'nowhere')}`, '--to', join(base, 'to')], /there is no store of calls in/],
      [['--store', `lmdb:${join(base, 'of the environment')}`], /--to/],
      [['--store', `lmdb:${join(base, 'of the environment')}?durabilty=process`, '--to', join(base, 'to')], /durability=process/],
      [['one', '--store', `lmdb:${join(base, 'of the environment')}`, '--to', join(base, 'to')], /copies all calls/],
      [['--store', 'memory', '--to', join(base, 'to')], /memory/],
    ] as const) {
      const { code, stderr } = await runNext(['calls', 'backup', ...args]);
      expect(code, stderr).to.not.equal(0);
      expect(stderr).to.match(rule);
    }
    expect(await readdir(base)).to.have.members(before);
  });
});
