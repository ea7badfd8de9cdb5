import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type LmdbStore, lmdbStore } from '../../../src/transport/engines/lmdb.ts';
import { allDue, allIds, failureOf } from './kit.ts';
import { lmdbFolders, startChild } from './lmdb-folders.ts';

const { newFolder, inBase } = lmdbFolders();

const commitAll = (store: LmdbStore, calls: number, revision: number): Promise<unknown> =>
  Promise.all(Array.from({ length: calls }, (_, call) => store.commit(`call ${call}`, revision - 1, { revision, text: `${call} ${revision} ${'x'.repeat((call * 37) % 3_000)}`, dueAt: call, expiresAt: 2 * call })));

describe('a store on disk is backed up while it is used', () => {
  it('by this process and another one: every call that was committed before is in the copy, whole, and the copy goes on as a store', async () => {
    for (const durability of ['flushed', 'process'] as const) {
      const folder = newFolder();
      const store = await lmdbStore({ folder, durability });
      await commitAll(store, 400, 1);
      await store.commit('x'.repeat(600), 0, { revision: 1, text: 'of a long id' });
      const child = startChild(folder, 'write', durability, 'theirs ');
      const theirs = new Map<string, number>();
      const told = (async () => {
        for await (const line of child.lines) {
          const cut = line.lastIndexOf(' ');
          theirs.set(line.slice(0, cut), Number(line.slice(cut + 1)));
        }
      })();
      while (theirs.size < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      let revision = 1;
      let stops = false;
      const writing = (async () => {
        while (!stops) await commitAll(store, 400, (revision += 1));
      })();
      for (let round = 0; round < 2; round += 1) {
        const before = { theirs: new Map(theirs), ours: revision - 1 };
        const to = join(newFolder(), 'below', `copy ${round}`);
        await store.backup(to);
        const copy = await lmdbStore({ folder: to, durability });
        for (let call = 0; call < 400; call += 1) {
          const found = await copy.load(`call ${call}`);
          expect(found?.revision).to.be.at.least(Math.max(1, before.ours));
          expect(found?.text.startsWith(`${call} ${found.revision} `)).to.equal(true);
        }
        for (const [call, acknowledged] of before.theirs) expect((await copy.load(call))?.revision).to.be.at.least(acknowledged);
        expect(await allIds(copy, '', 100)).to.have.length(404);
        expect(await allDue(copy, Infinity, 100)).to.have.length(403);
        const last = await copy.load('call 7');
        expect(await copy.commit('call 7', last!.revision, { revision: last!.revision + 1, text: 'and on' })).to.equal(true);
        expect(await copy.expire(100, 10_000), 'ours to call 50 but for call 7, and theirs where they have not come far').to.be.at.least(50);
        await copy.close();
        expect(await readdir(dirname(to)), 'nothing is left beside it').to.deep.equal([`copy ${round}`]);
      }
      stops = true;
      await writing;
      child.kill('SIGKILL');
      await told;
      await store.close();
    }
  });

  it('and has no room of what has gone', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder });
    await commitAll(store, 2_000, 1);
    while ((await store.expire(3_600, 500)) > 0) continue;
    const to = newFolder();
    await mkdir(to); // an empty folder is as good as none
    await store.backup(to);
    expect(statSync(join(to, 'data.mdb')).size).to.be.below(statSync(join(folder, 'data.mdb')).size / 4);
    const copy = await lmdbStore({ folder: to });
    expect(await allIds(copy, '', 100)).to.have.length(199);
    await copy.close();
    await store.close();
  });

  it('a store that is closed meanwhile waits until its copy is done', async () => {
    const store = await lmdbStore({ folder: newFolder() });
    await commitAll(store, 1_000, 1);
    const to = newFolder();
    const copying = store.backup(to);
    await store.close();
    await copying;
    const copy = await lmdbStore({ folder: to });
    expect(await allIds(copy, '', 500)).to.have.length(1_000);
    await copy.close();
    expect(await failureOf(store.backup(newFolder()))).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'read' });
  });

  it('a place where something is already is refused, and what is there stays', async () => {
    const folder = newFolder();
    const store = await lmdbStore({ folder });
    await store.commit('a', 0, { revision: 1, text: 'one' });
    const [taken, file] = [newFolder(), inBase('a file')];
    await mkdir(taken);
    await writeFile(join(taken, 'mine'), 'mine');
    await writeFile(file, 'mine');
    for (const to of [taken, file, folder]) {
      const failure = await failureOf(store.backup(to));
      expect(failure).to.include({ code: 'ERR_STORE_UNAVAILABLE', reason: 'open' });
      expect(failure.message).to.include(to).and.to.match(/give a folder that is not there yet/);
    }
    const failure = await failureOf(store.backup(join(file, 'below')));
    expect(failure).to.include({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(await store.load('a')).to.deep.equal({ revision: 1, text: 'one' });
    await store.close();
  });

  it('a disk that takes no more is told of, and nothing that looks like a copy is left', async function () {
    if (process.platform === 'win32') this.skip(); // no limit on the size of files there
    const folder = newFolder();
    const store = await lmdbStore({ folder });
    await commitAll(store, 2_000, 1);
    await store.close();
    const file = fileURLToPath(new URL('lmdb-child.ts', import.meta.url));
    const to = join(inBase('full'), 'copy');
    const child = spawn('sh', ['-c', `trap '' XFSZ; ulimit -f 1000; exec "$0" --import tsx -C @callchart/source "$1" "$2" backup "$3"`, process.execPath, file, folder, to], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) lines.push(line);
    if (child.exitCode === null) await once(child, 'exit');
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/^ERR_STORE_UNAVAILABLE (full|write) .*cannot be copied to/);
    expect(await readdir(inBase('full'))).to.deep.equal([]);
  });
});
