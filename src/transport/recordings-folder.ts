/**
 * Recordings in a folder — one file a recording, there as a whole or not at all.
 *
 * A recording is written under a temporary name, synced to the disk, and only then renamed to its ref.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CallError } from '../errors.ts';
import type { RecordingStore } from './recordings.ts';

/** Where recordings are kept, and how long one may be. */
export interface FolderRecordingsOptions {
  /** Made when the first recording comes. */
  readonly folder: string;
  readonly maxBytes: number;
}

/** Keeps recordings as files of `folder`. A ref is a random id, or that of the service: the name of a file and never a path. */
export function folderRecordings({ folder, maxBytes }: FolderRecordingsOptions): RecordingStore {
  if (folder === '') throw new CallError('ERR_OPTION_INVALID', 'Recordings need a folder.', { option: 'folder' });
  if (!(maxBytes > 0)) throw new CallError('ERR_OPTION_INVALID', 'The longest recording is a number of bytes above 0.', { option: 'maxBytes' });
  let ready: Promise<void> | undefined;

  return {
    async save(bytes, ref = randomUUID()) {
      if (!isRef(ref)) throw new CallError('ERR_STORE_UNAVAILABLE', 'This cannot be the name of a recording.', { reason: 'write' });
      const partial = join(folder, `${ref}.${randomUUID()}.part`);
      try {
        await (ready ??= prepare(folder));
        const total = await write(partial, bytes, maxBytes);
        await rename(partial, join(folder, ref));
        await syncFolder(folder);
        return { ref, bytes: total };
      } catch (error) {
        ready = undefined; // the folder may be gone
        bytes.destroy();
        await rm(partial, { force: true }).catch(() => {});
        throw error instanceof CallError ? error : unavailable(error, 'write');
      }
    },
    open: (ref) => Readable.from(read(folder, ref), { objectMode: false }),
    async remove(ref) {
      if (!isRef(ref)) return;
      await rm(join(folder, ref), { force: true }).catch((error: unknown) => {
        throw unavailable(error, 'write');
      });
    },
  };
}

const isRef = (ref: string): boolean => /^[\w-]{1,128}$/.test(ref);

/** Makes the folder, and clears away what a killed process left half-written over an hour ago. */
async function prepare(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (!/^[\w.-]+\.part$/.test(name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > 3_600_000) await rm(path, { force: true });
  }
}

async function write(path: string, bytes: Readable, maxBytes: number): Promise<number> {
  const file: FileHandle = await open(path, 'wx', 0o600);
  try {
    let total = 0;
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > maxBytes) throw tooLarge(maxBytes);
      await file.appendFile(chunk);
    }
    await file.sync();
    return total;
  } finally {
    await file.close();
  }
}

/** Makes the rename itself survive a power cut. Not every system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

async function* read(folder: string, ref: string): AsyncGenerator<Buffer> {
  if (!isRef(ref)) throw new CallError('ERR_STORE_UNAVAILABLE', 'There is no such recording.', { reason: 'read' });
  try {
    for await (const chunk of createReadStream(join(folder, ref)) as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    throw unavailable(cause, 'read');
  }
}

const tooLarge = (limitBytes: number) => new CallError('ERR_BODY_TOO_LARGE', `A recording is longer than ${limitBytes} bytes.`, { limitBytes });

function unavailable(cause: unknown, verb: 'read' | 'write'): CallError<'ERR_STORE_UNAVAILABLE'> {
  const code = (cause as { code?: unknown } | undefined)?.code;
  const reason = code === 'ENOSPC' || code === 'EDQUOT' ? 'full' : verb;
  return new CallError('ERR_STORE_UNAVAILABLE', `The folder of recordings could not be ${verb === 'read' ? 'read' : 'written'}.`, { reason }, { cause });
}
