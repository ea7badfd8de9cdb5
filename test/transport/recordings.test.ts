import { assert } from 'chai';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { isCallError } from '../../src/errors.ts';
import { folderRecordings } from '../../src/transport/recordings-folder.ts';
import { memoryRecordings } from '../../src/transport/recordings-memory.ts';
import type { RecordingStore } from '../../src/transport/recordings.ts';

const codeOf = async (attempt: () => unknown) => {
  try {
    await attempt();
  } catch (error) {
    if (isCallError(error)) return error.code;
    throw error;
  }
  return 'none';
};
const bytesOf = async (store: RecordingStore, ref: string) => Buffer.concat((await store.open(ref).toArray()) as Buffer[]);
const sound = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
const spoken = (bytes = sound) => Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)], { objectMode: false });

describe('recordings', () => {
  let folder = '';
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'callchart-recordings-')), 'kept');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

  for (const [name, make] of [
    ['in a folder', (maxBytes: number) => folderRecordings({ folder, maxBytes })],
    ['in memory', (maxBytes: number) => memoryRecordings({ maxBytes })],
  ] as const) {
    it(`${name} come back to the byte, until they are removed`, async () => {
      const store = make(1_000_000);
      const { ref, bytes } = await store.save(spoken());
      assert.equal(bytes, sound.length);
      assert.isTrue((await bytesOf(store, ref)).equals(sound));
      await store.remove(ref);
      await store.remove(ref);
      assert.equal(await codeOf(() => bytesOf(store, ref)), 'ERR_STORE_UNAVAILABLE');
    });

    it(`${name} may be empty, and as long as the limit, and no longer`, async () => {
      const store = make(sound.length);
      assert.equal((await store.save(Readable.from([]))).bytes, 0);
      assert.equal((await store.save(spoken())).bytes, sound.length);
      assert.equal(await codeOf(() => store.save(spoken(Buffer.concat([sound, sound])))), 'ERR_BODY_TOO_LARGE');
    });
  }

  it('have refs that tell nothing and that nobody can guess', async () => {
    const store = folderRecordings({ folder, maxBytes: 10 });
    const refs = await Promise.all([1, 2, 3].map(async () => (await store.save(Readable.from([Buffer.from('a')]))).ref));
    assert.equal(new Set(refs).size, 3);
    assert.deepEqual((await readdir(folder)).sort(), refs.sort());
  });

  it('leave no partial file when a recording is too long or the caller\'s line breaks', async () => {
    const store = folderRecordings({ folder, maxBytes: 100_000 });
    assert.equal(await codeOf(() => store.save(spoken())), 'ERR_BODY_TOO_LARGE');
    const broken = Readable.from((async function* () { yield sound.subarray(0, 10); throw new Error('ECONNRESET'); })());
    assert.equal(await codeOf(() => store.save(broken)), 'ERR_STORE_UNAVAILABLE');
    const gone = new Readable({ read() {} });
    gone.destroy();
    assert.equal(await codeOf(() => store.save(gone)), 'ERR_STORE_UNAVAILABLE');
    assert.isEmpty(await readdir(folder));
  });

  it('are not looked for outside their folder', async () => {
    const store = folderRecordings({ folder, maxBytes: 10 });
    await store.save(Readable.from([Buffer.from('a')]));
    await writeFile(join(folder, '..', 'secret'), 'x');
    for (const ref of ['', '.', '../secret', '..\\secret', join(folder, '..', 'secret'), 'a\u0000b', `${'0'.repeat(36)}/../../secret`]) {
      assert.equal(await codeOf(() => bytesOf(store, ref)), 'ERR_STORE_UNAVAILABLE', ref);
      await store.remove(ref);
    }
    assert.include(await readdir(join(folder, '..')), 'secret');
  });

  it('say so when the folder cannot be written, and work again when it can', async () => {
    await writeFile(folder, 'a file stands where the folder should');
    const store = folderRecordings({ folder, maxBytes: 10 });
    assert.equal(await codeOf(() => store.save(Readable.from([Buffer.from('a')]))), 'ERR_STORE_UNAVAILABLE');
    await rm(folder);
    assert.equal((await store.save(Readable.from([Buffer.from('a')]))).bytes, 1);
  });

  it('clear away what a killed process left half-written, and not what another writes now', async () => {
    await folderRecordings({ folder, maxBytes: 10 }).save(Readable.from([]));
    const [old, now] = ['11111111-1111-4111-8111-111111111111.part', '22222222-2222-4222-8222-222222222222.part'];
    for (const name of [old, now]) await writeFile(join(folder, name), 'x');
    await utimes(join(folder, old), new Date(0), new Date(0));
    await folderRecordings({ folder, maxBytes: 10 }).save(Readable.from([]));
    const names = await readdir(folder);
    assert.notInclude(names, old);
    assert.include(names, now);
  });

  it('want a folder and a limit', async () => {
    assert.equal(await codeOf(() => folderRecordings({ folder: '', maxBytes: 1 })), 'ERR_OPTION_INVALID');
    for (const maxBytes of [0, -1, NaN]) assert.equal(await codeOf(() => folderRecordings({ folder, maxBytes })), 'ERR_OPTION_INVALID');
  });
});
